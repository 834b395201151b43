"""How often an action runs: each check, on a change of status, at an interval, as a summary; and for which alerts."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest

from sandtable_connector.rules import RuleRunner
from sandtable_connector.rules.rule_file import Timeframe

pytestmark = pytest.mark.documented("Kibana docs, Create and manage rules: action frequency")

CHANGE = {"frequency": {"notify_when": "onActionGroupChange"}}


def interval(throttle: str, **more: Any) -> dict[str, Any]:
    return {"frequency": {"notify_when": "onThrottleInterval", "throttle": throttle, **more}}


def test_on_a_change_of_status_an_ongoing_alert_is_told_once(given: Any) -> None:
    rules = given.rules(actions=[{**given.push(), **CHANGE}, {**given.CLOSE, **CHANGE}])
    documents = [given.document(0), given.document(1), given.document(2, status="recovered")]
    assert given.told(rules, *documents) == ["push web-01", "unchanged web-01", "close web-01"]


def test_a_change_of_group_is_a_change_of_status(given: Any) -> None:
    rules = given.rules(actions=[{**given.push(), **CHANGE}])
    groups = ["warning", "warning", "critical", "warning"]
    documents = [given.document(n, kibana__alert__action_group=group) for n, group in enumerate(groups)]
    assert given.told(rules, *documents) == ["push web-01", "unchanged web-01", "push web-01", "push web-01"]


def test_an_interval_holds_back_until_it_has_passed_for_each_alert_on_its_own(given: Any) -> None:
    rules = given.rules(actions=[{**given.push(), **interval("3m")}])
    documents = [given.document(minute) for minute in range(5)]
    documents.insert(2, given.document(1, "web-02"))
    told = given.told(rules, *documents)
    assert told == [
        "push web-01",
        "push web-02, throttled web-01",
        "throttled web-01",
        "push web-01",
        "throttled web-01",
    ]


@pytest.mark.assumed("an interval counts from what was sent since the alert came into its group")
def test_an_interval_begins_anew_with_each_change_of_group(given: Any) -> None:
    loud = {**given.push(urgency="1"), **interval("1h")}
    choosy = {**given.push(urgency="3"), **interval("1h"), "alerts_filter": {"match": {"host.name": "db"}}}
    steps = [("warning", "db"), ("critical", "db"), ("warning", "web"), ("warning", "db"), ("warning", "db")]
    actions = [{**action, "group": group} for group in ("warning", "critical") for action in (loud, choosy)]
    documents = [
        given.document(n, **{"kibana__alert__action_group": group, "host.name": host})
        for n, (group, host) in enumerate(steps)
    ]
    outcomes = given.played(given.rules(actions=actions), *documents)
    sent = [[call.incident["urgency"] for call in outcome.calls] for outcome in outcomes]
    # The third check tells only the loud one; the choosy one has not been told since, so the fourth tells it.
    assert sent == [["1", "3"], ["1", "3"], ["1"], ["3"], []]


def test_a_recovery_is_not_held_back_by_an_interval(given: Any) -> None:
    actions = [{**given.push(), **interval("1h")}, {**given.CLOSE, **interval("1h")}]
    rules = given.rules(actions=actions, flapping={"enabled": False})
    documents = [
        given.document(0),
        given.document(1, status="recovered"),
        given.document(2, start=2),
        given.document(3, status="recovered", start=2),
    ]
    assert given.told(rules, *documents) == ["push web-01", "close web-01", "push web-01", "close web-01"]


def test_an_action_runs_for_its_group_only(given: Any) -> None:
    rules = given.rules(
        actions=[{**given.push(urgency="1"), "group": "critical"}, {**given.push(urgency="3"), "group": "warning"}]
    )
    documents = [
        given.document(n, kibana__alert__action_group=group) for n, group in enumerate(("critical", "warning"))
    ]
    calls = list(RuleRunner(rules).calls(given.alerts(*documents)))
    assert [(call.group, call.incident["urgency"]) for call in calls] == [("critical", "1"), ("warning", "3")]
    assert given.told(rules, given.document(0, kibana__alert__action_group="other")) == ["group web-01"]


@pytest.mark.ours("the group * stands for every group of active alerts, because rule types name their own")
def test_an_action_without_a_group_is_for_every_active_alert_and_no_recovered_one(given: Any) -> None:
    rules = given.rules(actions=[given.push()])
    documents = [given.document(0, kibana__alert__action_group="threshold met"), given.document(1, status="recovered")]
    assert given.told(rules, *documents) == ["push web-01", "group web-01"]


def test_a_filter_leaves_alerts_out_by_value_and_by_time_of_day(given: Any) -> None:
    by_value = {**given.push(), "alerts_filter": {"match": {"host.name": "web-01"}}}
    documents = [given.document(0, **{"host.name": "web-01"}), given.document(0, "web-02", **{"host.name": "web-02"})]
    assert given.told(given.rules(actions=[by_value]), *documents) == ["push web-01, filtered web-02"]
    office = {"days": [1], "hours": {"start": "09:00", "end": "10:01"}, "timezone": "UTC"}  # a Monday, 10:00
    by_time = {**given.push(), "alerts_filter": {"timeframe": office}}
    told = given.told(given.rules(actions=[by_time]), given.document(0), given.document(1))
    assert told == ["push web-01", "filtered web-01"]


DAY, NIGHT = {"start": "09:00", "end": "17:00"}, {"start": "22:00", "end": "06:00"}


@pytest.mark.documented("Kibana docs, create and manage rules: an action can be limited to a timeframe")
@pytest.mark.parametrize(
    "hours, days, zone, moment, covered",
    [
        (DAY, [1], "UTC", "2026-03-02T09:00:00", True),
        (DAY, [1], "UTC", "2026-03-02T08:59:59", False),
        (DAY, [1], "UTC", "2026-03-02T16:59:59", True),
        (DAY, [1], "UTC", "2026-03-02T17:00:00", False),
        (DAY, [2], "UTC", "2026-03-02T12:00:00", False),
        (DAY, [7], "UTC", "2026-03-01T12:00:00", True),
        (DAY, [1], "Europe/Oslo", "2026-03-02T08:00:00", True),
        (DAY, [1], "Europe/Oslo", "2026-03-02T16:00:00", False),
        (NIGHT, [1], "UTC", "2026-03-02T22:00:00", True),
        (NIGHT, [1], "UTC", "2026-03-02T21:59:59", False),
        (NIGHT, [1], "UTC", "2026-03-02T05:59:59", True),
        (NIGHT, [1], "UTC", "2026-03-02T06:00:00", False),
        ({"start": "00:00", "end": "24:00"}, [1], "UTC", "2026-03-02T23:59:59", True),
    ],
)
def test_a_timeframe(hours: dict[str, str], days: list[int], zone: str, moment: str, covered: bool) -> None:
    frame = Timeframe.model_validate({"days": days, "hours": hours, "timezone": zone})
    assert frame.covers(datetime.fromisoformat(f"{moment}+00:00")) is covered


def test_a_filter_by_value_finds_it_in_a_list_as_well(given: Any) -> None:
    action = {**given.push(), "alerts_filter": {"match": {"tags": "prod", "count": 2}}}
    documents = [
        given.document(0, "a", tags=["web", "prod"], count=2),
        given.document(0, "b", tags="prod", count=[2]),
        given.document(0, "c", tags=["web"], count=2),
        given.document(0, "d", tags=["prod"], count=3),
        given.document(0, "e", count=2),
    ]
    told = given.told(given.rules(actions=[action]), *documents)
    assert told == ["push a, push b, filtered c, filtered d, filtered e"]


class TestSummaries:
    def summary(self, given: Any, **frequency: Any) -> dict[str, Any]:
        description = (
            "new {{alerts.new.count}}, ongoing {{alerts.ongoing.count}}, recovered {{alerts.recovered.count}}: "
            "{{#alerts.all.data}}{{kibana.alert.instance.id}} {{/alerts.all.data}}"
        )
        return {**given.push(description=description), "frequency": {"summary": True, **frequency}}

    def descriptions(self, given: Any, rules: Any, *documents: Any) -> list[list[str]]:
        outcomes = given.played(rules, *documents)
        return [[call.incident["description"] for call in outcome.calls] for outcome in outcomes]

    def test_a_summary_counts_the_alerts_of_its_check(self, given: Any) -> None:
        rules = given.rules(actions=[self.summary(given)])
        found = self.descriptions(
            given,
            rules,
            given.document(0),
            given.document(0, "web-02"),
            given.document(1),
            given.document(1, "web-02", "recovered"),
            given.document(1, "web-03", start=1),
        )
        assert found == [
            ["new 2, ongoing 0, recovered 0: web-01 web-02 "],
            ["new 1, ongoing 1, recovered 1: web-03 web-01 web-02 "],
        ]

    def test_a_summary_has_one_incident_for_the_whole_rule(self, given: Any) -> None:
        rules = given.rules(actions=[self.summary(given)])
        calls = list(RuleRunner(rules).calls(given.alerts(given.document(0), given.document(0, "web-02"))))
        assert [(call.correlation_id, call.kind) for call in calls] == [(f"{given.RULE}:{given.RULE}", "summary")]

    def test_a_muted_alert_is_not_in_it_and_nothing_to_tell_is_not_told(self, given: Any) -> None:
        rules = given.rules(actions=[self.summary(given)], muted_alert_ids=["web-01"])
        documents = [given.document(0), given.document(0, "web-02"), given.document(1)]
        found = self.descriptions(given, rules, *documents)
        assert found == [["new 1, ongoing 0, recovered 0: web-02 "], []]

    def test_at_an_interval_it_tells_of_the_whole_interval(self, given: Any) -> None:
        frequency = {"notify_when": "onThrottleInterval", "throttle": "10m"}
        rules = given.rules(actions=[self.summary(given, **frequency)])
        documents = [
            given.document(0),
            given.document(1, "web-02", start=1),
            given.document(3, "web-02", "recovered", start=1),
            given.document(10),
        ]
        found = self.descriptions(given, rules, *documents)
        assert found == [
            ["new 1, ongoing 0, recovered 0: web-01 "],
            [],
            [],
            ["new 1, ongoing 0, recovered 1: web-01 web-02 "],
        ]

    @pytest.mark.parametrize(
        "rule, kept",
        [
            ({}, ["early", "muted", "short"]),
            ({"muted_alert_ids": ["muted"]}, ["early", "short"]),
            ({"alert_delay": {"active": 2}}, ["early", "muted"]),
        ],
    )
    def test_an_interval_leaves_out_what_each_check_would(
        self, given: Any, rule: dict[str, Any], kept: list[str]
    ) -> None:
        frequency = {"notify_when": "onThrottleInterval", "throttle": "10m"}
        rules = given.rules(actions=[self.summary(given, **frequency)], **rule)
        documents = [
            *(given.document(0, name) for name in ("base", "early", "muted", "gone")),
            *(given.document(1, name) for name in ("base", "early", "muted", "gone")),
            given.document(1, "short", start=1),
            *(given.document(2, name, "recovered") for name in ("early", "muted", "short")),
            given.document(2, "gone", "untracked"),
            *(given.document(minute, "base") for minute in range(3, 12)),
        ]
        told = [text for texts in self.descriptions(given, rules, *documents) for text in texts]
        # What recovered counts once more at the end of its interval; what is not tracked any more counts nowhere.
        assert told[-1].endswith(f"recovered {len(kept)}: base {' '.join(kept)} ")

    def test_the_beginning_of_an_interval_belongs_to_it(self, given: Any) -> None:
        frequency = {"notify_when": "onThrottleInterval", "throttle": "10m"}
        rules = given.rules(actions=[self.summary(given, **frequency)])
        documents = [
            given.document(0),
            given.document(0, "web-02"),
            given.document(0, "web-03", start=-1),
            given.document(0, "web-03", "recovered", start=-1),
            given.document(10),
            given.document(20),
        ]
        found = self.descriptions(given, rules, *documents)
        assert found[1:] == [
            ["new 2, ongoing 0, recovered 1: web-01 web-02 web-03 "],
            ["new 0, ongoing 2, recovered 0: web-01 web-02 "],
        ]

    def test_a_snoozed_rule_has_no_summary(self, given: Any) -> None:
        rules = given.rules(actions=[self.summary(given)], snooze_schedule=[{"start": given.at(0), "duration": "5m"}])
        assert self.descriptions(given, rules, given.document(0)) == [[]]
        assert f"snoozed {given.RULE}" in given.told(rules, given.document(0))[0]


class TestConnectors:
    def test_an_action_names_its_connector_or_the_rule_does_or_the_caller(self, given: Any) -> None:
        rules = given.rules(actions=[{**given.push(), "id": "own"}, given.push()], connector_id="of-rule")
        calls = list(RuleRunner(rules, connector_id="of-caller").calls(given.alerts(given.document(0))))
        assert [call.connector_id for call in calls] == ["own", "of-rule"]
        without = given.rules(connector_id="")
        calls = list(RuleRunner(without, connector_id="of-caller").calls(given.alerts(given.document(0))))
        assert [call.connector_id for call in calls] == ["of-caller"]
        assert given.told(without, given.document(0)) == ["no connector web-01"]

    def test_only_itsm_closes(self, given: Any) -> None:
        documents = given.alerts(given.document(0), given.document(1, status="recovered"))
        runner = RuleRunner(given.rules(), connector_types={"c1": ".servicenow-sir"})
        assert [call.sub_action for call in runner.calls(documents)] == ["pushToService"]
        explicit = given.rules(actions=[{"group": "recovered", "params": given.push()["params"]}])
        runner = RuleRunner(explicit, connector_types={"c1": ".servicenow-sir"})
        assert [call.sub_action for call in runner.calls(documents)] == ["pushToService"]

    def test_an_event_connector_gets_events_with_the_default_message_key(self, given: Any) -> None:
        action = {"params": {"subActionParams": {"severity": "1"}}}
        runner = RuleRunner(given.rules(actions=[action]), connector_types={"c1": ".servicenow-itom"})
        (call,) = runner.calls(given.alerts(given.document(0)))
        assert call.params == {
            "subAction": "addEvent",
            "subActionParams": {"severity": "1", "message_key": f"{given.RULE}:web-01"},
        }

    def test_what_the_form_fills_in_can_be_left_out(self, given: Any) -> None:
        bare = {**given.push(correlation_id=None)}
        (call,) = RuleRunner(given.rules(actions=[bare])).calls(given.alerts(given.document(0)))
        assert call.correlation_id is None
        raw = {"params": {"subAction": "pushToService", "subActionParams": {}}, "defaults": False}
        (call,) = RuleRunner(given.rules(actions=[raw])).calls(given.alerts(given.document(0)))
        assert call.params == {"subAction": "pushToService", "subActionParams": {}}


@pytest.mark.ours("the same stream gives the same keys, and no two calls have one")
def test_keys_are_unique_and_repeatable(given: Any) -> None:
    rules = given.rules(actions=[given.push(), given.push(), given.CLOSE])
    documents = given.alerts(
        given.document(0), given.document(0, "web-02"), given.document(1), given.document(2, status="recovered")
    )
    first = [call.key for call in RuleRunner(rules).calls(documents)]
    assert first == [call.key for call in RuleRunner(rules).calls(documents)]
    assert len(set(first)) == len(first) == 7
