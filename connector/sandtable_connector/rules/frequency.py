"""Whether an action runs for an alert at a check, and the one word that says why it does not.

Source: Kibana docs, "Create and manage rules" (action frequency), "View alerts"; observed Kibana behaviour.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Literal

from sandtable_connector.rules.alert import pick
from sandtable_connector.rules.defaults import RECOVERED_GROUP
from sandtable_connector.rules.lifecycle import AlertState, Event, RuleState
from sandtable_connector.rules.rule_file import Action, Rule
from sandtable_connector.values.schedule import iso, moment, seconds

#: Why nothing was sent. `group` means that no action of the rule is for the alert's group.
Silence = Literal[
    "muted",
    "snoozed",
    "maintenance window",
    "alert delay",
    "flapping",
    "unchanged",
    "throttled",
    "filtered",
    "group",
    "no connector",
    "disabled rule",
    "unknown rule",
    "alert limit",
    "action limit",
    "queue limit",
]


def silence_of_rule(rule: Rule, at: datetime) -> Silence | None:
    """Return why a rule says nothing at all at a moment, or None."""
    if rule.mute_all:
        return "muted"
    return "snoozed" if rule.snoozed(at) else None


def silence_of_alert(rule: Rule, event: Event) -> Silence | None:
    """Return why nothing may be said about an alert, whatever the action, or None."""
    if event.alert.alert_id in rule.muted_alert_ids:
        return "muted"
    return "maintenance window" if event.windows else None


def silence_of_filter(action: Action, event: Event, at: datetime) -> Silence | None:
    """Return `filtered` when the action's filter leaves the alert out, or None."""
    chosen = action.alerts_filter
    if chosen is None:
        return None
    if chosen.timeframe is not None and not chosen.timeframe.covers(at):
        return "filtered"
    for name, wanted in chosen.match.items():
        value = pick(event.alert.document, name)
        values = value if isinstance(value, list) else [value]
        if wanted not in values:
            return "filtered"
    return None


def silence_of_frequency(action: Action, key: str, event: Event, known: AlertState, at: datetime) -> Silence | None:
    """Return why a per-alert action of the alert's own group does not run at this check, or None.

    The recovered group runs once a recovery: neither throttle nor change of status applies to it.
    """
    if action.group == RECOVERED_GROUP:
        return None
    when = action.frequency.notify_when
    if event.pending and when != "onActionGroupChange":
        return "flapping"
    if when == "onActionGroupChange" and not event.group_changed:
        return "unchanged"
    if when == "onThrottleInterval" and not event.group_changed:
        last = known.last_sent.get(key)
        if last is not None and moment(last, "last_sent") + throttle(action) > at:
            return "throttled"
    return None


def throttle(action: Action) -> timedelta:
    """Return the custom interval of an action."""
    return timedelta(seconds=seconds(action.frequency.throttle, "frequency.throttle"))


def remember_sent(known: AlertState, key: str, event: Event, at: datetime) -> None:
    """Note that an action ran for an alert; a change of group forgets what ran for the group before."""
    if known.last_group != event.group:
        known.last_group = event.group
        known.last_sent = {}
    known.last_sent[key] = iso(at)


def summary_due(action: Action, key: str, state: RuleState, at: datetime) -> bool:
    """Return whether a summary may run: each check, or once its interval has passed since the last."""
    if action.frequency.notify_when != "onThrottleInterval":
        return True
    last = state.last_summary.get(key)
    return last is None or moment(last, "last_summary") + throttle(action) <= at
