"""Cases: what a push sends, what it leaves out, and what it notes."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from sandtable_connector import Behaviour, Connector
from sandtable_connector.cases import (
    Case,
    PushFailed,
    case_params,
    case_status,
    case_url,
    case_wire,
    offered_for_new_cases,
    parse_case,
    push_case,
)
from sandtable_connector.connector_types import ITOM, ITSM, SIR
from sandtable_connector.values.invalid_input import InvalidInput

pytestmark = pytest.mark.documented("Kibana docs, push cases to external incident management systems")

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC).timestamp()
CASE: dict[str, Any] = {
    "id": "case-1",
    "title": "Ransomware on web-01",
    "description": "Files are renamed",
    "status": "open",
    "owner": "securitySolution",
    "created_by": {"full_name": "Ann Smith", "username": "ann", "email": None},
    "updated_by": None,
    "connector": {"id": "c1", "type": ".servicenow", "fields": {"severity": "1", "urgency": "2", "impact": None}},
    "comments": [
        {
            "id": "m1",
            "type": "user",
            "comment": "Seen at 11",
            "created_at": "2026-03-02T11:00:00.000Z",
            "created_by": {"full_name": None, "username": "bob"},
        },
        {"id": "m2", "type": "alert", "alertId": ["a1", "a2"], "created_at": "2026-03-02T11:01:00.000Z"},
    ],
    "external_service": None,
    "version": "WzE=",
}


def case(**changes: Any) -> Case:
    return parse_case({**CASE, **changes})


@pytest.fixture
def connector(stage: Any) -> Callable[..., Connector]:
    def make(answers: list[Any] | None = None, preset: str = "documented", **made: Any) -> Any:
        script = stage.Script(answers or [])
        found = stage.connector(script, preset, **made)
        found.script = script
        return found

    return make


@pytest.fixture
def answers(stage: Any) -> Callable[[int], list[Any]]:
    """Give what an instance answers to a push with some comments."""

    def make(comments: int = 0) -> list[Any]:
        once = [stage.health(), stage.row(), stage.answer(stage.record())]
        return once * (1 + comments)

    return make


def test_the_first_push_creates_an_incident_with_all_comments(connector: Any, answers: Any, stage: Any) -> None:
    made = connector(answers(2))
    pushed = push_case(case(), made, clock=lambda: NOON)
    incident = pushed.params["subActionParams"]["incident"]
    assert incident == {
        "short_description": "Ransomware on web-01",
        "description": "Files are renamed\n\nAdded by Ann Smith.",
        "externalId": None,
        "correlation_id": "case-1",
        "correlation_display": "Elastic Case",
        "severity": "1",
        "urgency": "2",
        "impact": None,
        "category": None,
        "subcategory": None,
    }
    assert pushed.params["subActionParams"]["comments"] == [
        {"commentId": "m1", "comment": "Seen at 11\n\nAdded by bob."},
        {"commentId": "case-1-total-alerts", "comment": "Elastic Alerts attached to the case: 2"},
    ]
    (push,) = pushed.case.pushes
    assert (push.external_id, push.external_title, push.connector_id) == (stage.SYS_ID, "INC0010001", "c1")
    assert push.pushed_at.timestamp() == NOON  # our clock, not the record's date
    assert pushed.case.status == "open"


def test_a_later_push_updates_by_id_and_sends_nothing_again(connector: Any, answers: Any, stage: Any) -> None:
    first = push_case(case(), connector(answers(2)), clock=lambda: NOON).case
    made = connector(answers())
    second = push_case(first, made, clock=lambda: NOON + 60)
    assert second.params["subActionParams"]["comments"] == []
    assert second.params["subActionParams"]["incident"]["externalId"] == stage.SYS_ID
    assert made.script.body(1)["elastic_incident_id"] == stage.SYS_ID
    assert len(second.case.pushes) == 2


@pytest.mark.documented("elastic/kibana#103071")
def test_row_36_an_edited_comment_is_appended_again_and_no_other(connector: Any, answers: Any) -> None:
    given = {**CASE, "comments": [*CASE["comments"], {**CASE["comments"][0], "id": "m3", "comment": "Other"}]}
    first = push_case(parse_case(given), connector(answers(3)), clock=lambda: NOON)
    wire = case_wire(first.case, given)
    wire["comments"][0] |= {
        "comment": "Seen at 10",
        "updated_at": "2026-03-02T12:30:00Z",
        "updated_by": {"full_name": "Cy"},
    }
    params = case_params(parse_case(wire), connector())
    assert params["subActionParams"]["comments"] == [{"commentId": "m1", "comment": "Seen at 10\n\nAdded by Cy."}]


@pytest.mark.ours("an edit in the very moment of a push is pushed once more rather than lost")
def test_a_comment_written_while_the_push_ran_goes_with_the_next(connector: Any, answers: Any) -> None:
    first = push_case(case(), connector(answers(2)), clock=lambda: NOON).case
    late = {**CASE["comments"][0], "id": "m9", "created_at": "2026-03-02T12:00:00.000Z"}
    wire = case_wire(first, {**CASE, "comments": [*CASE["comments"], late]})
    params = case_params(parse_case(wire), connector())
    assert [comment["commentId"] for comment in params["subActionParams"]["comments"]] == ["m9"]


@pytest.mark.ours("a push counts from before it began: what was written while it ran is new to the next")
def test_a_push_is_dated_by_its_beginning(connector: Any, answers: Any) -> None:
    times = iter([NOON, NOON + 60, NOON + 120])
    pushed = push_case(case(), connector(answers(2)), clock=lambda: next(times)).case
    assert pushed.pushes[-1].pushed_at.timestamp() == NOON
    assert {comment.pushed_at for comment in pushed.comments if comment.pushed_at} == {pushed.pushes[-1].pushed_at}


def test_new_alerts_are_counted_again_all_of_them(connector: Any, answers: Any) -> None:
    first = push_case(case(), connector(answers(2)), clock=lambda: NOON).case
    more = {"id": "m4", "type": "alert", "alertId": "a3", "created_at": "2026-03-02T13:00:00Z"}
    wire = case_wire(first, CASE)
    params = case_params(parse_case({**wire, "comments": [*wire["comments"], more]}), connector())
    assert params["subActionParams"]["comments"] == [
        {"commentId": "case-1-total-alerts", "comment": "Elastic Alerts attached to the case: 3"}
    ]


@pytest.mark.ours("an alert that is attached twice is one alert")
@pytest.mark.parametrize("again", ["a1", ["a1", "a2"], ["a2"]])
def test_an_alert_that_is_attached_again_is_not_counted_again(connector: Any, again: Any) -> None:
    more = {"id": "m4", "type": "alert", "alertId": again, "created_at": "2026-03-02T13:00:00Z"}
    params = case_params(parse_case({**CASE, "comments": [*CASE["comments"], more]}), connector())
    assert params["subActionParams"]["comments"][-1]["comment"] == "Elastic Alerts attached to the case: 2"


def test_switching_connectors_and_back_reuses_the_old_incident(connector: Any, answers: Any, stage: Any) -> None:
    first = push_case(case(), connector(answers(2)), clock=lambda: NOON).case
    other = stage.connector(
        stage.Script([stage.health(), stage.row("b" * 32), stage.answer(stage.record("b" * 32))] * 3)
    )
    other.connector_id = "c2"
    second = push_case(first, other, clock=lambda: NOON + 60)
    assert second.params["subActionParams"]["incident"]["externalId"] is None
    assert [comment["commentId"] for comment in second.params["subActionParams"]["comments"]] == ["m1"]
    wire = case_wire(second.case, CASE)
    assert wire["external_service"]["connector_id"] == "c2"
    back = case_params(parse_case(wire), connector())
    assert back["subActionParams"]["incident"]["externalId"] == stage.SYS_ID


@pytest.mark.parametrize(
    ("people", "name"),
    [
        ({"updated_by": {"full_name": "Una", "username": "u"}}, "Una"),
        ({"updated_by": {"full_name": None, "username": "u"}}, "u"),
        ({"updated_by": None}, "Ann Smith"),
        ({"updated_by": {}, "created_by": {"full_name": "", "username": ""}}, "Unknown"),
    ],
)
def test_who_is_named(people: dict[str, Any], name: str, connector: Any) -> None:
    incident = case_params(case(**people), connector())["subActionParams"]["incident"]
    assert incident["description"] == f"Files are renamed\n\nAdded by {name}."


@pytest.mark.parametrize(
    ("owner", "space", "url"),
    [
        ("securitySolution", "default", "https://k/app/security/cases/case-1"),
        ("observability", "ops", "https://k/s/ops/app/observability/cases/case-1"),
        ("cases", "default", "https://k/app/management/insightsAndAlerting/cases/case-1"),
    ],
)
def test_with_a_public_address_the_case_is_linked(owner: str, space: str, url: str, connector: Any) -> None:
    found = case(owner=owner, space_id=space)
    assert case_url(found, "https://k/") == url
    params = case_params(found, connector(), public_base_url="https://k")["subActionParams"]
    assert params["incident"]["description"] == (
        f"Files are renamed\n\nAdded by Ann Smith.\nFor more details, view this case in Kibana.\nCase URL: {url}"
    )
    assert params["comments"][1]["comment"] == (
        f"Elastic Alerts attached to the case: 2\n\nAlerts URL: {url}?tabId=alerts"
    )


class TestClosure:
    def test_a_push_can_close_the_case_and_never_the_incident(self, connector: Any, answers: Any) -> None:
        made = connector(answers(2))
        closed = push_case(case(), made, closure="close-by-pushing", clock=lambda: NOON).case
        assert (closed.status, closed.closed_at and closed.closed_at.timestamp()) == ("closed", NOON)
        assert all("u_state" not in (made.script.body(number) or {}) for number in (1, 4, 7))
        assert case_wire(closed, CASE)["closed_at"] == "2026-03-02T12:00:00.000Z"

    @pytest.mark.documented("elastic/kibana#198146")
    @pytest.mark.parametrize(
        ("preset", "pushed"), [("documented", True), ("kibana-8.13", False), ("kibana-9.0", True), ("kibana-9", True)]
    )
    def test_a_closed_case_is_pushed_since_8_17(self, connector: Any, answers: Any, preset: str, pushed: bool) -> None:
        made = connector(answers(2), preset)
        if pushed:
            assert push_case(case(status="closed"), made, closure="close-by-pushing").case.status == "closed"
        else:
            with pytest.raises(PushFailed, match="is closed") as refused:
                push_case(case(status="closed"), made)
            assert refused.value.status == 409


class TestFailures:
    def test_it_is_tried_once_and_says_what_the_connector_says(self, connector: Any, stage: Any) -> None:
        made = connector([stage.refused(503, "Down", "Later")])
        with pytest.raises(PushFailed) as failed:
            push_case(case(), made)
        assert failed.value.status == 424
        assert failed.value.message.startswith("Failed to push case: Error: [Action][ServiceNow]: Unable to create")
        assert len(made.script.requests) == 1

    @pytest.mark.assumed("a record deleted in ServiceNow is not found when it is read back; the import decides before")
    def test_row_37_an_incident_that_was_deleted(self, connector: Any, answers: Any, stage: Any) -> None:
        first = push_case(case(), connector(answers(2)), clock=lambda: NOON).case
        refused = stage.row(None, "error", error_message="No such incident")
        with pytest.raises(PushFailed, match="No such incident"):
            push_case(first, connector([stage.health(), refused]), clock=lambda: NOON + 60)
        anew = connector([stage.health(), stage.row("c" * 32), stage.answer(stage.record("c" * 32))])
        pushed = push_case(first, anew, clock=lambda: NOON + 60).case
        assert pushed.pushes[-1].external_id == "c" * 32

    def test_events_are_no_cases(self, connector: Any) -> None:
        with pytest.raises(PushFailed, match="ServiceNow ITOM cannot be used for cases"):
            push_case(case(), connector(kind=".servicenow-itom"))


class TestTypes:
    ALERTS = [
        {"destination.ip": "10.0.0.1", "source": {"ip": ["10.0.0.2", "10.0.0.3"]}, "file.hash.sha256": "ab"},
        {"destination": {"ip": "10.0.0.1"}, "url.full": "https://bad.example.com"},
    ]

    def test_a_security_incident_has_the_observables_its_flags_ask_for(self, connector: Any) -> None:
        fields = {"category": "c", "priority": "1", "destIp": True, "sourceIp": True, "malwareUrl": False}
        given = case(connector={"id": "c1", "fields": fields}, alerts=self.ALERTS)
        incident = case_params(given, connector(kind=".servicenow-sir"))["subActionParams"]["incident"]
        assert incident["dest_ip"] == ["10.0.0.1"]
        assert incident["source_ip"] == ["10.0.0.2", "10.0.0.3"]
        assert incident["malware_url"] is None
        assert incident["malware_hash"] is None
        assert (incident["priority"], "severity" in incident) == ("1", False)

    @pytest.mark.documented("elastic/kibana#201948")
    def test_additional_fields_where_the_release_knows_them(self, connector: Any) -> None:
        given = case(connector={"id": "c1", "fields": {"additionalFields": '{"u_location": "here"}'}})
        incident = case_params(given, connector())["subActionParams"]["incident"]
        assert json.loads(incident["additional_fields"]) == {"u_location": "here"}
        before = case_params(given, connector(preset="kibana-8.13"))["subActionParams"]["incident"]
        assert "additional_fields" not in before

    def test_a_deprecated_connector_is_not_offered_for_new_cases(self, connector: Any) -> None:
        assert offered_for_new_cases(connector())
        assert not offered_for_new_cases(connector(table=True))
        assert not offered_for_new_cases(connector(kind=".servicenow-itom"))

    @pytest.mark.recorded("newest elastic/kibana, what a record's state stands for")
    def test_what_a_state_stands_for(self) -> None:
        assert [case_status(ITSM, state) for state in "123678"] == ["open", *["in-progress"] * 2, *["closed"] * 3]
        assert case_status(SIR, "1") == "open"
        assert {case_status(SIR, state) for state in ("10", "16", "18", "19", "100")} == {"in-progress"}
        assert {case_status(SIR, state) for state in ("3", "7")} == {"closed"}
        assert {case_status(SIR, state) for state in ("2", "6", "8", "9", "", "01")} == {None}
        assert case_status(ITSM, "9") is None
        assert case_status(ITOM, "1") is None


@pytest.mark.ours("a case that cannot be used is refused with the field")
@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"id": ""}, "id: the field is missing or empty"),
        ({"title": 5}, "title: 5 is not text"),
        ({"status": "ajar"}, "status: 'ajar' is not one of open, in-progress, closed"),
        ({"comments": {}}, "comments: a list of objects is needed"),
        ({"comments": [{"id": "x", "type": "user", "comment": "c"}]}, "comments[0].created_at: the field is missing"),
        (
            {"comments": [{"id": "x", "type": "user", "created_at": "now"}]},
            "comments[0].created_at: 'now' is not a date",
        ),
        ({"connector": {"fields": []}}, "connector.fields: an object is needed"),
        ({"external_service": {"connector_id": "c"}}, "external_service.pushed_at: the field is missing"),
        ({"created_by": "Ann"}, "created_by: an object is needed"),
        (
            {"comments": [{"id": "x", "type": "alert", "alertId": [5], "created_at": "2026-03-02"}]},
            "comments[0].alertId: [5] is neither an id nor a list of them",
        ),
    ],
)
def test_a_case_that_cannot_be_used(change: dict[str, Any], complaint: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        parse_case({**CASE, **change})
    assert complaint in str(refused.value)


@pytest.mark.ours("what a push writes into a case is read again")
def test_a_case_survives_being_written_and_read(connector: Any, answers: Any) -> None:
    pushed = push_case(case(), connector(answers(2)), clock=lambda: NOON).case
    wire = json.loads(json.dumps(case_wire(pushed, CASE)))
    assert parse_case(wire) == pushed
    assert wire["version"] == "WzE="
    assert isinstance(Behaviour.documented().closed_cases_pushed, bool)
