"""One row of a table as the store holds it, and which rows of a table to read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

from sandtable.core.query import ResolvedQuery


# A named tuple is made in a third of the time of a frozen class, and thousands are read for one list.
class Row(NamedTuple):
    """One stored record as it stands; `values` holds only columns that have a value, and is never changed."""

    sys_id: str
    table: str
    seq: int
    values: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Selection:
    """What to read: the records of a table and of all that extend it which a query matches; one page of them."""

    table: str
    query: ResolvedQuery
    limit: int | None
    offset: int
