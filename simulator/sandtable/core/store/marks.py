"""What a store can be taken back to: a moment of it, a write of it, and all of it as one value."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from operator import is_
from typing import NamedTuple

from sandtable.core.store.row import Row

SIXTY_FOUR_K = 65_536  # the one size of pages that does not fit into its place in the header, which says 1


@dataclass(eq=False, slots=True)
class Mark:
    """A moment to which the store can be taken back, until it is released."""

    position: int
    gone: bool = False


@dataclass(frozen=True, slots=True)
class Image:
    """A whole store at one moment, independent of what happens afterwards: the pages of a database of SQLite.

    Pages are never changed, so that images have in common those that are the same in all of them.
    """

    pages: tuple[bytes, ...]
    versions: Mapping[str, int]

    @property
    def data(self) -> bytes:
        """All of it in one piece, as the file of a database."""
        return b"".join(self.pages)

    @property
    def size(self) -> int:
        """How many bytes there are, those in common with other images included."""
        return len(self.pages) * len(self.pages[0]) if self.pages else 0

    def beyond(self, other: Image) -> int:
        """Return how many bytes of it are not in common with another image."""
        common = sum(map(is_, self.pages, other.pages))
        return (len(self.pages) - common) * len(self.pages[0]) if self.pages else 0


def split(data: bytes) -> tuple[bytes, ...]:
    """Return the pages of what is the file of a database of SQLite."""
    size = int.from_bytes(data[16:18], "big")
    size = SIXTY_FOUR_K if size == 1 else size or len(data)
    pages = [data[at : at + size] for at in range(0, len(data), size)]
    if pages:
        # A database with a log says so in its first page, and cannot be read without one.
        pages[0] = pages[0][:18] + b"\x01\x01" + pages[0][20:]
    return tuple(pages)


class Undo(NamedTuple):
    """One write: the row before it (None: there was none), and the versions that its tables had."""

    root: str
    sys_id: str
    before: Row | None
    versions: tuple[tuple[str, int], ...]
