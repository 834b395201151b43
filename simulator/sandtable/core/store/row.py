"""One row of a table as the store holds it, the statements that write one, and which rows of a table to read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from sandtable.core.query import ResolvedQuery
from sandtable.core.schema.physical import quoted

AT_ONCE = 1_000  # rows of many that are looked at together
# Roots that requests write all the time, and that hardly anything remembered hangs on.
BUSY = frozenset(
    ("task", "sys_number_counter", "sys_journal_field", "sys_audit", "metric_instance")
    + ("sys_import_set_row", "sys_import_set_run")
)


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


# What is written depends on the names alone, and the same few are written all the time.
@lru_cache(maxsize=2_048)
def insert_sql(root: str, names: tuple[str, ...], *, placed: bool) -> str:
    """Return the statement that adds a row with values in some columns; `placed` with its `_seq` as well."""
    columns = [*(['"_seq"'] if placed else []), '"_table"', *map(quoted, names)]
    return f"INSERT INTO {quoted('r_' + root)} ({','.join(columns)}) VALUES ({','.join('?' * len(columns))})"


@lru_cache(maxsize=2_048)
def update_sql(root: str, names: tuple[str, ...]) -> str:
    """Return the statement that changes some columns of a row."""
    sets = ",".join(f"{quoted(name)} = ?" for name in names)
    return f'UPDATE {quoted("r_" + root)} SET {sets} WHERE "_seq" = ?'
