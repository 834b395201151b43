"""What the pages work on: the registry, the rules with what they remember, and what was run lately."""

from __future__ import annotations

import threading
import uuid
from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from sandtable_connector.connector import Connector, ExecutionResult
from sandtable_connector.errors import ConnectorError
from sandtable_connector.registry import Registry, Sockets, redactor_of
from sandtable_connector.rules import Alert, RuleRunner
from sandtable_connector.rules.alert import parse_alert
from sandtable_connector.rules.calls import ActionCall
from sandtable_connector.rules.rule_file import Rule, RuleFile
from sandtable_connector.transport.messages import Transport
from sandtable_connector.transport.requests_transport import RequestsTransport
from sandtable_connector.transport.trace import Exchange, TracingTransport

RUNS_KEPT = 200


@dataclass(frozen=True, kw_only=True)
class Run:
    """One action that a rule ran: the call, how it ended, and the requests it made."""

    call: ActionCall
    result: ExecutionResult | None
    problem: str = ""
    exchanges: tuple[Exchange, ...] = ()

    @property
    def outcome(self) -> str:
        """Return `ok` or `error`."""
        return "error" if self.result is None or self.result.status == "error" else "ok"

    @property
    def text(self) -> str:
        """Return why it failed, or what it wrote."""
        if self.result is None:
            return self.problem
        if self.result.status == "error":
            return self.result.service_message or self.result.message or ""
        return _written(self.result.data)


@dataclass(slots=True)
class Workbench:
    """Connectors, and rules when there are any. Safe to share between threads: one check of a rule runs at a time."""

    registry: Registry
    rules: RuleFile | None = None
    runs: deque[Run] = field(default_factory=lambda: deque(maxlen=RUNS_KEPT))
    _runner: RuleRunner | None = None
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def runner(self) -> RuleRunner | None:
        """Return what remembers the alerts of the rules, None without rules."""
        if self._runner is None and self.rules is not None:
            self._runner = RuleRunner(self.rules, connector_types=self.registry.types())
        return self._runner

    def opened(self, connector_id: str) -> tuple[Connector, TracingTransport]:
        """Return a connector that can run, and what records its requests. Raises ConnectorError."""
        made: list[TracingTransport] = []

        def wrap(transport: Transport, redact: Any) -> TracingTransport:
            made.append(TracingTransport(transport, redact))
            return made[0]

        return self.registry.open(connector_id, Sockets(wrap=wrap, log=_quiet)), made[0]

    def candidate(
        self, type_id: str, config: Mapping[str, Any], secrets: Mapping[str, Any]
    ) -> tuple[Connector, TracingTransport]:
        """Return a connector that is not kept yet, to ask the instance with. Raises ConfigurationError."""
        settings, behaviour = self.registry.settings, self.registry.behaviour
        trace = TracingTransport(RequestsTransport(None, settings.networking, behaviour), redactor_of(secrets))
        made = Connector(
            type_id,
            config,
            secrets,
            behaviour=behaviour,
            networking=settings.networking,
            transport=trace,
            log=_quiet,
        )
        return made, trace

    def rule(self, rule_id: str) -> Rule | None:
        """Return a rule by its id."""
        return next((each for each in (self.rules.rules if self.rules else ()) if each.id == rule_id), None)

    def play(self, alerts: Iterable[Alert]) -> list[Run]:
        """Run the rules over alert documents, and what their actions ask for; return what was run."""
        runner = self.runner
        if runner is None:
            return []
        with self._lock:
            played = [self._run(call) for call in runner.calls(alerts)]
            self.runs.extendleft(played)
        return played

    def alert(self, rule: Rule, alert_id: str, reason: str, *, recovers: bool) -> list[Run]:
        """Let an alert of a rule fire (or recover), now, and return what its actions ran."""
        known = self.runner.state(rule.id).alerts.get(alert_id) if self.runner is not None else None
        now = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        document = {
            "@timestamp": now,
            "event.action": "close" if recovers else "active" if known is not None and not known.recovered else "open",
            "kibana.alert.status": "recovered" if recovers else "active",
            "kibana.alert.instance.id": alert_id,
            "kibana.alert.uuid": known.uuid if known is not None and not known.recovered else str(uuid.uuid4()),
            "kibana.alert.start": known.start if known is not None and not known.recovered else now,
            "kibana.alert.reason": reason,
            "kibana.alert.action_group": "recovered" if recovers else _group(rule),
            "kibana.alert.rule.uuid": rule.id,
            "kibana.alert.rule.name": rule.name,
            "kibana.alert.rule.execution.uuid": str(uuid.uuid4()),
        }
        if recovers:
            document["kibana.alert.end"] = now
        return self.play([parse_alert(document)])

    def _run(self, call: ActionCall) -> Run:
        try:
            connector, trace = self.opened(call.connector_id)
        except ConnectorError as error:
            return Run(call=call, result=None, problem=error.message)
        result = connector.execute(call.params)
        return Run(call=call, result=result, exchanges=tuple(trace.exchanges))


def _group(rule: Rule) -> str:
    """Return the group that an alert of a rule fires in: the first one that an action of it waits for."""
    return next((each.group for each in rule.actions if each.group and each.group != "recovered"), "default")


def _quiet(level: str, text: str) -> None:
    """Say nothing: what a page shows is in the result."""


def _written(data: Any) -> str:
    if isinstance(data, Mapping) and data.get("title"):
        return str(data["title"])
    return "nothing was written" if data is None else "done"
