"""docs/openapi.json is current, complete, and true."""

from __future__ import annotations

import base64
import importlib.util
import json
import re
from collections.abc import Callable, Iterable
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from sandtable.core.applications import application
from sandtable.core.platform.instance import Instance
from sandtable.serving.assembly import create_instance
from sandtable.web.app import create_app
from sandtable.web.worlds.worlds import Worlds

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

pytestmark = pytest.mark.ours("docs/openapi.json describes the simulated APIs as they are")
DOCS = Path(__file__).parents[2] / "docs"
# The keys of tokens are described with OAuth; what applications of the store bring along, with them; what only the
# vendor's own tool asks is documented nowhere.
DESCRIBED = re.compile(
    r"/api/now/(?!oauth/|(?:wfa_fluent|appcreator|syntax_editor)/|table/<table>\.do).*|/api/sn_sc/.*"
)
# The transport in process does not unpack what it says it accepts.
ADMIN = {"Authorization": "Basic " + base64.b64encode(b"admin:admin").decode(), "Accept-Encoding": "identity"}


def generator() -> ModuleType:
    spec = importlib.util.spec_from_file_location("generate_openapi", DOCS / "generate_openapi.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_document_is_current() -> None:
    module = generator()
    assert module.PAGE.read_text(encoding="utf-8") == module.text(), "run: python docs/generate_openapi.py"


def test_every_route_is_described_and_the_other_way_round() -> None:
    instance = create_instance(random_seed=1)
    app = create_app(Worlds(instance))
    routed = {
        re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule.rule)
        for rule in app.url_map.iter_rules()
        if "<int:version>" not in rule.rule and DESCRIBED.fullmatch(rule.rule)
    }
    # One route serves two more paths that the product documents apart.
    routed |= {"/api/now/import/{table}/insertMultiple", "/api/now/attachment/file", "/api/now/attachment/upload"}
    routed |= {resource.path for resource in application.resources(instance) if DESCRIBED.fullmatch(resource.path)}
    assert set(generator().description()["paths"]) == routed
    instance.close()


class Served:
    """The application, and the document beside it."""

    def __init__(self, app: WSGIApplication) -> None:
        self._app = app
        self._document = (DOCS / "openapi.json").read_bytes()

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        if environ["PATH_INFO"] == "/openapi.json":
            start_response("200 OK", [("Content-Type", "application/json")])
            return [self._document]
        return self._app(environ, start_response)


def no_unexpected_server_error(context: Any, response: Any, case: Any) -> bool | None:
    """Fail on a 5xx, unless the operation promises it and it is the product's own error over attributes of no use."""
    promised = case.operation.definition.raw["responses"]
    if response.status_code == 500 and "500" in promised:
        assert response.json()["error"]["message"].startswith("Exception while executing request: ")
        return None
    return not_a_server_error(context, response, case)


INSTANCE: Instance = create_instance(random_seed=1)
SCHEMA = schemathesis.openapi.from_wsgi("/openapi.json", Served(create_app(Worlds(INSTANCE))))
# Not whether bad data is refused: the product ignores what it does not know, and takes nearly any value for any column.
CHECKS = (
    no_unexpected_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
)
KNOWN: dict[str, list[str]] = {
    "table": ["incident", "sys_user", "cmdb_ci", "sys_properties", "nosuch", "imp_notification"],
    "class_name": ["cmdb_ci_linux_server", "cmdb_ci", "incident"],
    "sys_id": [
        "6816f79cc0a8016401c5a33be04be441",
        "04b7e94b4f7b4200086eeed18110c7fd",
        "e0d08b13c3330100c8b837659bba8fb4",
        "0" * 32,
    ],
    "table_name": ["sys_user", "incident"],
    "table_sys_id": ["6816f79cc0a8016401c5a33be04be441"],
    "sysparm_query": ["active=true^ORDERBYsys_id", "nameLIKEa^NQnameISEMPTY", "sys_created_on>2020-01-01"],
    "sysparm_group_by": ["state", "active,sys_created_by"],
    "sysparm_fields": ["sys_id,name", "caller_id.name,nosuch"],
}


def with_known_values(case: Any, draw: Callable[[int], int]) -> None:
    """Put values that mean something in the place of half of the generated ones; noise alone finds no records."""
    for values in (case.path_parameters, case.query):
        for name in values or {}:
            if name in KNOWN and draw(2):
                values[name] = KNOWN[name][draw(len(KNOWN[name]))]


@SCHEMA.parametrize()
@settings(
    max_examples=8,
    deadline=None,
    derandomize=True,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)
def test_generated_requests_get_the_promised_answers(case: Any) -> None:
    noise = json.dumps([case.path_parameters, case.query], default=str, sort_keys=True)
    state = sum(noise.encode("utf-8", "replace"))

    def draw(count: int) -> int:
        nonlocal state
        state = (state * 1103515245 + 12345) % 2**31
        return (state >> 16) % count

    with_known_values(case, draw)
    snapshot = INSTANCE.snapshot()
    try:
        case.call_and_validate(headers=ADMIN, checks=list(CHECKS))
    finally:
        INSTANCE.restore(snapshot)
        INSTANCE.release(snapshot)
