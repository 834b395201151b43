"""The oracle: what the incidents of an instance ought to look like, in lists that are simple enough to trust.

It shares no code with any connector or instance. Correlation IDs are compared without case, as an import set coalesces.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

LONGEST_CORRELATION_ID = 100
CLOSED_STATES = frozenset({"7", "8"})
CLOSED, CANCELED = "7", "8"


def folded(correlation_id: str) -> str:
    """Return a correlation ID as an instance compares it."""
    return correlation_id.casefold()


@dataclass
class Incident:
    """One incident as it ought to be; ``arrival`` orders incidents by creation."""

    sys_id: str
    correlation_id: str
    arrival: int
    state: str = "1"
    notes: list[str] = field(default_factory=list)

    @property
    def is_open(self) -> bool:
        """Whether somebody still has to work on it."""
        return self.state not in CLOSED_STATES


@dataclass(frozen=True, slots=True)
class Policy:
    """The open questions of the product, as switches: what an instance is set to do."""

    coalesce_closed: bool = True
    several_matches: str = "oldest"
    carries_reasons: bool = False


@dataclass
class Incidents:
    """All incidents of one story, in the order in which they were created."""

    policy: Policy = field(default_factory=Policy)
    known: dict[str, Incident] = field(default_factory=dict)
    arrived: int = 0

    def arrive(self, sys_id: str, correlation_id: str, state: str = "1") -> Incident:
        """Note a new incident."""
        incident = Incident(sys_id, correlation_id, self.arrived, state)
        self.arrived += 1
        self.known[sys_id] = incident
        return incident

    def forget(self, sys_id: str) -> None:
        """Note that an incident was deleted."""
        self.known.pop(sys_id, None)

    def matching(self, correlation_id: str | None) -> list[Incident]:
        """Return the incidents with this correlation ID, oldest first; a blank ID matches none."""
        if correlation_id is None or not correlation_id.strip():
            return []
        wanted = folded(correlation_id)
        return [incident for incident in self.known.values() if folded(incident.correlation_id) == wanted]

    def pushed_to(self, correlation_id: str | None) -> frozenset[str]:
        """Return the incidents of which a push may update one; empty when it must create."""
        found = self.matching(correlation_id)
        if not self.policy.coalesce_closed:
            found = [incident for incident in found if incident.is_open]
        return frozenset(incident.sys_id for incident in found)

    def closed_by(self, correlation_id: str | None) -> Incident | None:
        """Return the incident that a close must close: the latest open one, or none."""
        still_open = [incident for incident in self.matching(correlation_id) if incident.is_open]
        return still_open[-1] if still_open else None


Row = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Picture:
    """Every incident, every work note, and every other journal line of an instance at one moment.

    Rows are by sys_id, notes and ``comments``, which customers read, by that of their incident, oldest first.
    """

    incidents: Mapping[str, Row]
    notes: Mapping[str, tuple[str, ...]]
    comments: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Difference:
    """What changed between two pictures."""

    created: tuple[str, ...]
    changed: tuple[str, ...]
    deleted: tuple[str, ...]

    @property
    def touched(self) -> frozenset[str]:
        """Every incident that is not as it was."""
        return frozenset((*self.created, *self.changed, *self.deleted))

    def __str__(self) -> str:
        parts = [
            f"{name} {len(ids)}"
            for name, ids in (("created", self.created), ("changed", self.changed), ("deleted", self.deleted))
            if ids
        ]
        return ", ".join(parts) or "nothing changed"


def difference(before: Picture, after: Picture) -> Difference:
    """Return what changed from one picture to the next."""
    old, new = before.incidents, after.incidents
    return Difference(
        tuple(key for key in new if key not in old),
        tuple(
            key
            for key in new
            if key in old
            and (
                dict(new[key]) != dict(old[key])
                or after.notes.get(key, ()) != before.notes.get(key, ())
                or after.comments.get(key, ()) != before.comments.get(key, ())
            )
        ),
        tuple(key for key in old if key not in new),
    )
