"""The named snapshots of an instance that several processes have in common, each the file that it is downloaded as."""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING

from sandtable.core.images.image_file import pack, unpack
from sandtable.web.worlds.snapshots import MOST_SNAPSHOTS, SavedSnapshot, Snapshots

if TYPE_CHECKING:
    from sandtable.core.platform.instance import Instance
    from sandtable.core.platform.moments import InstanceImage

KEPT_OPEN = 4
KIND, CONTENTS = "snapshot", "contents of a snapshot"


class SharedSnapshots(Snapshots):
    """The snapshots of one world, kept beside its records."""

    def __init__(self, instance: Instance) -> None:
        super().__init__()
        self._instance = instance
        self._beside = instance.store.beside
        self._own: dict[str, tuple[str, SavedSnapshot]] = {}  # as this process has saved them

    def save(self, snapshot: SavedSnapshot) -> None:
        """Keep a snapshot, in the place of one of the same name. Raises ValueError when there are too many."""
        if self._beside.get(KIND, snapshot.name) is None and self._beside.size(KIND) >= MOST_SNAPSHOTS:
            raise ValueError(f"there are {MOST_SNAPSHOTS} snapshots already; delete some first")
        self._beside.put(CONTENTS, snapshot.name, packed(snapshot.image))
        stamp = {"saved_at": snapshot.saved_at, "number": self._beside.next(KIND)}
        self._beside.put(KIND, snapshot.name, json.dumps(stamp))
        while len(self._own) >= KEPT_OPEN:
            self._own.pop(next(iter(self._own)))
        self._own[snapshot.name] = (json.dumps(stamp), snapshot)

    def get(self, name: str) -> SavedSnapshot | None:
        """Return a snapshot, or None."""
        known = self._beside.get(KIND, name)
        own = self._own.get(name)
        if own is not None and own[0] == known:
            return own[1]
        contents = self._beside.get(CONTENTS, name) if known is not None else None
        if known is None or contents is None:
            return None
        return SavedSnapshot(name, json.loads(known)["saved_at"], unpacked(contents, self._instance))

    def remove(self, name: str) -> bool:
        """Forget a snapshot; tell whether there was one."""
        self._beside.remove(CONTENTS, name)
        return bool(self._beside.remove(KIND, name))

    def all(self) -> list[SavedSnapshot]:
        """Return all snapshots."""
        found = (self.get(name) for name, _ in self._beside.all(KIND))
        return [snapshot for snapshot in found if snapshot is not None]


def packed(image: InstanceImage) -> str:
    """Return an image as text."""
    return base64.b64encode(pack(image, {})).decode()


def unpacked(text: str, instance: Instance) -> InstanceImage:
    """Return the image in a text."""
    return unpack(instance, base64.b64decode(text))[0]
