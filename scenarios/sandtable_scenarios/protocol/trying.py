"""Trying a connector's answers only: does it speak the protocol, whatever it does to an instance?"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sandtable_scenarios.protocol.shapes import complaints
from sandtable_scenarios.stage.findings import TargetUnreachable
from sandtable_scenarios.targets.connectors import ConnectorTarget
from sandtable_scenarios.targets.instances import InstanceTarget

PUSHED = {"short_description": "CPU is high", "correlation_id": "sandtable:check"}
NAMED = {"externalId": None, "correlation_id": "sandtable:check"}
# What is asked, the kind of answer that is expected, and what it is called.
ASKED: tuple[tuple[str, dict[str, Any], str, str], ...] = (
    ("pushToService", {"incident": PUSHED, "comments": None}, "pushed", "a push"),
    ("pushToService", {"incident": {**PUSHED, "description": "語\n\"'\\ \U0001f642"}}, "pushed", "a push of odd texts"),
    ("closeIncident", {"incident": NAMED}, "closed", "a close"),
    ("closeIncident", {"incident": {**NAMED, "correlation_id": "nobody"}}, "closed", "a close of nobody's"),
    ("pushToService", {"incident": {**PUSHED, "correlation_id": "x" * 101}}, "refused", "an ID that is too long"),
    ("noSuchAction", {}, "refused", "an action that does not exist"),
)


@dataclass(frozen=True, slots=True)
class Tried:
    """One request that was tried: what it was, what is wrong with the answer, and the error that it tells in form."""

    what: str
    wrong: tuple[str, ...] = ()
    error: str = ""


def try_answers(connector: ConnectorTarget, instance: InstanceTarget) -> Iterator[Tried]:
    """Yield what became of each request; a connector without an answer ends it. Nothing on the instance is judged.

    An error in the form of one is not wrong, whatever it is about.
    """
    offered = connector.offers.declared
    yield Tried(f"hello: {', '.join(sorted(offered)) if offered is not None else 'declares nothing, which is fine'}")
    integration = instance.integration
    made = {
        "connector_type_id": ".servicenow",
        "connector_id": "check",
        "config": {"apiUrl": instance.base_url, "isOAuth": False, "usesTableApi": False},
        "secrets": {"username": integration.user, "password": integration.password},
    }
    for action, given, kind, what in ASKED:
        if offered is not None and action not in offered and action != "noSuchAction":
            yield Tried(f"{what}: not offered")
            continue
        request = {**made, "params": {"subAction": action, "subActionParams": given}}
        try:
            answer = connector.execute(request, instance.open_session())
        except TargetUnreachable as problem:
            yield Tried(what, (str(problem),))
            return
        said = str(answer.get("service_message") or answer.get("message"))
        if kind != "refused" and answer["status"] == "error" and not tuple(complaints(answer, "refused")):
            # An error is an answer too: what it does not do yet, a connector says.
            yield Tried(what, error=said)
            continue
        told = f"; it says {said}"
        found = complaints(answer, kind)
        yield Tried(what, tuple(f"{each}{told if answer['status'] == 'error' else ''}" for each in found))
