"""The OpenAPI document of the test plane is true: generated requests get the answers that it promises."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    response_schema_conformance,
    status_code_conformance,
)

from sandtable.serving.assembly import make_worlds
from sandtable.settings.settings import Settings
from sandtable.web.app import create_app

pytestmark = pytest.mark.ours("test-plane.json describes the test plane as it is")

WORLDS = make_worlds(Settings(random_seed=1))
# Archives are sent to that one by test_saving.py; nobody can generate them.
SCHEMA = schemathesis.openapi.from_wsgi("/_sandtable/openapi.json", create_app(WORLDS)).exclude(
    method="PUT", path="/snapshots/{name}/file"
)
CHECKS = (
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
    negative_data_rejection,
)
KNOWN = {"table": "incident", "sys_id": "6816f79cc0a8016401c5a33be04be441", "name": "dev00000", "fault": "fault-1"}


def test_the_page_is_what_is_served() -> None:
    page = Path(__file__).parents[2] / "docs" / "test-plane.json"
    assert SCHEMA.raw_schema == json.loads(page.read_text(encoding="utf-8"))


@SCHEMA.parametrize()
@settings(
    max_examples=10,
    deadline=None,
    derandomize=True,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)
def test_generated_requests_get_the_promised_answers(case: Any) -> None:
    for name in case.path_parameters or {}:
        if name in KNOWN and len(str(case.path_parameters[name])) % 2:
            case.path_parameters[name] = KNOWN[name]
    try:
        answer = case.call_and_validate(headers={"Accept-Encoding": "identity"}, checks=list(CHECKS))
        assert "there is no /" not in answer.text, "the request reached no operation"
    finally:
        world = WORLDS.world(WORLDS.default.name)
        world.faults.clear()
        for name in WORLDS.names()[1:]:
            WORLDS.drop(name)
        for saved in world.snapshots.all():
            world.snapshots.remove(saved.name)


# Container health checks may call by any name. Not whether what the schema allows is accepted: nothing is.
@SCHEMA.exclude(path_regex="^/health/").parametrize()
@settings(
    max_examples=1, deadline=None, derandomize=True, phases=[Phase.generate], suppress_health_check=list(HealthCheck)
)
def test_a_name_that_is_not_the_servers_gets_the_promised_refusal(case: Any) -> None:
    answer = case.call_and_validate(base_url="http://elsewhere.example.com/_sandtable", checks=list(CHECKS[:4]))
    assert (answer.status_code, answer.json()["error"]["field"]) == (403, "Host")
