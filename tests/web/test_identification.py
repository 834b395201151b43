"""The Identification and Reconciliation API on the wire."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from sandtable.core.platform.instance import Instance

if TYPE_CHECKING:
    from tests.web.conftest import Wire

pytestmark = pytest.mark.documented("ServiceNow docs, Identification and Reconciliation API")
BASE = "/api/now/identifyreconcile"
SOURCE = "sysparm_data_source=ServiceNow"
APPLICATION, HOST = "cmdb_ci_appl", "cmdb_ci_linux_server"
RUNS_ON = "Runs on::Runs"


def payload(name: str = "web-1") -> dict[str, Any]:
    return {
        "items": [
            {"className": HOST, "values": {"name": name, "serial_number": f"SN-{name}"}},
            {"className": APPLICATION, "values": {"name": f"nginx@{name}"}},
        ],
        "relations": [{"parent": 1, "child": 0, "type": RUNS_ON}],
    }


def sent(wire: Wire, body: object, path: str = "", query: str = SOURCE) -> dict[str, Any]:
    answer = wire.post(f"{BASE}{path}?{query}", json=body)
    assert answer.status_code == 200, answer.text
    result: dict[str, Any] = answer.json()["result"]
    return result


@pytest.mark.parametrize("path", ["", "/enhanced"])
@pytest.mark.parametrize("version", ["", "/v1"])
def test_the_second_time_nothing_is_doubled(wire: Wire, instance: Instance, path: str, version: str) -> None:
    first = wire.post(f"/api/now{version}/identifyreconcile{path}?{SOURCE}", json=payload()).json()["result"]
    assert [item["operation"] for item in first["items"]] == ["INSERT", "INSERT"]
    assert [each["operation"] for each in first["relations"]] == ["INSERT"]
    assert "hasError" not in first
    again = sent(wire, payload(), path)
    assert [item["operation"] for item in again["items"]] == ["NO_CHANGE", "NO_CHANGE"]
    assert [item["sysId"] for item in again["items"]] == [item["sysId"] for item in first["items"]]
    assert [each["operation"] for each in again["relations"]] == ["NO_CHANGE"]
    changed = payload()
    changed["items"][0]["values"]["name"] = "renamed"
    updated = sent(wire, changed, path)["items"][0]
    assert (updated["operation"], updated["sysId"]) == ("UPDATE", first["items"][0]["sysId"])
    record = instance.system().table(HOST).find(updated["sysId"])
    assert record is not None
    assert (record["name"], record["discovery_source"]) == ("renamed", "ServiceNow")


@pytest.mark.parametrize("path", ["/query", "/queryEnhanced"])
def test_a_query_writes_nothing(wire: Wire, instance: Instance, path: str) -> None:
    said = sent(wire, payload("asked"), path)
    assert [(item["operation"], item["sysId"]) for item in said["items"]] == [("INSERT", "Unknown")] * 2
    assert instance.system().table(HOST).count("name=asked") == 0


@pytest.mark.parametrize("query, named", [("", "null"), ("sysparm_data_source=nosuch", "nosuch")])
def test_a_source_must_be_a_choice(wire: Wire, instance: Instance, query: str, named: str) -> None:
    said = sent(wire, payload("sourceless"), query=query)
    assert said["hasError"] is True
    (error,) = said["items"][0]["errors"]
    assert error["error"] == "INVALID_INPUT_DATA"
    assert f"[{named}]" in error["message"]
    assert instance.system().table(HOST).count("name=sourceless") == 0


@pytest.mark.parametrize(
    "item, error",
    [
        ({"className": HOST, "values": {"os": "Linux"}}, "MISSING_MATCHING_ATTRIBUTES"),
        ({"className": "nosuch", "values": {"name": "x"}}, "INVALID_INPUT_DATA"),
        ({"className": "incident", "values": {"name": "x"}}, "INVALID_INPUT_DATA"),
        ({"values": {"name": "x"}}, "INVALID_INPUT_DATA"),
        ({"className": HOST, "values": ["x"]}, "INVALID_INPUT_DATA"),
    ],
)
def test_an_item_that_fails_takes_all_with_it(wire: Wire, instance: Instance, item: dict[str, Any], error: str) -> None:
    body = {"items": [*payload("whole")["items"], item]}
    said = sent(wire, body)
    assert said["hasError"] is True
    assert [each["error"] for each in said["items"][2]["errors"]] == [error]
    assert instance.system().table(HOST).count("name=whole") == 0
    part = sent(wire, body, "/enhanced", f"{SOURCE}&sysparm_options=partial_payloads:true")
    assert len(part["items"][0]["sysId"]) == 32
    assert instance.system().table(HOST).count("name=whole") == 1


@pytest.mark.parametrize(
    "relation, said",
    [
        ({"parent": 1, "child": 0, "type": "nosuch"}, "No such relationship [nosuch]"),
        ({"parent": 1, "child": 9, "type": RUNS_ON}, "indexes of items"),
        ({"parent": -1, "child": 0, "type": RUNS_ON}, "indexes of items"),
        ({"parent": True, "child": 0, "type": RUNS_ON}, "indexes of items"),
        ({}, "indexes of items"),
    ],
)
def test_a_relation_that_fails(wire: Wire, relation: dict[str, Any], said: str) -> None:
    answer = sent(wire, payload() | {"relations": [relation]})
    assert answer["hasError"] is True
    assert said in answer["relations"][0]["errors"][0]["message"]


def test_an_item_is_known_by_what_its_source_calls_it(wire: Wire, instance: Instance) -> None:
    def item(name: str) -> dict[str, Any]:
        key = {"source_name": "scanner", "source_native_key": "host/7"}
        return {"items": [{"className": HOST, "values": {"name": name}, "sys_object_source_info": key}]}

    first = sent(wire, item("before"), "/enhanced")["items"][0]
    second = sent(wire, item("after"), "/enhanced")["items"][0]
    assert (second["operation"], second["sysId"]) == ("UPDATE", first["sysId"])
    (row,) = instance.system().table("sys_object_source").query("id=host/7")
    assert (row["name"], row["target_table"], row["target_sys_id"]) == ("scanner", HOST, first["sysId"])


@pytest.mark.parametrize("body", [[], {"items": "x"}, {"items": [1]}, {"items": [], "relations": {}}])
def test_a_body_of_another_shape_is_refused(wire: Wire, body: object) -> None:
    answer = wire.post(f"{BASE}?{SOURCE}", json=body)
    assert (answer.status_code, answer.json()["error"]["message"]) == (400, "Invalid request body")


def test_it_takes_a_role(wire: Wire, instance: Instance) -> None:
    instance.system().table("sys_user").insert({"user_name": "nobody", "user_password": "nobody", "active": "true"})
    answer = wire.post(f"{BASE}?{SOURCE}", json=payload(), auth=("nobody", "nobody"))
    assert answer.status_code == 403
