"""What the marker `servicenow` of a test asks of its instance."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NoReturn

import pytest

from sandtable.core.images.releases import apply_release, release
from sandtable.core.values.errors import PlatformError
from sandtable.core.values.texts import nearest
from sandtable.library.live import DEFAULT, PROFILES

if TYPE_CHECKING:
    from sandtable.library.simulated import SimulatedInstance
    from sandtable.library.sources import Source

MARKER = "servicenow"


@dataclass(frozen=True, kw_only=True, slots=True)
class Wishes:
    """How an instance begins: which one, what it holds, what goes wrong, what its clock shows.

    `random_seed` makes ids repeatable, `records` are loaded (see `SimulatedInstance.load`), `faults` are planned (a
    name such as "unavailable", a fault in its JSON form, or a list of either), `frozen_at` is an ISO 8601 time.
    `pass_through` counts for an instance in process alone.
    """

    profile: str = DEFAULT
    random_seed: int | None = None
    records: Source = ()
    faults: Any = ()
    properties: Mapping[str, Any] = field(default_factory=dict)
    frozen_at: str | datetime | None = None
    strict: bool | None = None
    release: str = ""
    basic_auth: str = ""
    instance: str = ""
    pass_through: str | Iterable[str] = ()

    def arrange(self, instance: SimulatedInstance) -> None:
        """Bring an instance that is as new into the state that is asked for. Ends the test when that cannot be."""
        at = ""
        try:
            if self.random_seed is not None:
                instance.instance.random.seed(self.random_seed)
            if self.frozen_at is not None:
                at = "frozen_at: "
                instance.clock.freeze(self.frozen_at)
            at = ""
            if self.release or self.basic_auth or self.instance:
                wanted = release(self.release, basic_auth=self.basic_auth, kind=self.instance)
                apply_release(instance.instance, wanted)
            at = "properties: "
            for name, value in self.properties.items():
                instance.set_property(name, _text(value))
            at = "records: "
            if self.records:
                instance.load(self.records)
            at = "faults: "
            for fault in [self.faults] if isinstance(self.faults, str | Mapping) else self.faults:
                instance.faults.add(fault)
        except (ValueError, PlatformError) as error:
            refuse(f"the marker {MARKER}: {at}{error}")
        if self.strict is not None:
            instance.instance.ledger.strict = self.strict
        instance.end_set_up()


# What an argument of the marker can be, and how to say so.
SEQUENCE = (list, tuple)
KINDS: Mapping[str, tuple[tuple[type, ...], str]] = MappingProxyType(
    {
        "random_seed": ((int,), "a whole number"),
        "records": ((Mapping, str, Path, *SEQUENCE), "a mapping of tables to records, or files"),
        "faults": ((str, Mapping, *SEQUENCE), "the name of a fault, a fault in its JSON form, or a list of them"),
        "properties": ((Mapping,), "a mapping of names to values"),
        "frozen_at": ((str, datetime), "a time such as '2026-03-01T08:00:00Z'"),
        "strict": ((bool,), "True or False"),
        "release": ((str,), "the name of a release, such as 'brazil'"),
        "basic_auth": ((str,), "open, tracking or enforced"),
        "instance": ((str,), "upgraded or new"),
        "pass_through": ((str, *SEQUENCE, set, frozenset), "hosts, such as ['localhost', '*.example.com']"),
    }
)


def refuse(problem: str) -> NoReturn:
    """End the test with what is wrong with its marker; where in this plugin it was found says nothing to anybody."""
    pytest.fail(problem, pytrace=False)


def _check(nodeid: str, given: Mapping[str, Any]) -> None:
    for name, value in given.items():
        kinds, expected = KINDS.get(name, ((object,), ""))
        number = isinstance(value, bool) and bool not in kinds and object not in kinds
        if (number or not isinstance(value, kinds)) and not (
            value is None and name in ("random_seed", "frozen_at", "strict")
        ):
            refuse(f"{nodeid}: the marker {MARKER}: {name} is {expected}, not {value!r}")


def wishes_of(node: pytest.Item) -> Wishes:
    """Return what the markers of a test ask for; the nearest says what it names, those further out the rest.

    Ends the test, with what is wrong, when they cannot be read.
    """
    names = [each.name for each in dataclasses.fields(Wishes)]
    given: dict[str, Any] = {}
    for mark in node.iter_markers(MARKER):
        if mark.args:
            refuse(f"{node.nodeid}: the marker {MARKER} takes names: {', '.join(names)}")
        for name in mark.kwargs:
            if name not in names:
                near = nearest(name, names)
                hint = f"did you mean {near}?" if near else f"there are {', '.join(names)}"
                refuse(f"{node.nodeid}: the marker {MARKER} has no {name!r}; {hint}")
        given = {**mark.kwargs, **given}
    profile = given.get("profile", DEFAULT)
    if profile not in PROFILES:
        refuse(f"{node.nodeid}: there is no profile {profile!r}; there are {', '.join(PROFILES)}")
    _check(node.nodeid, given)
    return Wishes(**given)


def _text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
