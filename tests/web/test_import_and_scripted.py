"""The Import Set API, and the resources that applications declare."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from sandtable.core.applications.scripted_resources import Resource, ScriptRequest, ScriptResponse
from sandtable.core.platform.instance import Instance
from sandtable.core.values.errors import ScriptError

if TYPE_CHECKING:
    from tests.web.conftest import Wire

STAGING = "x_elas2_inc_int_elastic_incident"
IMPORT = f"/api/now/import/{STAGING}"
HEALTH = "/api/x_elas2_inc_int/elastic_api/health"
INTEGRATION = ("elastic.integration", "elastic-integration")


@pytest.mark.parametrize("version", ["", "/v1"])
@pytest.mark.documented("ServiceNow docs, Import Set API: the outcome stands beside result, unwrapped")
def test_one_row(wire: Wire, version: str) -> None:
    path = f"/api/now{version}/import/{STAGING}"
    answer = wire.post(path, auth=INTEGRATION, json={"u_short_description": "from outside", "nosuch": "x"})
    assert answer.status_code == 201
    content = answer.json()
    assert set(content) == {"import_set", "staging_table", "result"}
    assert content["import_set"].startswith("ISET")
    assert content["staging_table"] == STAGING
    entry = content["result"][0]
    assert (entry["status"], entry["table"], entry["display_name"]) == ("inserted", "incident", "number")
    assert entry["record_link"] == f"{wire.base_url}/api/now{version}/table/incident/{entry['sys_id']}"
    assert (
        wire.get(entry["record_link"].removeprefix(wire.base_url)).json()["result"]["number"] == entry["display_value"]
    )
    again = wire.get(answer.headers["Location"].removeprefix(wire.base_url), auth=INTEGRATION)
    assert again.status_code == 200
    assert again.json()["result"][0]["sys_id"] == entry["sys_id"]


@pytest.mark.documented("ServiceNow docs, Import Set API: insertMultiple answers with ids only")
def test_many_rows(wire: Wire, instance: Instance) -> None:
    rows = {"records": [{"u_short_description": "one"}, {"u_short_description": "two"}]}
    answer = wire.post(f"{IMPORT}/insertMultiple", json=rows)
    assert answer.status_code == 201
    assert set(answer.json()) == {"import_set_id", "multi_import_set_id"}
    assert all(len(value) == 32 for value in answer.json().values())


@pytest.mark.parametrize("body", [{}, {"records": "x"}, {"records": [1]}, []])
@pytest.mark.assumed("a body without records is a bad request")
def test_many_rows_need_records(wire: Wire, body: Any) -> None:
    answer = wire.post(f"{IMPORT}/insertMultiple", json=body)
    assert (answer.status_code, answer.json()["status"]) == (400, "failure")


@pytest.mark.parametrize(
    "verb, path, status",
    [
        ("GET", f"{IMPORT}/{'0' * 32}", 404),
        ("GET", IMPORT, 405),
        ("PUT", f"{IMPORT}/x", 405),
        ("GET", f"{IMPORT}/insertMultiple", 405),
        ("POST", "/api/now/import/nosuch", 400),
    ],
)
@pytest.mark.documented("ServiceNow docs, Import Set API: status codes")
def test_import_refusals(wire: Wire, verb: str, path: str, status: int) -> None:
    answer = wire.request(verb, path, json={})
    assert (answer.status_code, answer.json()["status"]) == (status, "failure")


@pytest.mark.recorded("a client's answer of the application's health resource")
def test_health(wire: Wire) -> None:
    answer = wire.get(HEALTH, auth=INTEGRATION)
    assert answer.status_code == 200
    assert set(answer.json()["result"]) >= {"name", "scope", "version"}
    assert wire.get(HEALTH.replace("/elastic_api", "/v1/elastic_api"), auth=INTEGRATION).status_code == 200
    assert wire.get(HEALTH, auth=None).status_code == 401
    assert wire.get(HEALTH, auth=("abel.tuter", "abel.tuter")).status_code in (401, 403)
    assert wire.delete(HEALTH, auth=INTEGRATION).status_code == 405


def scripted(request: ScriptRequest) -> Any:
    how = request.query.get("how", "")
    if how == "raw":
        return ScriptResponse(200, "plain text", raw=True)
    if how == "list":
        return ScriptResponse(200, ["a"], raw=True)
    if how == "empty":
        return ScriptResponse(204)
    if how == "status":
        return ScriptResponse(418, {"a": 1}, {"X-Mine": "yes\r\nX-Injected: 1"})
    if how == "error":
        raise ScriptError("It broke", "line 7")
    return {"id": request.path_parameters["id"], "body": request.body, "user": request.session.user_name}


@pytest.fixture
def with_script(instance: Instance, monkeypatch: pytest.MonkeyPatch) -> None:
    resources = (
        Resource("POST", "/api/x_test/svc/item/{id}", scripted, service="Test API [x_test/svc]", scope="x_test"),
        Resource("GET", "/api/x_test/svc/item/{id}", scripted, requires_authentication=False),
        Resource("PUT", "/api/x_test/svc/item/{id}", scripted, roles=("x_test.user",)),
    )
    monkeypatch.setattr("sandtable.core.applications.application.resources", lambda instance: resources)


@pytest.mark.usefixtures("with_script")
@pytest.mark.parametrize(
    "verb, query, status, content",
    [
        ("POST", "", 200, {"result": {"id": "7", "body": {"b": 1}, "user": "admin"}}),
        ("POST", "?how=status", 418, {"result": {"a": 1}}),
        ("POST", "?how=list", 200, ["a"]),
        ("POST", "?how=error", 500, {"error": {"message": "It broke", "detail": "line 7"}, "status": "failure"}),
        ("PUT", "", 200, {"result": {"id": "7", "body": {"b": 1}, "user": "admin"}}),
    ],
)
@pytest.mark.documented("ServiceNow docs, scripted REST: the answer of a script, and the envelope of its error")
def test_scripts(wire: Wire, verb: str, query: str, status: int, content: Any) -> None:
    answer = wire.request(verb, f"/api/x_test/svc/item/7{query}", json={"b": 1})
    assert (answer.status_code, answer.json()) == (status, content)
    assert "X-Injected" not in answer.headers


@pytest.mark.usefixtures("with_script")
@pytest.mark.documented("ServiceNow docs, scripted REST: authentication and roles are the resource's own choice")
def test_who_may_run_a_script(wire: Wire) -> None:
    assert wire.get("/api/x_test/svc/item/7", auth=None).json()["result"]["user"] == "guest"
    assert wire.post("/api/x_test/svc/item/7", auth=None).status_code == 401
    refused = wire.put("/api/x_test/svc/item/7", auth=("itil", "itil"), json={})
    assert (refused.status_code, refused.json()["error"]["detail"]) == (403, "Failed API level ACL Validation")
    assert wire.get("/api/x_test/svc/item/7?how=raw").text == "plain text"
    assert wire.get("/api/x_test/svc/item/7?how=empty").status_code == 204
    assert wire.patch("/api/x_test/svc/item/7", json={}).status_code == 405
