"""The calls of the integration targets of Ansible's servicenow.itsm collection, which it runs against instances."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tests.web.conftest import Wire

TABLE, ITEMS, CATALOG = "/api/now/table", "/api/now/cmdb/instance", "/api/sn_sc/servicecatalog"
# What every call of the collection carries: references are plain values.
PLAIN = {"sysparm_exclude_reference_link": "true"}
Made = Callable[..., dict[str, Any]]
Values = dict[str, str]
ADMIN = "6816f79cc0a8016401c5a33be04be441"
NEW, ASSESS, ROOT_CAUSE, FIX, RESOLVED, CLOSED = "101", "102", "103", "104", "106", "107"


def target(name: str) -> pytest.MarkDecorator:
    """Mark what a target asserts of an instance."""
    return pytest.mark.documented(f"Ansible collection servicenow.itsm, integration target {name}")


class Playbook:
    """One record, created and then changed step by step as the modules do it."""

    def __init__(self, wire: Wire, table: str, **values: Any) -> None:
        self._wire, self._table = wire, table
        answer = wire.post(f"{TABLE}/{table}", params=PLAIN, json=values)
        assert answer.status_code == 201, answer.text
        self.record: dict[str, Any] = answer.json()["result"]

    def change(self, **values: Any) -> dict[str, Any]:
        path = f"{TABLE}/{self._table}/{self.record['sys_id']}"
        answer = self._wire.patch(path, params=PLAIN, json=values)
        assert answer.status_code == 200, answer.text
        self.record = answer.json()["result"]
        return self.record

    def move(self, state: str, **values: Any) -> dict[str, Any]:
        path = f"/api/x_rhtpp_ansible/problem/{self.record['number']}/new_state/{state}"
        answer = self._wire.patch(path, json=values)
        assert answer.status_code == 200, answer.text
        self.record = answer.json()["result"]
        return self.record


def holds(record: dict[str, Any], **values: str) -> None:
    """Assert that a record has these values."""
    assert {name: record.get(name) for name in values} == values


def found(wire: Wire, table: str, **values: str) -> list[dict[str, Any]]:
    """Return the records that plain parameters of an address find."""
    answer = wire.get(f"{TABLE}/{table}", params={**PLAIN, "sysparm_limit": "1000", "sysparm_offset": "0", **values})
    assert answer.status_code == 200, answer.text
    records: list[dict[str, Any]] = answer.json()["result"]
    assert int(answer.headers["X-Total-Count"]) == len(records)
    return records


@pytest.fixture
def network(wire: Wire) -> str:
    (group,) = found(wire, "sys_user_group", name="network")
    return str(group["sys_id"])


@target("itsm_change_request")
def test_a_standard_change(wire: Wire, network: str, made: Made) -> None:
    template = made("std_change_producer_version", name="Clear sessions", active="true")["sys_id"]
    values = {"type": "standard", "state": "-5", "priority": "4", "risk": "4", "impact": "3", "requested_by": ADMIN}
    change = Playbook(wire, "change_request", chg_model="standard", std_change_producer_version=template, **values)
    holds(change.record, **values)
    high = {"state": "-2", "assignment_group": network, "priority": "2", "risk": "2", "impact": "1"}
    holds(change.change(**high), **high)
    for state in ("-1", "0"):
        holds(change.change(state=state), state=state)
    closed = {"state": "3", "close_code": "successful", "close_notes": "Done testing"}
    holds(change.change(**closed), **closed)
    query = "^".join(f"{name}={value}" for name, value in closed.items())
    assert [each["number"] for each in found(wire, "change_request", sysparm_query=query)] == [change.record["number"]]


@target("itsm_change_request_task")
def test_a_change_task(wire: Wire, made: Made) -> None:
    change = made("change_request", short_description="x")["sys_id"]
    values = {"change_request": change, "change_task_type": "planning", "state": "-5", "approval": "approved"}
    task = Playbook(wire, "change_task", **values)
    holds(task.record, **values)
    holds(task.change(description="Something changed", state="2"), state="2", change_task_type="planning")
    holds(task.change(planned_end_date="2021-07-15T08:00:00"), planned_end_date="2021-07-15 08:00:00")
    holds(task.change(on_hold=True, on_hold_reason="few people"), on_hold="true", on_hold_reason="few people")
    closed = {"state": "3", "close_code": "successful", "close_notes": "Task done"}
    holds(task.change(**closed), **closed)


@target("itsm_configuration_item")
def test_a_configuration_item(wire: Wire) -> None:
    values = {"category": "hardware", "environment": "Development", "install_status": "2", "operational_status": "2"}
    item = Playbook(wire, "cmdb_ci_computer", name="item 1", **values)
    holds(item.record, sys_class_name="cmdb_ci_computer", **values)
    values = {
        "sys_class_name": "cmdb_ci_computer",
        "short_description": "short-description",
        "asset_tag": "P22896",
        "install_status": "1",
        "operational_status": "6",
        "serial_number": "abc123",
        "ip_address": "192.168.250.23",
        "mac_address": "a1:b2:c3:d4:e5",
        "assigned_to": ADMIN,
        "model_number": "7700-AEG",
    }
    holds(item.change(**values), **values)
    query = "^".join(f"{name}={value}" for name, value in values.items() if name != "model_number")
    assert len(found(wire, "cmdb_ci", sysparm_query=query)) == 1
    holds(item.change(cpu_count=4), cpu_count="4")
    assert found(wire, "cmdb_ci", sys_id="wrong_sys_id", name="item 1") == []


@target("itsm_configuration_item_batch")
def test_a_cloud_instance(wire: Wire) -> None:
    values = {"name": "demo", "sys_class_name": "cmdb_ci_ec2_instance", "ip_address": "1.1.1.1", "vm_inst_id": "10"}
    item = Playbook(wire, "cmdb_ci_ec2_instance", **values)
    holds(item.record, **values)
    assert len(found(wire, "cmdb_ci_ec2_instance", sysparm_query="vm_inst_id=10")) == 1


@target("itsm_configuration_item_relations")
def test_relations(wire: Wire, made: Made) -> None:
    first, *others = [made("cmdb_ci_linux_server", name=f"linux {number}")["sys_id"] for number in range(3)]
    (kind,) = found(wire, "cmdb_rel_type", name="Cools::Cooled By")
    path = f"{ITEMS}/cmdb_ci_linux_server/{first}"
    relations = [{"type": kind["sys_id"], "target": each} for each in others]
    assert wire.post(f"{path}/relation", json={"source": "ServiceNow", "outbound_relations": relations}).ok
    shown = wire.get(path).json()["result"]
    assert (len(shown["outbound_relations"]), len(shown["inbound_relations"])) == (2, 0)
    for each in shown["outbound_relations"]:
        assert wire.delete(f"{path}/relation/{each['sys_id']}").ok
    assert wire.get(path).json()["result"]["outbound_relations"] == []


@target("problem")
@pytest.mark.parametrize(
    "begins, steps",
    [
        (
            NEW,
            [
                (ASSESS, {"assigned_to": ADMIN}),
                (ROOT_CAUSE, {"cause_notes": "cause"}),
                (FIX, {"fix_notes": "fix"}),
                (RESOLVED, {"resolution_code": "fix_applied"}),
                (CLOSED, {"resolution_code": "fix_applied"}),
            ],
        ),
        (ASSESS, [(CLOSED, {"resolution_code": "canceled", "close_notes": "closing"})]),
        (NEW, [(ROOT_CAUSE, {"cause_notes": "cause"}), (FIX, {"fix_notes": "fix"})]),
        (
            ASSESS,
            [
                (ROOT_CAUSE, {"cause_notes": "cause"}),
                (RESOLVED, {"resolution_code": "risk_accepted", "close_notes": "close", "fix_notes": "not fixed"}),
            ],
        ),
    ],
)
def test_ways_of_a_problem(wire: Wire, begins: str, steps: list[tuple[str, Values]]) -> None:
    problem = Playbook(wire, "problem", state=begins, assigned_to=ADMIN)
    holds(problem.record, state=begins)
    for state, values in steps:
        holds(problem.move(state, **values), state=state, **values)


@target("problem")
def test_a_duplicate(wire: Wire, made: Made) -> None:
    other = made("problem", short_description="the first")["sys_id"]
    problem = Playbook(wire, "problem", state=ASSESS, assigned_to=ADMIN)
    problem.move(ROOT_CAUSE, assigned_to=ADMIN)
    values = {"resolution_code": "duplicate", "duplicate_of": other}
    holds(problem.move(CLOSED, **values), state=CLOSED, **values)


@target("itsm_incident")
def test_an_incident(wire: Wire) -> None:
    values = {"state": "1", "impact": "3", "urgency": "3", "caller_id": ADMIN}
    incident = Playbook(wire, "incident", **values)
    holds(incident.record, **values)
    for changed in (
        {"state": "2", "impact": "1", "urgency": "1"},
        {"state": "6", "close_code": "Solution provided", "close_notes": "Done testing"},
    ):
        holds(incident.change(**changed), **changed)


@target("itsm_catalog_request_task")
def test_a_catalog_task(wire: Wire, network: str, made: Made) -> None:
    request = made("sc_request", request_state="submitted", requested_for=ADMIN)["sys_id"]
    values = {"state": "1", "priority": "2", "urgency": "2", "impact": "3", "assignment_group": network}
    task = Playbook(wire, "sc_task", request=request, order=10, **values)
    holds(task.record, order="10", **values)
    holds(task.change(state="2", assigned_to=ADMIN, work_notes="started"), state="2")
    late = {"due_date": "2024-12-31", "approval": "not requested", "delivery_task": "DTASK001", "vendor": "Dell"}
    holds(task.change(**late), due_date="2024-12-31 00:00:00", approval="not requested")
    holds(task.change(state="3", close_notes="done"), state="3", close_notes="done")


@target("itsm_service_catalog")
def test_an_order_of_somebody_new(wire: Wire) -> None:
    user = {"user_name": "demo.user", "user_password": "demo_password", "department": "IT", "title": "Demo user"}
    assert wire.post(f"{TABLE}/sys_user?sysparm_input_display_value=true", json=user).status_code == 201
    auth = ("demo.user", "demo_password")
    catalogs = {each["title"]: each["sys_id"] for each in wire.get(f"{CATALOG}/catalogs", auth=auth).json()["result"]}
    asked = {"sysparm_catalog": catalogs["Service Catalog"], "sysparm_limit": "1000", "sysparm_offset": "0"}

    def item(name: str) -> str:
        answer = wire.get(f"{CATALOG}/items", auth=auth, params={**asked, "sysparm_text": name})
        return f"{CATALOG}/items/{answer.json()['result'][0]['sys_id']}"

    order = {"sysparm_quantity": 1, "variables": {"new_email": "test@example.com"}}
    assert wire.post(f"{item('New Email Account')}/order_now", auth=auth, json=order).json()["result"]["request_number"]
    assert wire.post(f"{item('Ipad')}/add_to_cart", auth=auth, json={"sysparm_quantity": 2}).ok
    assert wire.post(f"{CATALOG}/cart/submit_order", auth=auth).json()["result"]["request_number"]


@target("itsm_service_catalog_info")
def test_items_of_the_technical_catalog_ask_something(wire: Wire) -> None:
    catalogs = {each["title"]: each["sys_id"] for each in wire.get(f"{CATALOG}/catalogs").json()["result"]}
    technical = catalogs["Technical Catalog"]
    assert wire.get(f"{CATALOG}/catalogs/{technical}/categories").json()["result"]
    asked = {"sysparm_catalog": technical}
    items = wire.get(f"{CATALOG}/items", params=asked).json()["result"]
    assert wire.get(f"{CATALOG}/items/{items[0]['sys_id']}").json()["result"]["variables"]
    none = wire.get(f"{CATALOG}/items", params={**asked, "sysparm_text": "some_not_existent_field"})
    assert none.json()["result"] == []
