"""Rule files and alert streams as people write them: what is read, and how each mistake is named."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import yaml

from sandtable_connector.rules import RuleRunner, parse_alert, parse_rules, read_alerts, read_rules
from sandtable_connector.rules.windows import parse_window
from sandtable_connector.values.invalid_input import InvalidInput

pytestmark = pytest.mark.ours(
    "a file that cannot be used is refused with its place, the field, what is wrong, and the fix"
)

FIXTURES = Path(__file__).resolve().parents[2] / "fixtures" / "alerts"
ID = "{id: r1, actions: []}"
ACTION = "rules:\n  - id: r1\n    schedule: {interval: 5m}\n    actions:\n      - params: {}\n        frequency: "


@pytest.mark.parametrize(
    "text, complaint",
    [
        ("rules: [", "rules.yml line 1: not YAML"),
        ("- a", "rules.yml: a rule file is a mapping with a list `rules`. Start the file with `rules:`."),
        ("rules:\n  - name: x", "rules.yml line 2: rules[0].id: the field is missing"),
        ("rules:\n  - id: r1\n    actoins: []", "line 3: rules[0].actoins: unknown field. Did you mean actions?"),
        (
            "rules:\n  - id: r1\n    schedule: {interval: soon}",
            "line 3: rules[0].schedule: interval: 'soon' is not a dur",
        ),
        (
            "rules:\n  - id: r1\n    schedule: {every: 1m}",
            "line 3: rules[0].schedule: a schedule has one field, interval",
        ),
        (
            "rules:\n  - id: r1\n    alert_delay: {active: 0}",
            "line 3: rules[0].alert_delay.active: Input should be great",
        ),
        (f"rules: [{ID}, {ID}]", "two rules have the id 'r1'"),
        (
            f"{ACTION}{{notify_when: onThrottleInterval}}",
            "line 6: rules[0].actions[0].frequency: notify_when onThrottleInterval needs throttle, such as throttle: ",
        ),
        (
            f"{ACTION}{{summary: true, notify_when: onActionGroupChange}}",
            "a summary runs onActiveAlert or onThrottleInterval, never onActionGroupChange",
        ),
        (
            f"{ACTION}{{notify_when: onThrottleInterval, throttle: 1m}}",
            "actions[0].frequency.throttle 1m is shorter than the check interval 5m",
        ),
        ("rules:\n  - id: r1\n    actions:\n      - group: g", "rules[0].actions[0].params: the field is missing"),
        (
            "rules:\n  - id: r1\n    actions:\n      - {params: {}, id: a, connector_id: b}",
            "id and connector_id are two names for the connector; give one",
        ),
        (
            f"rules: [{ID}]\nmaintenance_windows:\n  - {{title: w, start: '2026-03-02', duration: 1h, rules: [r9]}}",
            "maintenance window 'w' names a rule 'r9' that is not here",
        ),
        (
            f"rules: [{ID}]\nmaintenance_windows:\n  - {{title: w, start: '2026-03-02'}}",
            "give either end or duration",
        ),
        (f"rules: [{ID}]\nsettings: {{alerts_max: 0}}", "line 2: settings.alerts_max: Input should be greater"),
        (
            f"rules: [{ID}]\nsettings: {{absent_alerts: gone}}",
            "settings.absent_alerts: Input should be 'unchanged' or 'recovered', not 'gone'",
        ),
    ],
)
def test_a_rule_file_that_cannot_be_used(text: str, complaint: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        parse_rules(text, source="rules.yml")
    assert complaint in str(refused.value)


def test_a_rule_file_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match=r"none\.yml: cannot be read"):
        read_rules(tmp_path / "none.yml")
    (tmp_path / "latin.yml").write_bytes(b"rules: [\xff]")
    with pytest.raises(InvalidInput, match=r"latin\.yml: cannot be read"):
        read_rules(tmp_path / "latin.yml")


DOCUMENT = {
    "@timestamp": "2026-03-02T10:00:00Z",
    "kibana.alert.instance.id": "a",
    "kibana.alert.uuid": "u",
    "kibana.alert.status": "active",
    "kibana.alert.rule.uuid": "r",
}


@pytest.mark.parametrize(
    "change, complaint",
    [
        ({"kibana.alert.status": "firing"}, "kibana.alert.status: 'firing' is not one of active, recovered, untracked"),
        ({"kibana.alert.status": None}, "kibana.alert.status: the field is missing"),
        ({"kibana.alert.uuid": 5}, "kibana.alert.uuid: 5 is not text"),
        ({"@timestamp": None}, "@timestamp: the field is missing"),
        ({"@timestamp": "noon"}, "@timestamp: 'noon' is not a date. Write ISO 8601"),
        ({"@timestamp": 10**30}, "is not a date"),
        (
            {"kibana.alert.start": "2026-03-02T09:00:00Z", "kibana.alert.end": "2026-03-02T08:00:00Z"},
            "ends before it starts",
        ),
        ({"kibana.alert.flapping": "perhaps"}, "kibana.alert.flapping: 'perhaps' is neither true nor false"),
        ({"kibana": {"alert": {"uuid": "v"}}}, "kibana.alert.uuid: the field is given twice"),
        ({"kibana.alert": "x"}, "given twice"),
        ({"kibana.alert.rule.tags": [1]}, "kibana.alert.rule.tags: [1] is not a list of texts"),
        ({"context": "x"}, "context: 'x' is not an object"),
    ],
)
def test_an_alert_that_cannot_be_used(change: dict[str, Any], complaint: str) -> None:
    line = json.dumps({name: value for name, value in {**DOCUMENT, **change}.items() if value is not None})
    with pytest.raises(InvalidInput) as refused:
        list(read_alerts([json.dumps(DOCUMENT), line], source="alerts.jsonl"))
    assert str(refused.value).startswith("alerts.jsonl line 2: ")
    assert complaint in str(refused.value)


@pytest.mark.parametrize("line", ["{", "[1]", "1", '"text"', "null", "\0"])
def test_a_line_that_is_no_document(line: str) -> None:
    with pytest.raises(InvalidInput, match=r"^alerts line 1: "):
        list(read_alerts([line]))


@pytest.mark.recorded("the shapes in which Kibana's alerts index and search API give a document")
def test_dotted_nested_and_mixed_documents_and_search_hits_are_one() -> None:
    nested = {
        "@timestamp": "2026-03-02T10:00:00Z",
        "kibana": {"alert": {"instance": {"id": "a"}, "uuid": "u", "status": "active", "rule": {"uuid": "r"}}},
    }
    mixed = {
        "@timestamp": 1772445600000,
        "kibana": {"alert.instance.id": "a", "alert": {"uuid": "u", "status": "active"}},
        "kibana.alert.rule.uuid": "r",
    }
    hit = {"_index": ".alerts-x", "_source": DOCUMENT}
    listed = {name: [value] for name, value in DOCUMENT.items()}
    first = parse_alert(DOCUMENT)
    for other in (nested, mixed, hit, listed):
        found = parse_alert(other)
        assert (found.alert_id, found.uuid, found.status, found.rule_id) == ("a", "u", "active", "r")
        assert found.timestamp == first.timestamp == datetime(2026, 3, 2, 10, tzinfo=UTC)


def test_blank_lines_are_passed_over_and_lines_keep_their_numbers() -> None:
    found = list(read_alerts(["\n", json.dumps(DOCUMENT), "   ", json.dumps(DOCUMENT)]))
    assert [alert.position for alert in found] == [2, 4]


@pytest.mark.documented("Kibana docs, alerting APIs: a rule as GET /api/alerting/rule/<id> returns it")
def test_a_rule_pasted_from_the_api_is_a_rule() -> None:
    pasted = {
        "id": "41893910-6bca-11eb-9e0d-85d233e3ee35",
        "name": "cpu",
        "consumer": "alerts",
        "enabled": True,
        "mute_all": False,
        "muted_alert_ids": [],
        "notify_when": None,
        "throttle": None,
        "rule_type_id": ".index-threshold",
        "schedule": {"interval": "1m"},
        "scheduled_task_id": "x",
        "snooze_schedule": [
            {"duration": 3600000, "rRule": {"dtstart": "2026-03-02T10:00:00Z", "tzid": "UTC", "count": 1}}
        ],
        "tags": ["a"],
        "params": {"index": ["i"]},
        "actions": [
            {
                "uuid": "ac1",
                "id": "c1",
                "connector_type_id": ".servicenow",
                "group": "threshold met",
                "frequency": {"summary": False, "notify_when": "onActionGroupChange", "throttle": None},
                "params": {"subAction": "pushToService", "subActionParams": {"incident": {"short_description": "x"}}},
            }
        ],
        "created_by": "e",
        "execution_status": {"status": "ok"},
        "revision": 1,
    }
    (rule,) = parse_rules(json.dumps(pasted)).rules
    assert (rule.name, rule.actions[0].connector_id, rule.action_key(0)) == ("cpu", "c1", "ac1")
    assert rule.snoozed(datetime(2026, 3, 2, 10, 30, tzinfo=UTC))
    assert not rule.snoozed(datetime(2026, 3, 2, 11, 30, tzinfo=UTC))


def test_warnings_name_what_is_probably_not_meant() -> None:
    rules = parse_rules("rules: [{id: r1, actions: [], schedule: {interval: 10s}}]")
    assert list(rules.warnings()) == [
        "rule r1: checks every 10s, more often than the minimum of 1m",
        "rule r1: has no actions, so its alerts are never told to anybody",
    ]


MONDAY = datetime(2026, 3, 2, 10, tzinfo=UTC)


@pytest.mark.documented("Kibana docs, maintenance window and snooze schedules")
@pytest.mark.parametrize(
    "window, inside, outside",
    [
        (
            {"start": "2026-03-02T10:00:00Z", "duration": "1h"},
            ["2026-03-02T10:59"],
            ["2026-03-02T09:59", "2026-03-02T11:00"],
        ),
        ({"start": "2026-03-02T10:00:00Z", "end": "2026-03-02T10:30:00Z"}, ["2026-03-02T10:29"], ["2026-03-02T10:30"]),
        (
            {"start": "2026-03-02T10:00:00Z", "duration": "1h", "recurring": {"every": "1d", "occurrences": 2}},
            ["2026-03-03T10:00", "2026-03-03T10:59"],
            ["2026-03-04T10:30", "2026-03-03T09:59", "2026-03-03T11:00"],
        ),
        (
            {
                "start": "2026-03-02T10:00:00Z",
                "duration": "1h",
                "recurring": {"every": "1w", "onWeekDay": ["MO", "FR"]},
            },
            ["2026-03-06T10:30", "2026-03-09T10:30"],
            ["2026-03-04T10:30"],
        ),
        (
            {"start": "2026-01-31T10:00:00Z", "duration": "1h", "recurring": {"every": "1M"}},
            ["2026-03-31T10:30"],
            ["2026-02-28T10:30", "2026-03-01T10:30"],
        ),
        (
            # The clocks go forward on 29 March: ten in the morning stays ten in the morning.
            {
                "start": "2026-03-28T09:00:00Z",
                "duration": "1h",
                "timezone": "Europe/Oslo",
                "recurring": {"every": "1d", "end": "2026-04-01T00:00:00Z"},
            },
            ["2026-03-29T08:30"],
            ["2026-03-29T09:30", "2026-04-02T08:30"],
        ),
        (
            # The end of the recurrence is the last moment at which the span may begin.
            {
                "start": "2026-03-02T10:00:00Z",
                "duration": "1h",
                "recurring": {"every": "1d", "end": "2026-03-04T10:00:00Z"},
            },
            ["2026-03-04T10:00", "2026-03-04T10:59"],
            ["2026-03-05T10:30"],
        ),
        (
            # The first week begins on a Wednesday: its Monday lies before the start and does not count.
            {
                "start": "2026-03-04T10:00:00Z",
                "duration": "1h",
                "recurring": {"every": "2w", "onWeekDay": ["MO", "WE"], "occurrences": 3},
            },
            ["2026-03-04T10:30", "2026-03-16T10:30", "2026-03-18T10:30"],
            ["2026-03-02T10:30", "2026-03-09T10:30", "2026-03-11T10:30", "2026-03-30T10:30"],
        ),
        (
            {"start": "2024-02-29T10:00:00Z", "duration": "1h", "recurring": {"every": "1y"}},
            ["2028-02-29T10:30"],
            ["2025-02-28T10:30", "2025-03-01T10:30"],
        ),
        (
            {"start": "2025-11-15T10:00:00Z", "duration": "1h", "recurring": {"every": "2M"}},
            ["2026-01-15T10:30", "2026-03-15T10:30"],
            ["2025-12-15T10:30", "2026-02-15T10:30"],
        ),
        (
            {
                "rRule": {"dtstart": "2026-03-02T10:00:00Z", "freq": 3, "interval": 2, "count": 2, "tzid": "UTC"},
                "duration": 3600000,
            },
            ["2026-03-02T10:30", "2026-03-04T10:30"],
            ["2026-03-03T10:30", "2026-03-06T10:30", "2026-03-04T11:00"],
        ),
    ],
)
def test_spans_of_time(window: dict[str, Any], inside: list[str], outside: list[str]) -> None:
    span = parse_window(window, "window")
    for text in inside:
        assert span.covers(datetime.fromisoformat(f"{text}:00+00:00")), text
    for text in outside:
        assert not span.covers(datetime.fromisoformat(f"{text}:00+00:00")), text


@pytest.mark.parametrize(
    "window, complaint",
    [
        ("always", "an object with start and end (or duration) is needed"),
        ({"start": "2026-03-02", "duration": "1h", "colour": 1}, "w.colour: unknown field"),
        ({"duration": "1h"}, "w.start: the field is missing"),
        ({"start": "2026-03-02", "end": "2026-03-01"}, "w.end: the span ends before it starts"),
        ({"start": "2026-03-02", "duration": "1h", "timezone": "Mars"}, "w.timezone: 'Mars' is not a time zone"),
        ({"start": "2026-03-02", "duration": "1h", "recurring": {"every": "1x"}}, "w.recurring.every: '1x' is not 1d"),
        (
            {"start": "2026-03-02", "duration": "1h", "recurring": {"every": "1d", "onWeekDay": ["MO"]}},
            "w.recurring.onWeekDay: ['MO'] cannot be used",
        ),
        ({"rRule": {"dtstart": "2026-03-02"}, "duration": "1h"}, "w.duration: '1h' is not a number of milliseconds"),
        ({"rRule": {"dtstart": "2026-03-02", "freq": 9}, "duration": 5}, "w.rRule.freq: 9 is not a frequency"),
    ],
)
def test_a_span_that_cannot_be_used(window: Any, complaint: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        parse_window(window, "w")
    assert complaint in str(refused.value)


@pytest.mark.ours("the story in fixtures/alerts is what its rules and alerts give")
def test_the_story_of_the_fixtures() -> None:
    story = yaml.safe_load((FIXTURES / "story.yml").read_text())
    expected = [(step["alert"], step["call"]) for step in story["steps"] if "alert" in step]
    rules = read_rules(FIXTURES / "rules.yml")
    assert list(rules.warnings()) == []
    alerts = list(read_alerts((FIXTURES / "alerts.jsonl").read_text().splitlines()))
    outcomes = list(RuleRunner(rules).checks(alerts))
    calls = [call for outcome in outcomes for call in outcome.calls]
    assert [(call.position, call.sub_action) for call in calls] == expected
    assert [silent for outcome in outcomes for silent in outcome.silent] == []
    refused = {step["alert"] for step in story["steps"] if step.get("outcome") == "refused"}
    assert {call.position for call in calls if len(call.correlation_id or "") == 101} == refused
    comments = [call.params["subActionParams"]["comments"] for call in calls if call.position == 1]
    assert comments == [[{"commentId": "1", "comment": "Check 1: 93 % of the disk is in use"}]]
    assert sum(len(document.alert_id) == 64 for document in alerts) == 2
