"""The moments of an instance that can be gone back to: one that is cheap and one that is kept."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sandtable.core.schema.dictionary import DictionaryState
    from sandtable.core.store.marks import Image, Mark
    from sandtable.core.values.clock import ClockState


@dataclass(frozen=True, eq=False, slots=True)
class Snapshot:
    """A moment of an instance to go back to; cheap, and of use only while no earlier one is restored."""

    mark: Mark
    clock: ClockState | None
    random: object
    rules: Any


@dataclass(frozen=True, eq=False, slots=True)
class InstanceImage:
    """Everything of an instance at one moment, independent of what becomes of the instance.

    Within a `lineage` one version number of a table never stands for two contents.
    """

    store: Image
    dictionary: DictionaryState
    clock: ClockState | None
    random: object
    rules: Any
    lineage: object

    @property
    def newest(self) -> int:
        """The highest version number of a table."""
        return max(self.store.versions.values(), default=0)
