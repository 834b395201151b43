"""What a connector says that it does (docs/connector-protocol.md, hello), and what a request needs of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sandtable_scenarios.stage.findings import TargetUnreachable

TYPES = (".servicenow", ".servicenow-sir", ".servicenow-itom")
ACTIONS = ("pushToService", "closeIncident", "addEvent", "getChoices", "getFields", "getIncident")
AUTHENTICATION = ("basic", "oauth")
PARAMETERS = ("comments", "externalId", "additional_fields")
FORMS = ("import", "table")
CHECKS = ("settings", "parameters")
MEMORY = ("none", "process")
LISTS: Mapping[str, tuple[str, ...]] = {
    "types": TYPES,
    "actions": ACTIONS,
    "authentication": AUTHENTICATION,
    "parameters": PARAMETERS,
    "forms": FORMS,
    "checks": CHECKS,
}
MEMBERS = (*LISTS, "memory", "timeout", "name", "version")
HELLO = {"hello": {"protocol": 1}}


@dataclass(frozen=True, slots=True)
class Offers:
    """What a connector declares; ``declared`` None means that it declares nothing, so that all is expected of it.

    memory    ``none`` where nothing is kept from one request to the next, so that a restart changes nothing
    timeout   after how many seconds it gives a call up, 0 where it does not say
    """

    declared: frozenset[str] | None = None
    memory: str = "process"
    timeout: float = 0.0

    def missing(self, wanted: Iterable[str]) -> frozenset[str]:
        """Return what of this is not offered."""
        return frozenset() if self.declared is None else frozenset(wanted) - self.declared


EVERYTHING = Offers()


def offers_from(answer: object, name: str) -> Offers:
    """Return what an answer to a hello declares, nothing where there is no hello; TargetUnreachable for a wrong one."""
    told = answer.get("hello") if isinstance(answer, Mapping) else None
    if told is None:
        return EVERYTHING
    if not isinstance(told, Mapping):
        raise TargetUnreachable(f"{name}: hello must be an object with {', '.join(MEMBERS)}")
    for member, value in told.items():
        if member not in MEMBERS:
            raise TargetUnreachable(f"{name}: hello.{member} is not known; it has {', '.join(MEMBERS)}")
        known = LISTS.get(member)
        if known is not None and (not isinstance(value, list) or set(map(str, value)) - set(known)):
            raise TargetUnreachable(f"{name}: hello.{member} must list some of {', '.join(known)}, not {value!r}")
    memory, timeout = told.get("memory", "process"), told.get("timeout", 0)
    if memory not in MEMORY:
        raise TargetUnreachable(f"{name}: hello.memory must be one of {', '.join(MEMORY)}, not {memory!r}")
    if isinstance(timeout, bool) or not isinstance(timeout, int | float) or timeout < 0:
        raise TargetUnreachable(f"{name}: hello.timeout must be a number of seconds, not {timeout!r}")
    # A list that is left out stands for all of it.
    declared = frozenset(str(each) for member, known in LISTS.items() for each in told.get(member, known))
    return Offers(declared, memory, float(timeout))


def wanted_by(request: Mapping[str, Any]) -> Iterator[str]:
    """Yield what a request needs of a connector."""
    config, params = request.get("config") or {}, request.get("params") or {}
    yield str(request.get("connector_type_id"))
    yield str(params.get("subAction"))
    yield "oauth" if config.get("isOAuth") else "basic"
    if request.get("connector_type_id") != ".servicenow-itom":
        yield "table" if config.get("usesTableApi", True) else "import"
    given = params.get("subActionParams") or {}
    incident = given.get("incident") if isinstance(given, Mapping) else None
    if isinstance(incident, Mapping):
        yield from (name for name in ("externalId", "additional_fields") if incident.get(name) is not None)
    if isinstance(given, Mapping) and given.get("comments"):
        yield "comments"
