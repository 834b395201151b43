"""The life of an alert: active, recovered once, delayed, flapping, silenced; and what is then asked of a connector."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given as drawn
from hypothesis import strategies as st

from sandtable_connector.rules import RuleRunner, RuleState, parse_alert
from sandtable_connector.rules.flapping import extended, holds_back, is_flapping
from sandtable_connector.rules.rule_file import Flapping

pytestmark = pytest.mark.documented("Kibana docs, Alerting concepts and View alerts")

NO_FLAPPING = {"flapping": {"enabled": False}}


def test_active_pushes_at_each_check_and_recovery_closes_once(given: Any) -> None:
    told = given.told(
        given.rules(),
        given.document(0),
        given.document(1),
        given.document(2, status="recovered"),
        given.document(3, status="recovered"),
    )
    assert told == ["push web-01", "push web-01", "close web-01", ""]


def test_an_alert_that_starts_again_keeps_its_id_and_gets_a_new_uuid(given: Any) -> None:
    calls = list(
        RuleRunner(given.rules()).calls(
            given.alerts(given.document(0), given.document(1, status="recovered"), given.document(2, start=2))
        )
    )
    assert [call.correlation_id for call in calls] == [f"{given.RULE}:web-01"] * 3
    assert [call.kind for call in calls] == ["new", "recovered", "new"]
    assert calls[0].alert_uuid == calls[1].alert_uuid != calls[2].alert_uuid


@pytest.mark.assumed("another uuid is another beginning, also when the end of the first was never told")
def test_an_alert_that_starts_again_without_having_ended(given: Any) -> None:
    action = {**given.push(), "frequency": {"notify_when": "onActionGroupChange"}}
    documents = [given.document(0), given.document(1), given.document(2, start=2), given.document(3, start=2)]
    outcomes = given.played(given.rules(actions=[action]), *documents)
    told = [[(call.kind, call.alert_uuid) for call in outcome.calls] for outcome in outcomes]
    assert told == [[("new", "uuid-web-01-0")], [], [("new", "uuid-web-01-2")], []]


@pytest.mark.assumed("a stream may begin in the middle; the recovery of an alert we never saw is told all the same")
def test_a_recovery_without_a_beginning_is_told(given: Any) -> None:
    assert given.told(given.rules(), given.document(5, status="recovered")) == ["close web-01"]


def test_untracked_alerts_are_dropped_without_an_action(given: Any) -> None:
    documents = [given.document(0), given.document(1, status="untracked"), given.document(2, status="recovered")]
    assert given.told(given.rules(), *documents) == ["push web-01", "", ""]
    documents = [given.document(0), given.document(1, status="untracked"), given.document(2)]
    outcomes = given.played(given.rules(), *documents)
    assert [[call.kind for call in outcome.calls] for outcome in outcomes] == [["new"], [], ["new"]]


def test_a_disabled_or_unknown_rule_says_nothing(given: Any) -> None:
    assert given.told(given.rules(enabled=False), given.document(0)) == ["disabled rule web-01"]
    assert given.told(given.rules(), given.document(0, rule="another")) == ["unknown rule web-01"]


def test_a_muted_rule_and_a_muted_alert_say_nothing_and_a_muted_recovery_never_closes(given: Any) -> None:
    documents = [given.document(0), given.document(1, status="recovered")]
    assert given.told(given.rules(mute_all=True), *documents) == ["muted web-01", "muted web-01"]
    some = given.rules(muted_alert_ids=["web-01"])
    pair = [given.document(0), given.document(0, "web-02")]
    assert given.told(some, *pair) == ["push web-02, muted web-01"]


def test_a_snoozed_rule_says_nothing_while_it_is_snoozed(given: Any) -> None:
    snooze = [{"start": given.at(1), "duration": "2m"}]
    documents = [given.document(minute) for minute in range(4)]
    told = given.told(given.rules(snooze_schedule=snooze), *documents)
    assert told == ["push web-01", "snoozed web-01", "snoozed web-01", "push web-01"]


def test_a_recovery_during_a_snooze_is_never_told(given: Any) -> None:
    snooze = [{"start": given.at(1), "duration": "2m"}]
    documents = [given.document(0), given.document(1, status="recovered"), given.document(5, "web-02")]
    told = given.told(given.rules(snooze_schedule=snooze), *documents)
    assert told == ["push web-01", "snoozed web-01", "push web-02"]


def test_the_delay_waits_for_checks_in_a_row_and_a_short_alert_is_never_told(given: Any) -> None:
    rules = given.rules(alert_delay={"active": 3})
    documents = [given.document(minute) for minute in range(4)]
    assert given.told(rules, *documents) == ["alert delay web-01", "alert delay web-01", "push web-01", "push web-01"]
    short = [given.document(0), given.document(1), given.document(2, status="recovered")]
    assert given.told(rules, *short)[-1] == ""


def test_alerts_beyond_the_limit_of_a_check_are_left_out(given: Any) -> None:
    rules = given.rules(settings={"alerts_max": 1})
    assert given.told(rules, given.document(0), given.document(0, "web-02")) == ["push web-01, alert limit web-02"]


def test_actions_beyond_the_limit_of_a_check_are_left_out(given: Any) -> None:
    rules = given.rules(settings={"actions_max": 1})
    assert given.told(rules, given.document(0), given.document(0, "web-02")) == ["push web-01, action limit web-02"]


@pytest.mark.ours("absent alerts stay as they are unless the rule file says that a check tells of all of them")
def test_an_alert_that_a_check_does_not_mention(given: Any) -> None:
    documents = [given.document(0), given.document(0, "web-02"), given.document(1)]
    assert given.told(given.rules(), *documents)[-1] == "push web-01"
    whole = given.rules(settings={"absent_alerts": "recovered"})
    assert given.told(whole, *documents)[-1] == "push web-01, close web-02"


class TestMaintenanceWindows:
    def window(self, given: Any, **more: Any) -> list[dict[str, Any]]:
        return [{"title": "patching", "start": given.at(1), "duration": "2m", **more}]

    def test_a_new_alert_is_silent_inside_the_window_and_told_after_it(self, given: Any) -> None:
        documents = [given.document(minute, start=1) for minute in (1, 2, 3)]
        told = given.told(given.rules(windows=self.window(given)), *documents)
        assert told == ["maintenance window web-01", "maintenance window web-01", "push web-01"]

    def test_before_9_1_it_stayed_silent_for_good(self, given: Any) -> None:
        documents = [given.document(minute, start=1) for minute in (1, 2, 3)]
        rules = given.rules(windows=self.window(given), settings={"after_maintenance_window": "stay_silent"})
        assert given.told(rules, *documents)[-1] == "maintenance window web-01"

    def test_an_alert_from_before_the_window_goes_on_being_told(self, given: Any) -> None:
        documents = [given.document(0), given.document(1), given.document(2, status="recovered")]
        told = given.told(given.rules(windows=self.window(given)), *documents)
        assert told == ["push web-01", "push web-01", "close web-01"]

    def test_unless_every_alert_is_silenced(self, given: Any) -> None:
        documents = [given.document(0), given.document(1), given.document(2, status="recovered")]
        rules = given.rules(windows=self.window(given), settings={"maintenance_window_silences": "every_alert"})
        assert given.told(rules, *documents)[1:] == ["maintenance window web-01"] * 2

    def test_a_window_is_for_the_rules_it_names_and_can_be_off(self, given: Any) -> None:
        off = given.rules(windows=self.window(given, enabled=False))
        assert given.told(off, given.document(1, start=1)) == ["push web-01"]
        named = given.rules(windows=self.window(given, rules=[given.RULE]))
        assert given.told(named, given.document(1, start=1)) == ["maintenance window web-01"]

    def test_a_document_can_name_its_windows_itself(self, given: Any) -> None:
        silent = given.document(0, kibana__alert__maintenance_window_ids=["w1"])
        assert given.told(given.rules(), silent) == ["maintenance window web-01"]


class TestFlapping:
    SETTINGS = Flapping(look_back_window=6, status_change_threshold=3)

    def test_an_alert_flaps_from_the_threshold_on_until_a_quiet_window(self) -> None:
        history: list[bool] = []
        states = []
        flapping = False
        for changed in [True, True, True, *[False] * 6]:
            history = extended(history, changed, self.SETTINGS)
            flapping = is_flapping(history, self.SETTINGS, already=flapping)
            states.append(flapping)
        assert states == [False, False, True, True, True, True, True, True, False]

    def test_it_stops_only_when_a_full_window_was_quiet(self) -> None:
        assert is_flapping([False] * 5, self.SETTINGS, already=True)
        assert not is_flapping([False] * 6, self.SETTINGS, already=True)
        assert is_flapping([True, *[False] * 5], self.SETTINGS, already=True)
        assert not is_flapping([True, True, *[False] * 4], self.SETTINGS, already=False)

    @drawn(st.lists(st.booleans(), max_size=60), st.integers(2, 20))
    def test_a_history_is_never_longer_than_the_window(self, changes: list[bool], window: int) -> None:
        settings = Flapping(look_back_window=window, status_change_threshold=2)
        history: list[bool] = []
        for changed in changes:
            history = extended(history, changed, settings)
        assert history == changes[-window:]

    def test_switched_off_nothing_flaps(self) -> None:
        off = Flapping(enabled=False)
        assert not is_flapping([True] * 20, off, already=True)
        assert not holds_back(1, off, flapping=True)

    def flap(self, given: Any, **rule: Any) -> list[str]:
        """Play an alert that comes and goes every minute, then stays away."""
        states = ["active", "recovered"] * 4 + ["recovered"] * 5
        documents = [
            given.document(minute, status=status, start=minute - minute % 2) for minute, status in enumerate(states)
        ]
        return given.told(given.rules(**rule), *documents)

    def test_the_close_of_a_flapping_alert_waits_for_as_many_checks_as_the_threshold(self, given: Any) -> None:
        told = self.flap(given, flapping={"look_back_window": 20, "status_change_threshold": 4})
        assert told[:3] == ["push web-01", "close web-01", "push web-01"]
        # From the fourth change on it flaps: recoveries are held back, and say nothing while they are.
        assert told[3] == "flapping web-01"
        assert told[7:] == ["flapping web-01"] * 3 + ["close web-01"] + [""] * 2

    def test_without_detection_each_recovery_closes(self, given: Any) -> None:
        assert self.flap(given, **NO_FLAPPING) == ["push web-01", "close web-01"] * 4 + [""] * 5

    @pytest.mark.parametrize("goes_on", [1, 4])
    def test_an_alert_that_is_back_before_its_recovery_counted_never_recovered(self, given: Any, goes_on: int) -> None:
        states = [("active", 0), ("recovered", 0), ("active", 2), ("recovered", 2), *[("active", 4)] * goes_on]
        documents = [given.document(minute, status=status, start=at) for minute, (status, at) in enumerate(states)]
        frequency = {"notify_when": "onActionGroupChange"}
        actions = [{**given.push(), "frequency": frequency}, given.CLOSE]
        rules = given.rules(actions=actions, flapping={"look_back_window": 20, "status_change_threshold": 4})
        # Only actions on a change of status look at a recovery that is held back, and nothing has changed.
        changes = ["push web-01", "close web-01", "push web-01"]
        assert given.told(rules, *documents) == [*changes, *["unchanged web-01"] * (1 + goes_on)]

    @pytest.mark.ours("a document that says whether its alert flaps comes from after Kibana's own detection")
    def test_a_document_that_says_so_is_believed(self, given: Any) -> None:
        documents = []
        for minute in range(8):
            status = "recovered" if minute % 2 else "active"
            more = {"kibana__alert__flapping": minute > 5}
            documents.append(given.document(minute, status=status, start=minute - minute % 2, **more))
        assert given.told(given.rules(), *documents) == ["push web-01", "close web-01"] * 4
        checks = given.rules(settings={"flapping_from": "checks"})
        assert "flapping web-01" in given.told(checks, *documents)


STEPS = st.lists(
    st.tuples(st.sampled_from(["active", "recovered", "untracked"]), st.sampled_from(["a", "b"])), max_size=30
)


@pytest.mark.ours("what a rule remembers survives being written down between any two checks")
@drawn(STEPS)
def test_a_state_written_down_and_read_again_changes_nothing(given: Any, steps: list[tuple[str, str]]) -> None:
    rules = given.rules(flapping={"look_back_window": 5, "status_change_threshold": 2}, alert_delay={"active": 2})
    documents = [given.document(minute, name, status) for minute, (status, name) in enumerate(steps)]
    whole = RuleRunner(rules)
    expected = [outcome.calls for outcome in whole.checks(given.alerts(*documents))]
    state = RuleState()
    found = []
    for position, document in enumerate(documents, 1):
        runner = RuleRunner(rules, states={given.RULE: RuleState.from_json(json.loads(json.dumps(state.as_json())))})
        found.append(runner.check([parse_alert(document, position=position)]).calls)
        state = runner.state(given.RULE)
    assert found == expected


@pytest.mark.ours("an alert is pushed before it is closed, and closed at most once for each time it was active")
@drawn(
    st.lists(st.tuples(st.sampled_from(["active", "recovered", "untracked"]), st.sampled_from(["a", "b"])), max_size=19)
)
def test_closes_and_pushes_alternate(given: Any, steps: list[tuple[str, str]]) -> None:
    documents = [given.document(minute, name, status) for minute, (status, name) in enumerate(steps)]
    # A recovered alert is remembered for as long as the look-back window; no stream here is longer.
    rules = given.rules(flapping={"look_back_window": 20, "status_change_threshold": 2})
    last: dict[str, str] = {}
    for call in RuleRunner(rules).calls(given.alerts(*documents)):
        if call.sub_action == "closeIncident":
            assert last.get(call.alert_id) != "closeIncident"
        else:
            assert call.kind in ("new", "ongoing")
        last[call.alert_id] = call.sub_action
