"""The stage of the demo: an instance on a port, people in it, connectors to it, and somebody who looks on."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from types import TracebackType
from typing import TYPE_CHECKING, Any

import requests

from sandtable.demo.people import add_people
from sandtable.demo.story import Step
from sandtable.serving.assembly import create_instance
from sandtable.serving.server import Server
from sandtable.web.app import create_app
from sandtable.web.worlds.worlds import Worlds
from sandtable_connector import Behaviour, Connector
from sandtable_connector.settings.kibana_yml import KibanaSettings
from sandtable_connector.transport.requests_transport import RequestsTransport
from sandtable_connector.transport.trace import Exchange, TracingTransport

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

ADMIN = ("admin", "admin")  # the documented credentials of a fresh instance, for tests only
CLOSED = "7"
COLUMNS = "sys_id,number,short_description,correlation_id,state,active,opened_at,closed_at,opened_by,sys_mod_count"


@dataclass(frozen=True, kw_only=True)
class Played:
    """What came of one step: the requests, the incident as it is now (None: none was touched), and what went wrong."""

    exchanges: tuple[Exchange, ...] = ()
    incident: dict[str, Any] | None = None
    outcome: str = ""
    comments: int = 0
    error: str = ""
    wrong: list[str] = field(default_factory=list)


class Stage:
    """An instance that serves for as long as the block runs; steps are played against it over HTTP."""

    def __init__(self, *, port: int = 0) -> None:
        self.instance = create_instance(random_seed=2026, name="demo")
        self.people = add_people(self.instance)
        # Deprecated connectors close with a code that new releases have retired and upgraded instances still have.
        self.instance.set_property("sandtable.incident.legacy_close_codes", "true")
        self.names: dict[str, str] = {}  # sys_id -> the story's name of an incident
        worlds = Worlds(self.instance)
        self.world = worlds.world(self.instance.name)
        self.app: WSGIApplication = create_app(worlds)
        self._server = Server(lambda environ, start_response: self.app(environ, start_response), "127.0.0.1", port)
        self._admin = requests.Session()
        self._admin.auth = ADMIN
        self._admin.trust_env = False
        self._connectors: dict[str, tuple[Connector, TracingTransport]] = {}
        self._said: list[str] = []  # what connectors logged during the present step

    def __enter__(self) -> Stage:
        self._server.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._admin.close()
        self._server.stop()

    @property
    def url(self) -> str:
        return self._server.url

    def wait(self) -> None:
        """Go on serving until Ctrl-C."""
        try:
            threading.Event().wait()
        except KeyboardInterrupt:
            return

    def incidents(self) -> list[dict[str, Any]]:
        """Return all incidents as the Table API shows them, oldest first."""
        return self._get("incident", sysparm_query="ORDERBYnumber", sysparm_fields=COLUMNS, sysparm_display_value="all")

    def forget(self) -> None:
        """Forget which incidents the story has named, and every connector with its token."""
        self.names.clear()
        self._connectors.clear()

    def play(self, step: Step) -> Played:
        """Do one step and say how it ended, with everything in which it differs from the story."""
        played = self.by_rule(step) if step.alert is not None else self._by_hand(step)
        played.wrong.extend(self._differences(step, played))
        return played

    def by_rule(self, step: Step) -> Played:
        """Do what the rules ask for after an alert, and say what became of the incident."""
        assert step.alert is not None
        # The instance lives at the time of the alert, so that its incidents are as old as what they tell of.
        self.instance.clock.freeze(step.calls[0].at)
        before = {each["sys_id"]: each for each in self._get("incident", sysparm_fields=COLUMNS)}
        exchanges: list[Exchange] = []
        self._said.clear()
        error = ""
        for call in step.calls:
            connector, trace = self._connector(step.kibana, call.connector_id)
            start = len(trace.exchanges)
            result = connector.execute(call.params)
            exchanges += trace.exchanges[start:]
            error = error or (result.service_message or result.message or "" if result.status == "error" else "")
        after = {each["sys_id"]: each for each in self._get("incident", sysparm_fields=COLUMNS)}
        touched = [each for sys_id, each in after.items() if before.get(sys_id) != each]
        if len(touched) > 1:
            return Played(exchanges=tuple(exchanges), wrong=[f"{len(touched)} incidents changed"], error=error)
        if not touched:
            outcome = "refused" if error and not exchanges else "failed" if error else "already closed"
            error = error or " ".join(self._said)
            incident = next((after[sys_id] for sys_id in self._named(step.expected.incident)), None)
            return Played(exchanges=tuple(exchanges), outcome=outcome, error=error, incident=incident)
        incident = touched[0]
        known = before.get(incident["sys_id"])
        if known is None:
            outcome = "created"
            self.names[incident["sys_id"]] = step.expected.incident
        else:
            outcome = "closed" if incident["state"] == CLOSED != known["state"] else "updated"
        return Played(
            exchanges=tuple(exchanges),
            incident=incident,
            outcome=outcome,
            error=error,
            comments=self._comments(incident["sys_id"]),
        )

    def _by_hand(self, step: Step) -> Played:
        sys_id = self._named(step.expected.incident)[0]
        answer = self._admin.patch(
            f"{self.url}/api/now/table/incident/{sys_id}",
            params={"sysparm_fields": COLUMNS},
            json={"state": CLOSED, "close_code": "Solution provided", "close_notes": "Restarted the checkout service"},
        )
        answer.raise_for_status()
        return Played(incident=answer.json()["result"], outcome="closed by hand")

    def _differences(self, step: Step, played: Played) -> list[str]:
        expected = step.expected
        wrong = []
        calls = [call.sub_action for call in step.calls]
        if expected.call and calls != [expected.call]:
            wrong.append(f"expected the call {expected.call}, got {', '.join(calls) or 'none'}")
        if played.outcome != expected.outcome:
            wrong.append(f"expected {expected.outcome}, got {played.outcome}")
        name = self.names.get(played.incident["sys_id"], "") if played.incident else ""
        if name != expected.incident:
            wrong.append(f"expected the incident {expected.incident or 'none'}, got {name or 'none'}")
        if played.incident and expected.state and played.incident["state"] != expected.state:
            wrong.append(f"expected state {expected.state}, got {played.incident['state']}")
        if expected.comments is not None and played.comments != expected.comments:
            wrong.append(f"expected {expected.comments} comments, got {played.comments}")
        return wrong

    def _named(self, name: str) -> list[str]:
        return [sys_id for sys_id, each in self.names.items() if name and each == name]

    def _comments(self, sys_id: str) -> int:
        return len(self._get("sys_journal_field", sysparm_query=f"element_id={sys_id}^elementINcomments,work_notes"))

    def _connector(self, kibana: KibanaSettings, connector_id: str) -> tuple[Connector, TracingTransport]:
        if connector_id not in self._connectors:
            entry = next(each for each in kibana.preconfigured if each.id == connector_id)
            behaviour = Behaviour.documented()
            trace = TracingTransport(RequestsTransport(None, kibana.networking, behaviour))
            connector = Connector(
                entry.type_id,
                entry.config,
                entry.secrets,
                connector_id=entry.id,
                name=entry.name,
                behaviour=behaviour,
                networking=kibana.networking,
                transport=trace,
                log=lambda level, text: self._said.append(text),
            )
            self._connectors[connector_id] = (connector, trace)
        return self._connectors[connector_id]

    def _get(self, table: str, **parameters: str) -> list[dict[str, Any]]:
        answer = self._admin.get(f"{self.url}/api/now/table/{table}", params=parameters)
        answer.raise_for_status()
        result: list[dict[str, Any]] = answer.json()["result"]
        return result
