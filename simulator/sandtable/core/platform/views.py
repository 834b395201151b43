"""Which tables are database views, as the platform has to know: their rows are brought up to date, and not written."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sandtable.core.values.errors import OperationFailed

if TYPE_CHECKING:
    from sandtable.core.platform.contracts import Instance

VIEWS, TABLES, FIELDS = "sys_db_view", "sys_db_view_table", "sys_db_view_table_field"


@dataclass(frozen=True, slots=True)
class Views:
    """What brings the rows of a view up to date before they are read."""

    refresh: Callable[[Instance, str], None]


def is_view(instance: Instance, table: str) -> bool:
    """Tell whether a table is a database view."""
    return table != VIEWS and table in instance.cached("names of views", (VIEWS,), lambda: _read(instance))


def _read(instance: Instance) -> frozenset[str]:
    if not instance.dictionary.has(VIEWS):
        return frozenset()
    return frozenset(record["name"] for record in instance.system().table(VIEWS).query(""))


def refuse_writes(instance: Instance, table: str) -> None:
    """Raise OperationFailed for a table that is a view."""
    if is_view(instance, table):
        raise OperationFailed(detail=f"{table} is a database view: its rows are those of other tables")
