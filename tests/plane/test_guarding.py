"""Who may use the test plane, and that what it describes of itself is what it does."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import requests

from sandtable.faults.catalogue import CATALOGUE
from sandtable.library.in_process import session_for
from sandtable.library.plane_client import PlaneClient, PlaneRefusal
from sandtable.serving.assembly import create_instance
from sandtable.settings.settings import Settings
from sandtable.web.app import create_app
from sandtable.web.plane.catalogue import OPERATIONS
from sandtable.web.worlds.worlds import Worlds

pytestmark = pytest.mark.ours("the test plane can be closed, and describes itself truly")

URL = "http://dev00000.example.com"
TOKEN = "test-only-token"


@pytest.fixture(scope="module")
def shared() -> Worlds:
    return Worlds(create_instance(random_seed=1))


@pytest.fixture
def guarded(shared: Worlds) -> Iterator[requests.Session]:
    app = create_app(shared, Settings(plane_token=TOKEN))
    with session_for(app, URL) as session:
        yield session


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda each: each.name)
def test_every_operation_asks_for_the_token(guarded: requests.Session, operation: Any) -> None:
    path = operation.path.replace("{", "").replace("}", "")
    for headers in ({}, {"X-Sandtable-Token": "wrong"}, {"Authorization": "Bearer wrong"}):
        answer = guarded.request(operation.method, f"{URL}/_sandtable{path}", headers=headers)
        assert answer.status_code == 401
        assert answer.json()["error"]["field"] == "X-Sandtable-Token"
        assert TOKEN not in answer.text


def test_the_token_opens_the_plane_and_health_needs_none(guarded: requests.Session) -> None:
    assert PlaneClient(URL, session=guarded, token=TOKEN).info()["product"] == "sandtable"
    bearer = guarded.get(f"{URL}/_sandtable/info", headers={"Authorization": f"Bearer {TOKEN}"})
    assert bearer.status_code == 200
    assert guarded.get(f"{URL}/_sandtable/health/live").status_code == 200
    with pytest.raises(PlaneRefusal) as caught:
        PlaneClient(URL, session=guarded).info()
    assert caught.value.status == 401


def test_a_closed_plane_is_not_there(shared: Worlds) -> None:
    with session_for(create_app(shared, Settings(plane=False)), URL) as session:
        for operation in OPERATIONS:
            path = operation.path.replace("{", "").replace("}", "")
            assert session.request(operation.method, f"{URL}/_sandtable{path}").status_code == 404
        assert session.get(f"{URL}/_sandtable/health/ready").status_code == 200


def test_a_page_of_another_site_may_not_use_the_plane(plane: Any) -> None:
    foreign = plane.raw("POST", "/reset", headers={"Origin": "https://evil.example"})
    assert foreign.status_code == 403
    assert foreign.json()["error"]["field"] == "Origin"
    assert plane.raw("POST", "/reset", headers={"Origin": "null"}).status_code == 403
    host = plane.base_url.partition("://")[2].partition(":")[0]
    for beside in (f"http://{host}:9", f"http://{host}.evil.example", f"http://evil.{host}"):
        assert plane.raw("POST", "/reset", headers={"Origin": beside}).status_code == 403, (
            "another port is another site"
        )
    own = plane.raw("POST", "/reset", headers={"Origin": plane.base_url})
    assert own.status_code == 200


def test_the_description_lists_every_operation_and_fault(plane: Any) -> None:
    described = plane.raw("GET", "/openapi.json").json()
    listed = {(method.upper(), path) for path, methods in described["paths"].items() for method in methods}
    assert {(each.method, each.path) for each in OPERATIONS} <= listed
    assert described["openapi"].startswith("3.1")
    names = [
        each["operationId"]
        for methods in described["paths"].values()
        for each in methods.values()
        if "operationId" in each
    ]
    assert len(names) == len(set(names))
    fault = described["components"]["schemas"]["Fault"]
    assert fault["properties"]["fault"]["enum"] == [each.kind for each in CATALOGUE]
    for each in described["paths"].values():
        for operation in each.values():
            named = {found["name"] for found in operation.get("parameters", []) if found["in"] == "path"}
            assert operation["summary"]
            assert operation["responses"]
            assert all(f"{{{name}}}" in str(described["paths"].keys()) for name in named)


def references(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for name, each in value.items():
            if name == "$ref":
                yield each
            yield from references(each)
    elif isinstance(value, list):
        for each in value:
            yield from references(each)


def test_every_reference_in_the_description_leads_somewhere(plane: Any) -> None:
    described = plane.raw("GET", "/openapi.json").json()
    found = list(references(described))
    assert found
    for reference in found:
        place: Any = described
        for part in reference.removeprefix("#/").split("/"):
            place = place[part]


def test_an_unknown_path_of_the_plane_is_a_404(plane: Any) -> None:
    assert plane.raw("GET", "/nothing").status_code == 404
    assert plane.raw("DELETE", "/info").status_code == 405


def test_the_client_names_who_did_not_answer() -> None:
    with pytest.raises(PlaneRefusal, match="nobody answers at http://127.0.0.1:9"):
        PlaneClient("http://127.0.0.1:9").info()


@pytest.mark.parametrize(
    "body, field",
    [
        ({}, "fault"),
        ({"fault": "nonsense"}, "fault"),
        ({"fault": 7}, "fault"),
        ({"fault": "latency", "script": ["pass"]}, "fault"),
        ({"fault": "latency", "wiht": {}}, "wiht"),
        ({"fault": "latency", "with": {"second": 1}}, "with.second"),
        ({"fault": "latency", "with": {"seconds": -1}}, "with.seconds"),
        ({"fault": "latency", "with": {"seconds": True}}, "with.seconds"),
        ({"fault": "latency", "with": {"distribution": "odd"}}, "with.distribution"),
        ({"fault": "latency", "with": {"distribution": "normal"}}, "with.spread"),
        ({"fault": "latency", "with": []}, "with"),
        ({"fault": "wrong-content-type", "with": {"content_type": "a\r\nb: c"}}, "with.content_type"),
        ({"fault": "latency", "when": {"verb": "GET"}}, "when.verb"),
        ({"fault": "latency", "when": {"path": "api"}}, "when.path"),
        ({"fault": "latency", "times": 0}, "times"),
        ({"fault": "latency", "times": 1.5}, "times"),
        ({"fault": "latency", "nth": [0]}, "nth[0]"),
        ({"fault": "latency", "nth": 3}, "nth"),
        ({"fault": "latency", "nth": [1], "times": 2}, "nth"),
        ({"fault": "latency", "probability": 1.1}, "probability"),
        ({"fault": "latency", "name": 1}, "name"),
        ({"script": []}, "script"),
        ({"script": ["latency", "nonsense"]}, "script[1].fault"),
        ({"script": [{"fault": "latency", "with": {"x": 1}}]}, "script[0].with.x"),
        ({"script": [{"fault": "latency", "times": 1}]}, "script[0].times"),
        ([], "body"),
    ],
)
def test_a_bad_fault_is_refused_by_field_and_not_planned(plane: Any, body: Any, field: str) -> None:
    answer = plane.raw("POST", "/faults", json=body)
    error = answer.json()["error"]
    assert answer.status_code == 422
    assert error["field"] == field
    assert error["problem"]
    assert error["fix"]
    assert plane.control.faults() == []


def test_faults_are_listed_replaced_and_taken_back(plane: Any) -> None:
    first = plane.control.add_fault("latency", {"seconds": 0.0}, when={"table": "incident"}, name="slow")
    second = plane.control.add_script("rate-limited", "pass")
    plane.call("GET", "/api/now/table/incident")
    listed = plane.control.faults()
    assert [each["id"] for each in listed] == [first["id"], second["id"]]
    assert listed[0] | {"matched": 1, "fired": 1} == listed[0]
    assert listed[0]["name"] == "slow"
    assert listed[0]["when"] == {"table": "incident"}
    assert listed[1]["script"] == [{"fault": "rate-limited", "with": {}}, "pass"]
    replaced = plane.control.call("PUT", f"/faults/{first['id']}", {"fault": "unavailable"})
    assert (replaced["id"], replaced["fired"]) == (first["id"], 0)
    plane.control.remove_fault(second["id"])
    assert plane.call("GET", "/api/now/table/incident").status_code == 503
    plane.control.clear_faults()
    assert plane.call("GET", "/api/now/table/incident").status_code == 200
    for method, path in (("DELETE", "/faults/none"), ("GET", "/faults/none")):
        assert plane.raw(method, path).status_code == 404
    assert plane.raw("PUT", "/faults/none", json={"fault": "latency"}).status_code == 404


def test_what_is_listed_can_be_planned_again(plane: Any) -> None:
    for kind in plane.control.fault_kinds():
        shown = plane.control.add_fault(kind["fault"], times=2, probability=0.5)
        again = {name: shown[name] for name in ("fault", "with", "times", "probability")}
        assert plane.control.call("POST", "/faults", again)["with"] == shown["with"]
        assert kind["summary"]
