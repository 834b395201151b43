"""What is known of records on the wire, fact by fact: defaults, what a write accepts, and what follows from it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tests.web.conftest import Wire

    from sandtable.core.platform.instance import Instance

TABLE = "/api/now/table"
INCIDENTS = f"{TABLE}/incident"
ADMIN = "6816f79cc0a8016401c5a33be04be441"
NETWORK, SERVICE_DESK = "287ebd7da9fe198100f92cc8d1d2154e", "d625dccec0a8016700a222a0f7900d06"
COLUMNS = """
active activity_due additional_assignee_list approval approval_history approval_set assigned_to assignment_group
business_duration business_impact business_service business_stc calendar_duration calendar_stc caller_id category cause
caused_by child_incidents close_code close_notes closed_at closed_by cmdb_ci comments comments_and_work_notes company
contact_type contract correlation_display correlation_id delivery_plan delivery_task description due_date escalation
expected_start follow_up group_list hold_reason impact incident_state knowledge location made_sla notify number
opened_at opened_by order origin_id origin_table parent parent_incident priority problem_id reassignment_count
reopen_count
reopened_by reopened_time resolved_at resolved_by rfc route_reason service_offering severity short_description sla_due
state subcategory sys_class_name sys_created_by sys_created_on sys_domain sys_domain_path sys_id sys_mod_count sys_tags
sys_updated_by sys_updated_on task_effective_number time_worked universal_request upon_approval upon_reject urgency
user_input watch_list work_end work_notes work_notes_list work_start
"""
# What comes back for two columns that were sent, beside sys_id, number and times.
DEFAULTS = {
    "active": "true",
    "approval": "not requested",
    "category": "inquiry",
    "child_incidents": "0",
    "contact_type": "",
    "escalation": "0",
    "impact": "2",
    "incident_state": "1",
    "knowledge": "false",
    "made_sla": "true",
    "notify": "1",
    "priority": "3",
    "reassignment_count": "0",
    "reopen_count": "0",
    "severity": "3",
    "state": "1",
    "sys_class_name": "incident",
    "sys_domain_path": "/",
    "sys_mod_count": "0",
    "sys_created_by": "admin",
    "sys_updated_by": "admin",
    "upon_approval": "proceed",
    "upon_reject": "cancel",
    "urgency": "2",
    "comments": "",
    "work_notes": "",
    "resolved_at": "",
}


def made(wire: Wire, **values: Any) -> dict[str, Any]:
    answer = wire.post(INCIDENTS, json=values)
    assert answer.status_code == 201, answer.text
    result: dict[str, Any] = answer.json()["result"]
    return result


def changed(wire: Wire, sys_id: str, **values: Any) -> dict[str, Any]:
    answer = wire.patch(f"{INCIDENTS}/{sys_id}", json=values)
    assert answer.status_code == 200, answer.text
    result: dict[str, Any] = answer.json()["result"]
    return result


@pytest.mark.recorded("the columns of an incident that was captured from an instance of 2022")
def test_the_columns_of_an_incident(wire: Wire, instance: Instance) -> None:
    assert sorted(made(wire)) == sorted(COLUMNS.split())


@pytest.mark.documented("ServiceNow docs, Table API: the sample of a created incident")
def test_defaults(wire: Wire, instance: Instance) -> None:
    record = made(wire, short_description="x", urgency="2", impact="2", assignment_group=NETWORK)
    assert {name: record[name] for name in DEFAULTS} == DEFAULTS
    assert record["opened_by"]["value"] == ADMIN
    assert record["assignment_group"]["link"] == f"{wire.base_url}{TABLE}/sys_user_group/{NETWORK}"
    assert record["sys_domain"] == {"link": f"{wire.base_url}{TABLE}/sys_user_group/global", "value": "global"}
    assert record["task_effective_number"] == record["number"]
    assert record["opened_at"] == record["sys_created_on"] == record["sys_updated_on"]
    bare = made(wire, short_description="x")
    assert [bare[name] for name in ("impact", "urgency", "priority")] == ["3", "3", "5"]


@pytest.mark.parametrize(
    "sent, shown",
    [
        ({"short_description": "s" * 200}, {"short_description": "s" * 160}),
        ({"correlation_id": "c" * 150}, {"correlation_id": "c" * 100}),
        ({"description": "d" * 5000}, {"description": "d" * 4000}),
        ({"category": "no such category"}, {"category": "inquiry"}),
        ({"category": "Hardware"}, {"category": "inquiry"}),
        ({"category": "hardware"}, {"category": "hardware"}),
        ({"urgency": "1 - High"}, {"urgency": "3"}),
        ({"urgency": "9"}, {"urgency": "3"}),
        ({"urgency": 1, "impact": 1}, {"urgency": "1", "priority": "1"}),
        ({"priority": "1"}, {"priority": "5"}),
        ({"knowledge": "1"}, {"knowledge": "true"}),
        ({"knowledge": True}, {"knowledge": "true"}),
        ({"knowledge": "0"}, {"knowledge": "false"}),
        ({"order": "many"}, {"order": ""}),
        ({"order": 12}, {"order": "12"}),
        ({"due_date": "soon"}, {"due_date": ""}),
        ({"due_date": "2024-01-01"}, {"due_date": "2024-01-01 00:00:00"}),
        ({"due_date": "2024-01-01T10:00:00Z"}, {"due_date": ""}),
        ({"due_date": "2024-01-01 10:00:00"}, {"due_date": "2024-01-01 10:00:00"}),
        ({"business_duration": "1970-01-02 04:23:17"}, {"business_duration": "1970-01-02 04:23:17"}),
        ({"watch_list": f"{ADMIN},x@example.com"}, {"watch_list": f"{ADMIN},x@example.com"}),
        ({"number": "INC0000042"}, {"number": "INC0000042"}),
        ({"sys_created_by": "somebody", "sys_mod_count": "77"}, {"sys_created_by": "admin", "sys_mod_count": "0"}),
        ({"sys_scope": "x_any", "nosuch": "x", "caller_id.name": "x"}, {"state": "1"}),
        ({"comments": "said", "work_notes": "noted"}, {"comments": "", "work_notes": ""}),
        ({"description": "a\r\nb\tc \u65e5\u672c\U0001f600"}, {"description": "a\r\nb\tc \u65e5\u672c\U0001f600"}),
        ({"description": None}, {"description": ""}),
    ],
    ids=repr,
)
@pytest.mark.parametrize("verb", ["POST", "PATCH"])
@pytest.mark.documented("ServiceNow docs and captures: what a write makes of values that do not fit")
def test_what_a_write_accepts(wire: Wire, instance: Instance, verb: str, sent: Any, shown: Any) -> None:
    if verb == "POST":
        record = made(wire, **sent)
    else:
        before = made(wire)
        record = changed(wire, before["sys_id"], **sent)
        shown = {name: value for name, value in shown.items() if name != "sys_mod_count"}
    assert {name: record[name] for name in shown} == shown


@pytest.mark.parametrize(
    "sent, counted",
    [
        ({}, 0),
        ({"urgency": "3"}, 0),
        ({"comments": ""}, 0),
        ({"nosuch": "x"}, 0),
        ({"category": "no such category"}, 0),
        ({"urgency": "1"}, 1),
        ({"comments": "said"}, 1),
        ({"category": ""}, 1),
    ],
    ids=repr,
)
@pytest.mark.recorded("captured: journal entries count as changes; what changes nothing does not")
def test_the_count_of_changes(wire: Wire, instance: Instance, sent: dict[str, str], counted: int) -> None:
    record = made(wire)
    assert changed(wire, record["sys_id"], **sent)["sys_mod_count"] == str(counted)


@pytest.mark.parametrize("impact", ["1", "2", "3"])
@pytest.mark.documented("ServiceNow docs: priority from impact and urgency")
def test_priorities(wire: Wire, instance: Instance, impact: str) -> None:
    matrix = {"1": "123", "2": "234", "3": "345"}
    found = [made(wire, impact=impact, urgency=urgency)["priority"] for urgency in ("1", "2", "3")]
    assert "".join(found) == matrix[impact]


@pytest.mark.parametrize(
    "sent, labels",
    [
        ({}, "Resolution code, Close notes"),
        ({"close_code": "Solution provided"}, "Close notes"),
        ({"close_notes": "done"}, "Resolution code"),
        ({"close_notes": "done", "close_code": "Solved (Permanently)"}, "Resolution code"),
        ({"close_notes": "done", "close_code": ""}, "Resolution code"),
    ],
)
@pytest.mark.parametrize("state", ["6", "7"])
@pytest.mark.recorded("captured refusal of closing without a code, tab and line break included")
def test_closing_needs_a_code_and_notes(
    wire: Wire, instance: Instance, state: str, sent: dict[str, str], labels: str
) -> None:
    record = made(wire)
    answer = wire.patch(f"{INCIDENTS}/{record['sys_id']}", json={"state": state, **sent})
    assert answer.status_code == 403
    assert answer.json() == {
        "error": {
            "message": "Operation Failed",
            "detail": f"Data Policy Exception: \n\tThe following fields are mandatory: {labels}",
        },
        "status": "failure",
    }
    after = wire.get(f"{INCIDENTS}/{record['sys_id']}").json()["result"]
    assert (after["state"], after["close_notes"], after["sys_mod_count"]) == ("1", "", "0")


@pytest.mark.documented("ServiceNow docs: what each state of an incident brings with it")
def test_the_life_of_an_incident(wire: Wire, instance: Instance) -> None:
    sys_id = made(wire)["sys_id"]
    held = changed(wire, sys_id, state="3", hold_reason="4")
    assert (held["incident_state"], held["active"], held["hold_reason"]) == ("3", "true", "4")
    assert changed(wire, sys_id, state="2")["hold_reason"] == ""
    resolved = changed(wire, sys_id, incident_state="6", close_code="Solution provided", close_notes="done")
    assert (resolved["state"], resolved["active"], resolved["closed_at"]) == ("6", "true", "")
    assert (resolved["resolved_by"]["value"], bool(resolved["resolved_at"])) == (ADMIN, True)
    reopened = changed(wire, sys_id, state="2")
    assert (reopened["reopen_count"], reopened["resolved_at"], reopened["resolved_by"]) == ("1", "", "")
    assert (reopened["reopened_by"]["value"], reopened["close_code"]) == (ADMIN, "Solution provided")
    closed = changed(wire, sys_id, state="7")
    assert (closed["active"], closed["closed_by"]["value"], bool(closed["closed_at"])) == ("false", ADMIN, True)
    assert changed(wire, sys_id, state="8")["active"] == "false"
    both = changed(wire, sys_id, state="1", incident_state="2")
    assert (both["state"], both["incident_state"], both["active"]) == ("1", "1", "true")


@pytest.mark.assumed("each change of the group after the first is counted, and the person assigned stays")
def test_reassignment(wire: Wire, instance: Instance) -> None:
    sys_id = made(wire)["sys_id"]
    counts = []
    for group in (NETWORK, NETWORK, SERVICE_DESK, NETWORK):
        record = changed(wire, sys_id, assignment_group=group, assigned_to=ADMIN)
        counts.append(record["reassignment_count"])
    assert counts == ["0", "0", "1", "2"]
    assert changed(wire, sys_id, assignment_group=SERVICE_DESK)["assigned_to"]["value"] == ADMIN


@pytest.mark.documented("ServiceNow docs: dates and times are shown and typed in the caller's zone and format")
def test_the_callers_own_time(wire: Wire, instance: Instance) -> None:
    itil = instance.system().table("sys_user").first("user_name=itil")
    assert itil is not None
    instance.system().table("sys_user").update(itil.sys_id, {"time_zone": "US/Pacific", "date_format": "dd/MM/yyyy"})
    sys_id = made(wire, due_date="2024-07-01 12:00:00")["sys_id"]
    path = f"{INCIDENTS}/{sys_id}?sysparm_fields=due_date&sysparm_display_value=all"
    shown = {"due_date": {"display_value": "01/07/2024 05:00:00", "value": "2024-07-01 12:00:00"}}
    assert wire.get(path, auth=("itil", "itil")).json()["result"] == shown
    typed = f"{path}&sysparm_input_display_value=true"
    answer = wire.patch(typed, json={"due_date": "01/12/2024 05:00:00"}, auth=("itil", "itil"))
    assert answer.json()["result"]["due_date"]["value"] == "2024-12-01 13:00:00"
    found = wire.get(f"{INCIDENTS}?sysparm_query=due_date=2024-12-01 13:00:00", auth=("itil", "itil"))
    assert [record["sys_id"] for record in found.json()["result"]] == [sys_id]


@pytest.mark.parametrize(
    "user, statuses",
    [
        (None, {"list": 401, "read": 401, "create": 401, "change": 401, "delete": 401}),
        ("abel.tuter", {"list": 200, "read": 404, "create": 403, "change": 404, "delete": 404}),
        ("itil", {"list": 200, "read": 200, "create": 201, "change": 200, "delete": 403}),
        ("admin", {"list": 200, "read": 200, "create": 201, "change": 200, "delete": 204}),
    ],
)
@pytest.mark.documented("ServiceNow docs: which roles open, change and delete incidents, and what others get")
def test_who_may_do_what(wire: Wire, instance: Instance, user: str | None, statuses: dict[str, int]) -> None:
    if user is not None:
        users = instance.system().table("sys_user")
        found = users.first(f"user_name={user}")
        assert found is not None
        users.update(found.sys_id, {"user_password": "for tests only"})
    auth = None if user is None else (user, "for tests only")
    record = instance.system().table("incident").insert({"short_description": "somebody else's"})
    path = f"{INCIDENTS}/{record.sys_id}"
    answers = {
        "list": wire.get(INCIDENTS, auth=auth),
        "read": wire.get(path, auth=auth),
        "create": wire.post(INCIDENTS, json={"short_description": "new"}, auth=auth),
        "change": wire.patch(path, json={"urgency": "1"}, auth=auth),
        "delete": wire.delete(path, auth=auth),
    }
    assert {name: answer.status_code for name, answer in answers.items()} == statuses
    if statuses["read"] == 404:
        assert answers["list"].json() == {"result": []}
