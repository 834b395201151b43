"""Columns that a table does not have: in a test, a name that is written wrong must not be dropped in silence."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from sandtable.core.values.texts import nearest
from sandtable.faults.forms import BadForm

if TYPE_CHECKING:
    from sandtable.core.platform.instance import Instance


def unknown_columns(instance: Instance, table: str, names: Iterable[str]) -> list[str]:
    """Return the names that are no columns of a table."""
    columns = instance.dictionary.columns(table)
    return [name for name in names if name not in columns]


def refuse_unknown(instance: Instance, table: str, names: Iterable[str], where: str) -> None:
    """Raise BadForm for the first name that is no column of a table; `where` is the path that it stands below."""
    unknown = unknown_columns(instance, table, names)
    if unknown:
        near = nearest(unknown[0], instance.dictionary.columns(table))
        known = f"did you mean {near}?" if near else f"sys_dictionary lists the columns of {table}."
        fix = f"{known} Of your own instance? unknown=create makes it, unknown=ignore leaves it out"
        raise BadForm(f"{where}.{unknown[0]}" if where else unknown[0], f"is no column of {table}", fix)
