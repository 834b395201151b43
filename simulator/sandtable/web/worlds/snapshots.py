"""The named snapshots of a world: images of its instance, independent of what becomes of it and of each other."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sandtable.core.platform.moments import InstanceImage

MOST_SNAPSHOTS = 200
LONGEST_NAME = 100
# A few there may be of an instance of any size.
MOST_BYTES, FEW = 512 * 1024 * 1024, 4


@dataclass(frozen=True, slots=True)
class SavedSnapshot:
    """One snapshot: its name, when it was saved by the instance's clock, and the image."""

    name: str
    saved_at: str
    image: InstanceImage

    @property
    def size(self) -> int:
        """How many bytes its records take, those in common with other snapshots included."""
        return self.image.store.size


def why_no_name(name: str) -> str:
    """Return why a snapshot cannot be called so, or an empty text: its name is a part of addresses and files."""
    # Clients take dots out of an address before they send it.
    if len(name) <= LONGEST_NAME and "/" not in name and name.isprintable() and name.strip(" ."):
        return ""
    return f"{name[:LONGEST_NAME]!r} is no name of a snapshot"


class Snapshots:
    """The snapshots of one world by name, in the order in which they were first saved."""

    def __init__(self) -> None:
        self._saved: dict[str, SavedSnapshot] = {}
        self._lock = threading.Lock()

    def save(self, snapshot: SavedSnapshot) -> None:
        """Keep a snapshot, in the place of one of the same name. Raises ValueError when there are too many."""
        with self._lock:
            if snapshot.name not in self._saved and len(self._saved) >= MOST_SNAPSHOTS:
                raise ValueError(f"there are {MOST_SNAPSHOTS} snapshots already; delete some first")
            kept = [each for each in self._saved.values() if each.name != snapshot.name]
            # What snapshots have in common is there once.
            images = [each.image.store for each in kept]
            added = min((snapshot.image.store.beyond(each) for each in images), default=0)
            own = added + sum(later.beyond(earlier) for earlier, later in pairwise(images))
            if added and len(kept) >= FEW and own > MOST_BYTES:
                raise ValueError(f"snapshots would take more than {MOST_BYTES // 1024**2} MB; delete some first")
            self._saved[snapshot.name] = snapshot

    def get(self, name: str) -> SavedSnapshot | None:
        """Return a snapshot, or None."""
        return self._saved.get(name)

    def remove(self, name: str) -> bool:
        """Forget a snapshot; tell whether there was one."""
        with self._lock:
            return self._saved.pop(name, None) is not None

    def all(self) -> list[SavedSnapshot]:
        """Return all snapshots."""
        with self._lock:
            return list(self._saved.values())
