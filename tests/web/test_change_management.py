"""The Change Management API, and the resource that Ansible's collection moves problems with, on the wire."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from sandtable.core.platform.instance import Instance

if TYPE_CHECKING:
    from tests.web.conftest import Wire

pytestmark = pytest.mark.documented("ServiceNow docs, Change Management API")
BASE = "/api/sn_chg_rest/change"
ABEL = "62826bf03710200044e0bfc8bcbe5df1"


def made(wire: Wire, path: str = "", **values: Any) -> dict[str, Any]:
    answer = wire.post(f"{BASE}{path}", json={"short_description": "Replace the switch", **values})
    assert answer.status_code == 200, answer.text
    result: dict[str, Any] = answer.json()["result"]
    return result


def value(record: dict[str, Any], name: str) -> Any:
    return record[name]["value"]


def listed(wire: Wire, path: str) -> list[dict[str, Any]]:
    """Return the records of a list, whose last element tells of the query."""
    *records, last = wire.get(f"{BASE}{path}").json()["result"]
    assert list(last) == ["__meta"]
    return records


@pytest.mark.parametrize("path, kind", [("", "normal"), ("/normal", "normal"), ("/emergency", "emergency")])
@pytest.mark.parametrize("version", ["", "/v1"])
def test_create_and_read(wire: Wire, path: str, kind: str, version: str) -> None:
    answer = wire.post(f"/api/sn_chg_rest{version}/change{path}", json={"short_description": "x", "nosuch": "1"})
    change = answer.json()["result"]
    assert change["type"] == {"display_value": kind.capitalize(), "value": kind}
    assert change["number"]["value"].startswith("CHG")
    assert change["state"] == {"display_value": "New", "value": -5.0}
    assert change["__meta"] == {"ignoredFields": ["nosuch"]}
    sys_id = value(change, "sys_id")
    assert wire.get(f"{BASE}/{sys_id}").json()["result"]["number"] == change["number"]
    assert wire.get(f"{BASE}/{kind}/{sys_id}").status_code == 200
    assert wire.get(f"{BASE}/standard/{sys_id}").status_code == 404


def test_a_standard_change_needs_its_template(wire: Wire, instance: Instance) -> None:
    assert wire.post(f"{BASE}?type=standard", json={}).status_code == 400
    assert wire.post(f"{BASE}/standard/nosuch", json={}).status_code == 404
    template = instance.system().table("std_change_producer_version").insert({"name": "Reboot", "active": "true"})
    (found,) = listed(wire, "/standard/template?sysparm_query=name=Reboot")
    assert value(found, "sys_id") == template.sys_id
    assert wire.get(f"{BASE}/standard/template/{template.sys_id}").json()["result"] == found
    change = made(wire, f"/standard/{template.sys_id}")
    assert value(change, "type") == "standard"
    assert change["std_change_producer_version"] == {"display_value": "Reboot", "value": template.sys_id}


def test_list(wire: Wire) -> None:
    for kind in ("/normal", "/emergency"):
        made(wire, kind, short_description=f"Tidy the rack {kind}")
    asked = "?sysparm_query=short_descriptionSTARTSWITHTidy"
    assert len(listed(wire, asked)) == 2
    assert [value(each, "type") for each in listed(wire, f"{asked}&type=emergency")] == ["emergency"]
    assert [value(each, "type") for each in listed(wire, f"/emergency{asked}")] == ["emergency"]
    assert listed(wire, f"/standard{asked}") == []
    assert len(listed(wire, f"{asked}&type=all")) == 2
    assert len(listed(wire, f"{asked}&sysparm_limit=1&sysparm_offset=1")) == 1
    assert [value(each, "type") for each in listed(wire, f"{asked}&order=type")] == ["emergency", "normal"]
    unmoved = [listed(wire, f"{asked}^ORDERBY{way}number") for way in ("", "DESC")]
    assert unmoved[0] == unmoved[1]
    assert wire.get(f"{BASE}?textSearch=tidy%20rack%20normal").json()["result"][0]["type"]["value"] == "normal"


def test_update_and_delete(wire: Wire) -> None:
    sys_id = value(made(wire, "/normal"), "sys_id")
    changed = wire.patch(f"{BASE}/normal/{sys_id}", json={"state": "-4", "reason": "age", "x": 1}).json()["result"]
    assert changed["state"] == {"display_value": "Assess", "value": -4.0}
    assert changed["__meta"]["ignoredFields"] == ["x"]
    assert wire.patch(f"{BASE}/emergency/{sys_id}", json={}).status_code == 404
    deleted = wire.delete(f"{BASE}/normal/{sys_id}")
    assert (deleted.status_code, value(deleted.json()["result"], "sys_id")) == (200, sys_id)
    missing = wire.get(f"{BASE}/{sys_id}")
    assert (missing.status_code, missing.json()["error"]["message"]) == (404, "No Record found")


def test_next_states(wire: Wire) -> None:
    sys_id = value(made(wire), "sys_id")
    answer = wire.get(f"{BASE}/{sys_id}/nextstates").json()["result"]
    assert answer == wire.get(f"{BASE}/{sys_id}/nextstate").json()["result"]
    assert answer["available_states"] == ["-4", "4", "-5"]
    assert answer["state_label"] == {"-5": "New", "-4": "Assess", "4": "Canceled"}
    assert [[each["to_state"] for each in group] for group in answer["state_transitions"]] == [["-4"], ["4"]]
    (condition,) = answer["state_transitions"][0][0]["conditions"]
    assert (condition["passed"], condition["condition"]["name"]) == (True, "Not On hold")


def test_tasks(wire: Wire) -> None:
    sys_id, other = value(made(wire), "sys_id"), value(made(wire), "sys_id")
    task = wire.post(f"{BASE}/{sys_id}/task", json={"short_description": "Unplug"}).json()["result"]
    assert value(task, "change_request") == sys_id
    path = f"{BASE}/{sys_id}/task/{value(task, 'sys_id')}"
    assert wire.patch(path, json={"state": "2"}).json()["result"]["state"]["display_value"] == "In Progress"
    assert [value(each, "number") for each in wire.get(f"{BASE}/{sys_id}/task").json()["result"]] == [
        value(task, "number")
    ]
    assert wire.get(f"{BASE}/{other}/task/{value(task, 'sys_id')}").status_code == 404
    assert [value(each, "sys_id") for each in wire.delete(path).json()["result"]] == [value(task, "sys_id")]
    assert wire.get(path).status_code == 404


def test_items(wire: Wire, instance: Instance) -> None:
    sys_id = value(made(wire), "sys_id")
    ci = instance.system().table("cmdb_ci_server").insert({"name": "srv-1"}).sys_id
    body = {"association_type": "affected", "cmdb_ci_sys_ids": [ci]}
    for _ in range(2):
        answer = wire.post(f"{BASE}/{sys_id}/ci", json=body).json()["result"]
        assert answer["worker"]["state"]["display_value"] == "Complete"
    (item,) = wire.get(f"{BASE}/{sys_id}/ci?association_type=affected").json()["result"]
    assert item["ci_item"] == {"display_value": "srv-1", "value": ci}
    refused = wire.post(f"{BASE}/{sys_id}/ci", json=body | {"association_type": "nosuch"})
    assert (refused.status_code, "association_type" in refused.json()["error"]["detail"]) == (400, True)
    assert wire.post(f"{BASE}/{sys_id}/ci", json=body | {"cmdb_ci_sys_ids": []}).status_code == 400
    assert wire.post(f"{BASE}/{sys_id}/ci", json=body | {"cmdb_ci_sys_ids": ["nosuch"]}).status_code == 404


def test_approvals(wire: Wire, instance: Instance) -> None:
    sys_id = value(made(wire), "sys_id")
    assert wire.patch(f"{BASE}/{sys_id}/approvals", json={"state": "approved"}).status_code == 400
    admin = instance.acting_as("admin").user_sys_id
    asked = {"sysapproval": sys_id, "approver": admin, "state": "requested"}
    approval = instance.system().table("sysapproval_approver").insert(asked)
    assert wire.patch(f"{BASE}/{sys_id}/approvals", json={"state": "perhaps"}).status_code == 400
    assert wire.patch(f"{BASE}/{sys_id}/approvals", json={"state": "approved"}).status_code == 200
    decided = instance.system().table("sysapproval_approver").find(approval.sys_id)
    assert decided is not None
    assert decided["state"] == "approved"


def test_conflicts(wire: Wire) -> None:
    sys_id = value(made(wire), "sys_id")
    assert wire.get(f"{BASE}/{sys_id}/conflict").json()["result"]["status"]["value"] == "Not Run"
    assert wire.post(f"{BASE}/{sys_id}/conflict").json()["result"]["status"]["value"] == "No Conflict"


def test_models(wire: Wire) -> None:
    found = listed(wire, "/model")
    assert {value(each, "name") for each in found} == {"Normal", "Standard", "Emergency"}
    assert wire.get(f"{BASE}/model/{value(found[0], 'sys_id')}").json()["result"] == found[0]


@pytest.mark.parametrize("body", [["x"], "x", 1])
def test_a_body_that_is_no_object_is_refused(wire: Wire, body: object) -> None:
    assert wire.post(BASE, json=body).status_code == 400


PROBLEM = "/api/x_rhtpp_ansible/problem"


@pytest.mark.parametrize(
    "start, end, status",
    [
        ("101", "102", 200),
        ("102", "103", 200),
        ("103", "104", 200),
        ("103", "106", 200),
        ("104", "106", 200),
        ("106", "107", 200),
        ("102", "107", 200),
        ("102", "106", 400),
        ("101", "104", 400),
        ("101", "107", 400),
    ],
)
def test_ansible_moves_a_problem(wire: Wire, instance: Instance, start: str, end: str, status: int) -> None:
    values = {"short_description": "It leaks", "assigned_to": ABEL, "state": start}
    problem = instance.system().table("problem").insert(values)
    answer = wire.patch(
        f"{PROBLEM}/{problem['number']}/new_state/{end}?sysparm_exclude_reference_link=True",
        json={"cause_notes": "a hole", "fix_notes": "a plug", "resolution_code": "fix_applied"},
    )
    assert answer.status_code == status
    if status == 200:
        moved = answer.json()["result"]
        assert (moved["state"], moved["problem_state"], moved["cause_notes"]) == (end, end, "a hole")
        assert moved["assigned_to"] == ABEL
    else:
        said = f"Problem state transition from state {start} to {end} is not possible."
        assert answer.json()["error"]["message"] == said
        assert instance.system().table("problem").get(problem.sys_id)["state"] == start


def test_ansible_is_told_what_is_wrong(wire: Wire, instance: Instance) -> None:
    problem = instance.system().table("problem").insert({"short_description": "It leaks"})
    number = problem["number"]
    assert wire.patch(f"{PROBLEM}/PRB9/new_state/102", json={}).json()["error"]["message"] == (
        "No problem with number PRB9 exists."
    )
    refused = wire.patch(f"{PROBLEM}/{number}/new_state/nosuch", json={})
    assert (refused.status_code, refused.json()["error"]["message"]) == (
        400,
        "Given new state nosuch is not a valid state.",
    )
    assert wire.patch(f"{PROBLEM}/{number}/new_state/102", json=["x"]).status_code == 400
    missing = wire.patch(f"{PROBLEM}/{number}/new_state/102", json={})
    assert (missing.status_code, missing.json()["error"]["message"]) == (400, "Missing field assigned_to.")
