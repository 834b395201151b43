"""What a store can be taken back to: a moment of it, a write of it, and all of it as one value."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

from sandtable.core.store.row import Row


@dataclass(eq=False, slots=True)
class Mark:
    """A moment to which the store can be taken back, until it is released."""

    position: int
    gone: bool = False


@dataclass(frozen=True, slots=True)
class Image:
    """A whole store at one moment, independent of what happens afterwards."""

    data: bytes
    versions: Mapping[str, int]


class Undo(NamedTuple):
    """One write: the row before it (None: there was none), and the versions that its tables had."""

    root: str
    sys_id: str
    before: Row | None
    versions: tuple[tuple[str, int], ...]
