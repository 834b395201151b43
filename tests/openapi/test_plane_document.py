"""docs/test-plane.json is true: generated requests to the test plane get what it promises."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from sandtable.serving.assembly import make_worlds
from sandtable.settings.settings import Settings
from sandtable.web.app import create_app

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

pytestmark = pytest.mark.ours("docs/test-plane.json describes the test plane as it is")
DOCUMENT = Path(__file__).parents[2] / "docs" / "test-plane.json"
# No request is generated for a body that is a ZIP archive.
URL = "http://localhost/_sandtable"
SCHEMALESS = "put_snapshots_name_file"


class Served:
    """The application, and below the prefix of the plane the document beside it."""

    def __init__(self, app: WSGIApplication) -> None:
        self._app = app
        self._document = DOCUMENT.read_bytes()

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        if environ["PATH_INFO"] == "/document.json":
            start_response("200 OK", [("Content-Type", "application/json")])
            return [self._document]
        return self._app(environ, start_response)


WORLDS = make_worlds(Settings(random_seed=3))
SCHEMA = schemathesis.openapi.from_wsgi("/document.json", Served(create_app(WORLDS))).exclude(operation_id=SCHEMALESS)
# Not whether what the schema allows is accepted: a table, a query, two fields that exclude each other are beyond it.
CHECKS = (not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance)


@SCHEMA.parametrize()
@settings(
    max_examples=10,
    deadline=None,
    derandomize=True,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)
def test_generated_requests_to_the_plane_get_the_promised_answers(case: Any) -> None:
    try:
        answer = case.call_and_validate(base_url=URL, checks=list(CHECKS))
        assert "there is no /" not in answer.text, "the request reached no operation"
    finally:
        for name in WORLDS.names()[1:]:
            WORLDS.drop(name)


# Container health checks may call by any name.
@SCHEMA.exclude(path_regex="^/health/").parametrize()
@settings(
    max_examples=1, deadline=None, derandomize=True, phases=[Phase.generate], suppress_health_check=list(HealthCheck)
)
def test_a_name_that_is_not_the_servers_gets_the_promised_refusal(case: Any) -> None:
    answer = case.call_and_validate(base_url="http://elsewhere.example.com/_sandtable", checks=list(CHECKS))
    assert (answer.status_code, answer.json()["error"]["field"]) == (403, "Host")
