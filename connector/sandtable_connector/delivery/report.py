"""What a delivery came to, rule by rule."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sandtable_connector.delivery.queue import UNFINISHED, DeliveryQueue


@dataclass(slots=True)
class RuleReport:
    """The numbers of one rule; `silent` counts by reason what was not sent.

    `nothing_open` counts closings that found no incident; `other` is what neither pushes nor closes.
    """

    rule_id: str
    rule_name: str = ""
    checks: int = 0
    alerts: int = 0
    pushed: int = 0
    closed: int = 0
    nothing_open: int = 0
    other: int = 0
    failed: int = 0
    waiting: int = 0
    attempts: int = 0
    silent: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Failure:
    """An action that failed for good, or waits for another attempt."""

    position: int
    rule_id: str
    alert_id: str
    connector_id: str
    sub_action: str
    attempts: int
    waiting: bool
    message: str


@dataclass(frozen=True, slots=True)
class Report:
    """All rules, the failures, and how many actions may have taken effect twice."""

    rules: tuple[RuleReport, ...]
    failures: tuple[Failure, ...]
    in_doubt: int = 0

    @property
    def failed(self) -> int:
        """Return how many actions failed for good."""
        return sum(rule.failed for rule in self.rules)

    @property
    def waiting(self) -> int:
        """Return how many actions are still to be done."""
        return sum(rule.waiting for rule in self.rules)

    def wire(self) -> dict[str, Any]:
        """Return the report as plain data, for JSON."""
        return {
            "rules": [{name: getattr(rule, name) for name in RuleReport.__slots__} for rule in self.rules],
            "failures": [{name: getattr(item, name) for name in Failure.__slots__} for item in self.failures],
            "failed": self.failed,
            "waiting": self.waiting,
            "in_doubt": self.in_doubt,
        }


def report(queue: DeliveryQueue) -> Report:
    """Return what has come of everything a queue ever accepted."""
    rules: dict[str, RuleReport] = {}
    silence = queue.silence_by_rule()
    for rule_id, (checks, alerts) in queue.alerts_by_rule().items():
        rules[rule_id] = RuleReport(rule_id, checks=checks, alerts=alerts, silent=silence.get(rule_id, {}))
    failures: list[Failure] = []
    in_doubt = 0
    for action in queue.actions():
        rule = rules[action.rule_id]
        rule.rule_name = rule.rule_name or action.rule_name
        rule.attempts += action.attempts
        in_doubt += action.in_doubt
        sub_action = str(action.params.get("subAction", ""))
        waiting = action.status in UNFINISHED
        if action.status == "done":
            counted = {"pushToService": "pushed", "closeIncident": "closed"}.get(sub_action, "other")
            if counted == "closed" and not (action.outcome or {}).get("data"):
                counted = "nothing_open"
            setattr(rule, counted, getattr(rule, counted) + 1)
        elif waiting:
            rule.waiting += 1
        else:
            rule.failed += 1
        if action.status != "done" and action.outcome is not None:
            text = action.outcome.get("service_message") or action.outcome.get("message") or ""
            failures.append(
                Failure(
                    action.position,
                    action.rule_id,
                    action.alert_id,
                    action.connector_id,
                    sub_action,
                    action.attempts,
                    waiting,
                    str(text),
                )
            )
    return Report(tuple(rules.values()), tuple(failures), in_doubt)
