"""What the marker `servicenow` of a test asks of its instance."""

from __future__ import annotations

import dataclasses
import difflib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

import pytest

from sandtable.core.errors import PlatformError
from sandtable.live import DEFAULT, PROFILES
from sandtable.seeding import SeedError

if TYPE_CHECKING:
    from sandtable.simulated import Seed, SimulatedInstance

MARKER = "servicenow"


@dataclass(frozen=True, kw_only=True, slots=True)
class Wishes:
    """How an instance begins: which one, what it holds, what goes wrong, what its clock shows.

    `seed` makes ids repeatable, `records` are loaded (see `SimulatedInstance.seed`), `faults` are planned (a name such
    as "unavailable", a fault in its JSON form, or a list of either), `frozen_at` is an ISO 8601 time. `pass_through`
    counts for an instance in process alone.
    """

    profile: str = DEFAULT
    seed: int | None = None
    records: Seed = ()
    faults: Any = ()
    properties: Mapping[str, Any] = field(default_factory=dict)
    frozen_at: str | datetime | None = None
    strict: bool | None = None
    pass_through: str | Iterable[str] = ()

    def arrange(self, instance: SimulatedInstance) -> None:
        """Bring an instance that is as new into the state that is asked for. Raises pytest.UsageError."""
        try:
            if self.seed is not None:
                instance.instance.random.seed(self.seed)
            if self.frozen_at is not None:
                moment = self.frozen_at
                instance.clock.freeze(datetime.fromisoformat(moment) if isinstance(moment, str) else moment)
            for name, value in self.properties.items():
                instance.set_property(name, _text(value))
            if self.records:
                instance.seed(self.records)
            for fault in [self.faults] if isinstance(self.faults, str | Mapping) else self.faults:
                instance.faults.add({"fault": fault} if isinstance(fault, str) else fault)
        except (ValueError, SeedError, PlatformError) as error:
            raise pytest.UsageError(f"the marker {MARKER}: {error}") from None
        if self.strict is not None:
            instance.instance.ledger.strict = self.strict
        instance.settle()


def wishes_of(node: pytest.Item) -> Wishes:
    """Return what the markers of a test ask for; the nearest says what it names, those further out the rest.

    Raises pytest.UsageError, which names what is wrong.
    """
    names = [each.name for each in dataclasses.fields(Wishes)]
    given: dict[str, Any] = {}
    for mark in node.iter_markers(MARKER):
        if mark.args:
            raise pytest.UsageError(f"{node.nodeid}: the marker {MARKER} takes names: {', '.join(names)}")
        for name in mark.kwargs:
            if name not in names:
                near = difflib.get_close_matches(name, names, n=1)
                hint = f"did you mean {near[0]}?" if near else f"there are {', '.join(names)}"
                raise pytest.UsageError(f"{node.nodeid}: the marker {MARKER} has no {name!r}; {hint}")
        given = {**mark.kwargs, **given}
    profile = given.get("profile", DEFAULT)
    if profile not in PROFILES:
        raise pytest.UsageError(f"{node.nodeid}: there is no profile {profile!r}; there are {', '.join(PROFILES)}")
    return Wishes(**given)


def _text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
