"""States, resolving, closing, reopening, waiting: what an incident does by itself."""

from __future__ import annotations

import pytest

from sandtable.core.platform.instance import Instance
from sandtable.core.platform.session import Session
from sandtable.core.values.errors import DataPolicyViolation

DONE = {"close_code": "Solution provided", "close_notes": "Fixed"}
NOW = "2024-05-01 10:00:00"
LATER = "2024-05-01 11:30:00"


@pytest.mark.recorded("a bare incident made through the Table API")
def test_a_bare_incident(admin: Session) -> None:
    incident = admin.table("incident").insert({"short_description": "x"})
    expected = {
        "active": "true",
        "approval": "not requested",
        "category": "inquiry",
        "child_incidents": "0",
        "contact_type": "",
        "escalation": "0",
        "impact": "3",
        "incident_state": "1",
        "knowledge": "false",
        "made_sla": "true",
        "notify": "1",
        "number": "INC0010001",
        "opened_at": NOW,
        "opened_by": "6816f79cc0a8016401c5a33be04be441",
        "priority": "5",
        "reassignment_count": "0",
        "reopen_count": "0",
        "severity": "3",
        "short_description": "x",
        "state": "1",
        "sys_class_name": "incident",
        "sys_created_by": "admin",
        "sys_created_on": NOW,
        "sys_domain": "global",
        "sys_domain_path": "/",
        "sys_mod_count": "0",
        "sys_updated_by": "admin",
        "sys_updated_on": NOW,
        "task_effective_number": "INC0010001",
        "upon_approval": "proceed",
        "upon_reject": "cancel",
        "urgency": "3",
    }
    got = incident.values_copy()
    got.pop("sys_id")
    assert {name: value for name, value in got.items() if value} == {k: v for k, v in expected.items() if v}


TRANSITIONS = [
    # before, after: active, resolved, closed, reopened
    ("1", "2", "true", False, False, False),
    ("1", "3", "true", False, False, False),
    ("1", "6", "true", True, False, False),
    ("1", "7", "false", True, True, False),
    ("1", "8", "false", False, True, False),
    ("2", "6", "true", True, False, False),
    ("3", "6", "true", True, False, False),
    ("6", "7", "false", True, True, False),
    ("6", "1", "true", False, False, True),
    ("6", "2", "true", False, False, True),
    ("6", "3", "true", False, False, True),
    ("7", "1", "true", False, False, True),
    ("7", "2", "true", False, False, True),
    ("7", "6", "true", True, False, False),
    ("8", "1", "true", False, False, False),
    ("8", "7", "false", True, True, False),
]


@pytest.mark.documented("ServiceNow docs, incident life cycle: active, resolved, closed and reopened")
@pytest.mark.parametrize(("before", "after", "active", "resolved", "closed", "reopened"), TRANSITIONS)
@pytest.mark.parametrize("column", ["state", "incident_state"])
def test_every_transition(
    instance: Instance,
    admin: Session,
    column: str,
    before: str,
    after: str,
    active: str,
    resolved: bool,
    closed: bool,
    reopened: bool,
) -> None:
    table = admin.table("incident")
    made = table.insert({"short_description": "x", column: before, **DONE})
    assert made["active"] == ("false" if before in "78" else "true")
    instance.clock.advance(5400)
    incident = table.update(made.sys_id, {column: after})
    assert incident["state"] == incident["incident_state"] == after
    assert incident["active"] == active
    assert bool(incident["resolved_at"]) == bool(incident["resolved_by"]) == resolved
    assert bool(incident["calendar_stc"]) == bool(incident["business_stc"]) == resolved
    assert bool(incident["closed_at"]) == bool(incident["closed_by"]) == closed
    assert incident["reopen_count"] == ("1" if reopened else "0")
    assert incident["reopened_time"] == (LATER if reopened else "")
    assert bool(incident["reopened_by"]) == reopened


@pytest.mark.documented("ServiceNow docs: when and by whom an incident was resolved and closed")
def test_who_and_when(instance: Instance, admin: Session, itil: Session) -> None:
    made = admin.table("incident").insert({"short_description": "x"})
    instance.clock.advance(5400)
    resolved = itil.table("incident").update(made.sys_id, {"state": "6", **DONE})
    assert (resolved["resolved_at"], resolved["resolved_by"]) == (LATER, itil.user_sys_id)
    assert (resolved["calendar_stc"], resolved["business_stc"]) == ("5400", "5400")
    instance.clock.advance(60)
    closed = admin.table("incident").update(made.sys_id, {"state": "7"})
    assert (closed["resolved_at"], closed["resolved_by"]) == (LATER, itil.user_sys_id)
    assert (closed["closed_at"], closed["closed_by"]) == ("2024-05-01 11:31:00", admin.user_sys_id)
    assert closed["calendar_duration"] == "1970-01-01 01:31:00"


@pytest.mark.assumed("closing straight away fills the resolved columns; not captured")
@pytest.mark.parametrize(("switch", "filled"), [("true", True), ("false", False)])
def test_closing_fills_resolved_when_the_switch_says_so(
    instance: Instance, admin: Session, switch: str, filled: bool
) -> None:
    instance.set_property("sandtable.incident.closing_fills_resolved", switch)
    closed = admin.table("incident").insert({"short_description": "x", "state": "7", **DONE})
    assert bool(closed["resolved_at"]) == filled


@pytest.mark.assumed("when both state columns are sent and differ, state wins; not captured")
@pytest.mark.parametrize(("switch", "winner"), [("state", "2"), ("incident_state", "3")])
@pytest.mark.parametrize("new", [True, False])
def test_differing_states(instance: Instance, admin: Session, switch: str, winner: str, new: bool) -> None:
    instance.set_property("sandtable.incident.state_conflict", switch)
    table = admin.table("incident")
    both = {"state": "2", "incident_state": "3"}
    if new:
        incident = table.insert({"short_description": "x", **both})
    else:
        incident = table.update(table.insert({"short_description": "x"}).sys_id, both)
    assert incident["state"] == incident["incident_state"] == winner


@pytest.mark.assumed("a state cannot be emptied; the docs except choice columns from clearing")
def test_an_emptied_state_stays(admin: Session) -> None:
    table = admin.table("incident")
    made = table.insert({"short_description": "x", "state": "2"})
    incident = table.update(made.sys_id, {"state": "", "incident_state": ""})
    assert incident["state"] == incident["incident_state"] == "2"


@pytest.mark.documented("ServiceNow docs: the on hold reason goes when the incident leaves On Hold")
def test_leaving_hold_clears_the_reason(admin: Session) -> None:
    table = admin.table("incident")
    made = table.insert({"short_description": "x", "state": "3", "hold_reason": "4"})
    assert made["hold_reason"] == "4"
    assert table.update(made.sys_id, {"urgency": "1"})["hold_reason"] == "4"
    assert table.update(made.sys_id, {"state": "2"})["hold_reason"] == ""


@pytest.mark.documented("ServiceNow docs: a caller's comment ends Awaiting Caller")
@pytest.mark.parametrize(
    ("reason", "element", "by_caller", "switch", "state"),
    [
        ("1", "comments", True, "true", "2"),
        ("1", "work_notes", True, "true", "3"),
        ("1", "comments", False, "true", "3"),
        ("4", "comments", True, "true", "3"),
        ("1", "comments", True, "false", "3"),
    ],
)
def test_a_comment_on_an_incident_that_waits(
    instance: Instance,
    admin: Session,
    itil: Session,
    reason: str,
    element: str,
    by_caller: bool,
    switch: str,
    state: str,
) -> None:
    instance.set_property("sandtable.incident.caller_comment_resumes", switch)
    made = admin.table("incident").insert(
        {"short_description": "x", "caller_id": itil.user_sys_id, "state": "3", "hold_reason": reason}
    )
    author = itil if by_caller else admin
    incident = author.table("incident").update(made.sys_id, {element: "here you are"})
    assert incident["state"] == incident["incident_state"] == state
    assert incident["hold_reason"] == ("" if state == "2" else reason)


MISSING = "Data Policy Exception: \n\tThe following fields are mandatory: "


@pytest.mark.recorded("403 of a resolve without resolution code, newline and tab included")
@pytest.mark.parametrize("state", ["6", "7"])
@pytest.mark.parametrize(
    ("given", "labels"),
    [
        ({}, "Resolution code, Close notes"),
        ({"close_code": "Duplicate"}, "Close notes"),
        ({"close_notes": "done"}, "Resolution code"),
        ({"close_code": "no such code", "close_notes": "done"}, "Resolution code"),
        ({"close_code": "Closed/Resolved by Caller", "close_notes": "done"}, "Resolution code"),
    ],
)
def test_closing_needs_code_and_notes(admin: Session, state: str, given: dict[str, str], labels: str) -> None:
    table = admin.table("incident")
    made = table.insert({"short_description": "x"})
    with pytest.raises(DataPolicyViolation) as refused:
        table.update(made.sys_id, {"state": state, **given})
    assert refused.value.message == "Operation Failed"
    assert refused.value.detail == MISSING + labels
    assert table.get(made.sys_id) == made
    with pytest.raises(DataPolicyViolation):
        table.insert({"short_description": "x", "state": state, **given})


@pytest.mark.documented("ServiceNow docs, data policies: what is stored already counts")
def test_stored_values_count(admin: Session) -> None:
    table = admin.table("incident")
    made = table.insert({"short_description": "x", "close_code": "Duplicate"})
    assert table.update(made.sys_id, {"state": "6", "close_notes": "n"})["state"] == "6"
    with pytest.raises(DataPolicyViolation):
        table.update(made.sys_id, {"close_notes": ""})


@pytest.mark.ours("a data policy is a record: switched off, it does not apply")
def test_the_policy_can_be_switched_off(instance: Instance, admin: Session) -> None:
    policies = instance.system().table("sys_data_policy2")
    policy = policies.first("model_table=incident")
    assert policy is not None
    policies.update(policy.sys_id, {"active": "false"})
    assert admin.table("incident").insert({"short_description": "x", "state": "7"})["state"] == "7"


@pytest.mark.documented("ServiceNow docs, data policies: they spare import sets unless they say otherwise")
@pytest.mark.parametrize(("switch", "refused"), [("false", False), ("true", True)])
def test_the_policy_and_import_sets(instance: Instance, admin: Session, switch: str, refused: bool) -> None:
    policies = instance.system().table("sys_data_policy2")
    policy = policies.first("model_table=incident")
    assert policy is not None
    assert policy["apply_import_set"] == "false"
    policies.update(policy.sys_id, {"apply_import_set": switch})
    table = admin.for_import().table("incident")
    if refused:
        with pytest.raises(DataPolicyViolation):
            table.insert({"short_description": "x", "state": "7"})
    else:
        assert table.insert({"short_description": "x", "state": "7"})["active"] == "false"


@pytest.mark.ours("one property brings the resolution codes of older releases back, and takes them away again")
def test_legacy_close_codes(instance: Instance, admin: Session) -> None:
    values = {"short_description": "x", "state": "6", "close_code": "Closed/Resolved by Caller", "close_notes": "n"}
    instance.set_property("sandtable.incident.legacy_close_codes", "true")
    assert admin.table("incident").insert(values)["close_code"] == "Closed/Resolved by Caller"
    instance.set_property("sandtable.incident.legacy_close_codes", "false")
    with pytest.raises(DataPolicyViolation):
        admin.table("incident").insert(values)


@pytest.mark.documented("ServiceNow docs: child incidents and incidents of a problem are counted")
def test_children_are_counted(instance: Instance, admin: Session) -> None:
    table = admin.table("incident")
    parent, other = (table.insert({"short_description": "p"}).sys_id for _ in range(2))
    child = table.insert({"short_description": "c", "parent_incident": parent})
    table.insert({"short_description": "c", "parent_incident": parent})
    assert table.get(parent)["child_incidents"] == "2"
    table.update(child.sys_id, {"parent_incident": other})
    assert (table.get(parent)["child_incidents"], table.get(other)["child_incidents"]) == ("1", "1")
    table.delete(child.sys_id)
    assert table.get(other)["child_incidents"] == "0"
    problem = admin.table("problem").insert({"short_description": "p"})
    table.update(parent, {"problem_id": problem.sys_id})
    assert admin.table("problem").get(problem.sys_id)["related_incidents"] == "1"


@pytest.mark.assumed("each group after the first counts as a reassignment; not captured")
def test_reassignments(instance: Instance, admin: Session) -> None:
    groups = [each.sys_id for each in admin.table("sys_user_group").query(limit=2)]
    table = admin.table("incident")
    made = table.insert({"short_description": "x", "assigned_to": admin.user_sys_id})
    assert table.update(made.sys_id, {"assignment_group": groups[0]})["reassignment_count"] == "0"
    assert table.update(made.sys_id, {"assignment_group": groups[1]})["reassignment_count"] == "1"
    assert table.update(made.sys_id, {"urgency": "1"})["reassignment_count"] == "1"
    moved = table.update(made.sys_id, {"assignment_group": groups[0]})
    assert (moved["reassignment_count"], moved["assigned_to"]) == ("2", admin.user_sys_id)
    instance.set_property("sandtable.task.group_change_clears_assignee", "true")
    assert table.update(made.sys_id, {"assignment_group": groups[1]})["assigned_to"] == ""


@pytest.mark.documented("ServiceNow docs: priority by impact and urgency")
@pytest.mark.parametrize("table", ["incident", "problem"])
@pytest.mark.parametrize(
    ("impact", "urgency", "priority"),
    [(str(i), str(u), p) for i, row in enumerate(("123", "234", "345"), 1) for u, p in enumerate(row, 1)],
)
def test_the_priority_matrix(admin: Session, table: str, impact: str, urgency: str, priority: str) -> None:
    access = admin.table(table)
    assert access.insert({"impact": impact, "urgency": urgency})["priority"] == priority
    made = access.insert({"short_description": "x"})
    access.update(made.sys_id, {"impact": impact})
    assert access.update(made.sys_id, {"urgency": urgency})["priority"] == priority


@pytest.mark.assumed("a priority that is sent is overwritten: the look-up always replaces")
def test_a_sent_priority(instance: Instance, admin: Session) -> None:
    table = admin.table("incident")
    made = table.insert({"short_description": "x", "priority": "1"})
    assert made["priority"] == "5"
    assert table.update(made.sys_id, {"priority": "1"})["priority"] == "5"
    instance.set_property("sandtable.task.priority_always_replaced", "false")
    assert table.insert({"short_description": "x", "priority": "1"})["priority"] == "1"
    assert table.update(made.sys_id, {"urgency": "1"})["priority"] == "3"


@pytest.mark.ours("the priority matrix is records")
def test_the_matrix_can_be_changed(instance: Instance, admin: Session) -> None:
    rows = instance.system().table("dl_u_priority")
    row = rows.first("impact=3^urgency=3")
    assert row is not None
    rows.update(row.sys_id, {"priority": "4"})
    assert admin.table("incident").insert({"short_description": "x"})["priority"] == "4"


@pytest.mark.recorded("too long texts are cut to the column's length; the answer shows the cut text")
@pytest.mark.parametrize(("element", "length"), [("short_description", 160), ("correlation_id", 100), ("number", 40)])
def test_truncation(admin: Session, element: str, length: int) -> None:
    text = "ä" * (length - 1) + "bc"
    made = admin.table("incident").insert({element: text})
    assert made[element] == text[:length]
    assert admin.table("incident").get(made.sys_id)[element] == text[:length]
