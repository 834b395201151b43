"""What comes of a check of a rule: calls of connectors, and silences with their reasons."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any

from sandtable_connector.rules.alert import Alert
from sandtable_connector.rules.frequency import Silence


@dataclass(frozen=True, slots=True, kw_only=True)
class ActionCall:
    """One execution that a rule asks of a connector; `params` is what `Connector.execute` takes, rendered.

    `kind` is `new`, `ongoing`, `recovered` or `summary`; of a summary `alert_id` and `alert_uuid` are the rule's id.
    `position` is the line of the alert document, from 1. `key` names the call: the same stream gives the same keys.
    """

    key: str
    rule_id: str
    rule_name: str
    alert_id: str
    alert_uuid: str
    kind: str
    group: str
    action: str
    connector_id: str
    params: dict[str, Any]
    at: datetime
    position: int

    @property
    def sub_action(self) -> str:
        """Return `pushToService`, `closeIncident` or whatever else the action asks for."""
        return str(self.params.get("subAction", ""))

    @property
    def incident(self) -> Mapping[str, Any]:
        """Return the incident part of the parameters, empty when there is none."""
        inner = self.params.get("subActionParams")
        incident = inner.get("incident") if isinstance(inner, Mapping) else None
        return incident if isinstance(incident, Mapping) else {}

    @property
    def correlation_id(self) -> str | None:
        """Return the rendered correlation ID, None when the action sends none."""
        value = self.incident.get("correlation_id")
        return value if isinstance(value, str) else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Silent:
    """An alert, or a summary (`alert_id` is then the rule's id), for which an action did not run, and why."""

    rule_id: str
    alert_id: str
    kind: str
    action: str
    reason: Silence
    at: datetime
    position: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckOutcome:
    """What came of one check of a rule; `alerts` is how many documents told of it.

    `key` names the check by rule, execution and the very content of its documents.
    """

    key: str
    rule_id: str
    at: datetime
    position: int
    alerts: int
    calls: tuple[ActionCall, ...] = ()
    silent: tuple[Silent, ...] = ()


def by_check(alerts: Iterable[Alert]) -> Iterator[list[Alert]]:
    """Yield the alerts of each check: neighbours of one rule with one execution id, or one timestamp without it."""
    for _, documents in groupby(alerts, key=lambda alert: (alert.rule_id, alert.run)):
        yield list(documents)


def check_key(documents: Sequence[Alert]) -> str:
    """Return the name of the check that some documents tell of."""
    digest = hashlib.sha256()
    for alert in documents:
        digest.update(json.dumps(alert.document, sort_keys=True, default=str).encode())
    return f"{documents[0].rule_id}/{documents[0].run}/{digest.hexdigest()[:16]}"


def outcome_of(documents: Sequence[Alert], calls: tuple[ActionCall, ...], silent: tuple[Silent, ...]) -> CheckOutcome:
    """Return what came of the check that some documents tell of."""
    first = documents[0]
    return CheckOutcome(
        key=check_key(documents),
        rule_id=first.rule_id,
        at=max(alert.timestamp for alert in documents),
        position=first.position,
        alerts=len(documents),
        calls=calls,
        silent=silent,
    )


def silent_document(alert: Alert, reason: Silence) -> Silent:
    """Return that nothing is said about the alert of a document, whatever the action."""
    return Silent(
        rule_id=alert.rule_id,
        alert_id=alert.alert_id,
        kind=alert.status,
        action="",
        reason=reason,
        at=alert.timestamp,
        position=alert.position,
    )
