"""Which columns a list shows: those that the user chose, those of the list's layout, or what tells most of a table."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from sandtable.core.schema.columns import JOURNAL_TYPES
from sandtable.core.values.texts import comma_list
from sandtable.web.console.layouts import list_layout
from sandtable.web.console.visitor import preference

if TYPE_CHECKING:
    from sandtable.core.platform.contracts import Instance, Session
    from sandtable.core.schema.columns import Column

MOST = 8
CHOSEN = "sandtable.console.columns"
UNTELLING = frozenset({"html", "script", "script_plain", "xml", "json", "password", "password2", "conditions", "GUID"})
LONG = 500


def chosen_columns(session: Session, table: str, view: str, asked: str) -> list[tuple[str, Column]]:
    """Return the columns of a list by path, those that the user may read; `asked` names some with commas between."""
    instance = session.instance
    named = comma_list(asked)
    names = named or _preferred(session, table) or _laid_out(instance, table, view) or _telling(instance, table)
    walked = [(name, steps) for name in dict.fromkeys(names) if (steps := instance.dictionary.walk(table, name))]
    readable = instance.access.readable_columns(session, table, {steps[0].name for _, steps in walked})
    return [(name, steps[-1]) for name, steps in walked if readable is None or steps[0].name in readable]


def available_columns(session: Session, table: str) -> list[Column]:
    """Return every column that the user may read, by label."""
    readable = session.instance.access.readable_columns(session, table)
    columns = session.instance.dictionary.columns(table).values()
    return sorted(
        (each for each in columns if readable is None or each.name in readable),
        key=lambda each: (each.label or each.name).casefold(),
    )


def _preferred(session: Session, table: str) -> list[str]:
    return [name for name in preference(session, f"{CHOSEN}.{table}").split(",") if name]


def _laid_out(instance: Instance, table: str, view: str) -> Sequence[str]:
    """Return the columns of the layout that a view of the table or of one that it extends has."""
    dictionary = instance.dictionary
    shipped = list_layout(table) if not view else ()
    if not (dictionary.has("sys_ui_list") and dictionary.has("sys_ui_list_element")):
        return shipped
    return instance.cached(
        ("console list layout", table, view),
        ("sys_metadata",),
        lambda: _from_records(instance, table, view) or shipped,
    )


def _from_records(instance: Instance, table: str, view: str) -> tuple[str, ...]:
    system = instance.system()
    for each in instance.dictionary.lineage(table):
        if each != table and list_layout(table):
            return ()
        layout = system.table("sys_ui_list").first(filters={"name": each, "view": view})
        if layout is not None:
            elements = system.table("sys_ui_list_element").query(f"list_id={layout.sys_id}^ORDERBYposition")
            return tuple(element["element"] for element in elements)
    return ()


def _telling(instance: Instance, table: str) -> list[str]:
    """Return the columns that say most about a record of a table without a layout."""
    dictionary = instance.dictionary
    columns = dictionary.columns(table)
    own: list[str] = [dictionary.display_column(table)]
    for each in dictionary.lineage(table):
        own += [
            name
            for name, column in dictionary.table(each).columns.items()
            if name in columns
            and column.type not in UNTELLING
            and column.type not in JOURNAL_TYPES
            and column.max_length <= LONG
            and not name.startswith("sys_")
        ]
        if len(set(own)) >= MOST:
            break
    names = list(dict.fromkeys(own))[: MOST - 1]
    return [*names, "sys_updated_on"] if "sys_updated_on" in columns else names
