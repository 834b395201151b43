"""Records as values: what one row of a table holds, and a page of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from sandtable.core.store.row import Row


class Record(Mapping[str, str]):
    """One stored record; immutable. A column without a value reads as empty text, whatever its name."""

    __slots__ = ("_values", "seq", "sys_id", "table")

    def __init__(self, row: Row) -> None:
        self.sys_id = row.sys_id
        self.table = row.table
        self.seq = row.seq
        self._values = row.values

    def __getitem__(self, name: str) -> str:
        return self._values.get(name, "")

    def __iter__(self) -> Iterator[str]:
        """Yield the names of the columns that have a value."""
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)

    def __contains__(self, name: object) -> bool:
        """Tell whether a column has a value."""
        return name in self._values

    def __eq__(self, other: object) -> bool:
        if isinstance(other, Record):
            return self.table == other.table and self._values == other._values
        return NotImplemented

    def __hash__(self) -> int:
        return hash((self.table, self.sys_id))

    def __repr__(self) -> str:
        return f"<Record {self.table} {self['number'] or self['name'] or self.sys_id}>"

    @property
    def stored(self) -> Mapping[str, str]:
        """The columns that have a value; never changed, another object after each write."""
        return self._values

    def values_copy(self) -> dict[str, str]:
        """Return a new dict of the columns that have a value."""
        return dict(self._values)


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a list: its records, and how many match in all (None when it was not counted)."""

    records: list[Record]
    total: int | None
