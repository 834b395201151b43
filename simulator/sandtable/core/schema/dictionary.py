"""Tables, columns and choices of one instance: what there is, what it inherits, what it is called.

The Dictionary is derived from the records of sys_db_object, sys_dictionary and sys_choice and follows each write to
them (`dictionary_records.py`). Its parts are immutable values, so a snapshot of it is a reference.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any, TypeVar

from sandtable.core.schema.columns import Choice, Column, Table
from sandtable.core.values.errors import UnknownTable

T = TypeVar("T")


class _Schema:
    """The tables of a Dictionary, and what was worked out from them. Replaced as a whole, never changed."""

    def __init__(self, tables: Mapping[str, Table]) -> None:
        self.tables = tables
        self.memo: dict[Any, Any] = {}
        self.columns: dict[str, Mapping[str, Column]] = {}
        self.lineages: dict[str, tuple[str, ...]] = {}
        self.children: dict[str, tuple[str, ...]] | None = None

    def __reduce__(self) -> tuple[type[_Schema], tuple[Mapping[str, Table]]]:
        return _Schema, (self.tables,)  # what was worked out is worked out again


ChoiceKey = tuple[str, str]


@dataclass(frozen=True, slots=True)
class DictionaryState:
    """A Dictionary at one moment; immutable and cheap to keep."""

    schema: _Schema
    choices: Mapping[ChoiceKey, tuple[Choice, ...]]


def _in_order(choices: Iterable[Choice]) -> tuple[Choice, ...]:
    return tuple(sorted(choices, key=lambda each: (each.language != "en", each.language, each.sequence)))


class Dictionary:
    """What an instance knows about its tables. Reading methods cost a dict look-up; changing ones replace the state."""

    def __init__(self, tables: Iterable[Table] = (), choices: Iterable[Choice] = ()) -> None:
        self._schema = _Schema({table.name: table for table in tables})
        self._choices: Mapping[ChoiceKey, tuple[Choice, ...]] = {}
        self.add_choices(choices)

    @property
    def schema(self) -> object:
        """Stands for all tables and columns as they are now; another object after each change of one."""
        return self._schema

    # reading: tables -------------------------------------------------------------------------------------------

    def has(self, name: str) -> bool:
        """Tell whether there is a table of this name."""
        return name in self._schema.tables

    def table(self, name: str) -> Table:
        """Return the table. Raises UnknownTable."""
        try:
            return self._schema.tables[name]
        except KeyError:
            raise UnknownTable(name) from None

    def tables(self) -> tuple[Table, ...]:
        """Return every table."""
        return tuple(self._schema.tables.values())

    def lineage(self, name: str) -> tuple[str, ...]:
        """Return the table, its parent, its parent's parent ... up to the base table. Raises UnknownTable."""
        schema = self._schema
        found = schema.lineages.get(name)
        if found is None:
            line = [name]
            table = self.table(name)
            while table.parent and table.parent in schema.tables and table.parent not in line:
                line.append(table.parent)
                table = schema.tables[table.parent]
            found = schema.lineages[name] = tuple(line)
        return found

    def root(self, name: str) -> str:
        """Return the base table, in which the records of the whole hierarchy are kept. Raises UnknownTable."""
        return self.lineage(name)[-1]

    def descendants(self, name: str) -> tuple[str, ...]:
        """Return the table and all that extend it, directly or not. Raises UnknownTable."""
        self.table(name)
        schema = self._schema
        if schema.children is None:
            families: dict[str, list[str]] = {}
            for each in schema.tables:
                for ancestor in self.lineage(each):
                    families.setdefault(ancestor, []).append(each)
            schema.children = {
                parent: (parent, *(child for child in family if child != parent)) for parent, family in families.items()
            }
        return schema.children[name]

    def extends(self, name: str, ancestor: str) -> bool:
        """Tell whether a table is the other or extends it; False for tables that do not exist."""
        return name in self._schema.tables and ancestor in self.lineage(name)

    # reading: columns ------------------------------------------------------------------------------------------

    def columns(self, name: str) -> Mapping[str, Column]:
        """Return all columns by name, inherited ones first. Raises UnknownTable."""
        schema = self._schema
        found = schema.columns.get(name)
        if found is None:
            merged: dict[str, Column] = {}
            for each in reversed(self.lineage(name)):
                merged.update(schema.tables[each].columns)
            found = schema.columns[name] = MappingProxyType(
                {key: column for key, column in merged.items() if column.active}
            )
        return found

    def column(self, name: str, element: str) -> Column | None:
        """Return one column, inherited or own, or None. Raises UnknownTable."""
        return self.columns(name).get(element)

    def display_column(self, name: str) -> str:
        """Return the name of the column that stands for a record of the table. Raises UnknownTable."""
        return self.memo(("display", name), lambda: self._display_column(name))

    def _display_column(self, name: str) -> str:
        columns = self.columns(name)
        for each in self.lineage(name):
            table = self._schema.tables[each]
            if table.display in columns:
                return table.display
            flagged = next((column.name for column in table.columns.values() if column.display and column.active), "")
            if flagged:
                return flagged
        return next((each for each in ("name", "u_name", "number", "u_number") if each in columns), "sys_created_on")

    def walk(self, table: str, path: str) -> tuple[Column, ...] | None:
        """Return the column of each step of a dot-walked path, or None when a step does not exist.

        All steps but the last must be references. Raises UnknownTable for the starting table only.
        """
        return self.memo(("walk", table, path), lambda: self._walk(table, path))

    def _walk(self, table: str, path: str) -> tuple[Column, ...] | None:
        steps: list[Column] = []
        self.table(table)
        for name in path.split("."):
            if steps:
                if not steps[-1].is_reference or not self.has(steps[-1].reference):
                    return None
                table = steps[-1].reference
            column = self.column(table, name)
            if column is None:
                return None
            steps.append(column)
        return tuple(steps)

    def indexed(self, root: str) -> tuple[str, ...]:
        """Return the names of the indexed columns of a base table and all that extend it. Raises UnknownTable."""
        return self.memo(
            ("indexed", root),
            lambda: tuple(
                dict.fromkeys(
                    column.name
                    for each in self.descendants(root)
                    for column in self._schema.tables[each].columns.values()
                    if column.active and (column.indexed or column.unique)
                )
            ),
        )

    # reading: choices ------------------------------------------------------------------------------------------

    def choices(self, table: str, element: str, language: str = "en") -> tuple[Choice, ...]:
        """Return the choice list of a column, by sequence: the nearest table's that has one, else an empty tuple.

        A language without entries of its own falls back to English. Raises UnknownTable.
        """
        for each in self.lineage(table):
            found = self._choices.get((each, element))
            if found:
                spoken = tuple(choice for choice in found if choice.language == language)
                return spoken or tuple(choice for choice in found if choice.language == "en")
        return ()

    def choice_label(self, table: str, element: str, value: str, language: str = "en") -> str | None:
        """Return the label of a stored value, or None when the list does not have it. Raises UnknownTable."""
        for tongue in dict.fromkeys((language, "en")):
            for choice in self.choices(table, element, tongue):
                if choice.value == value:
                    return choice.label
        return None

    # derived facts ---------------------------------------------------------------------------------------------

    def memo(self, key: Any, compute: Callable[[], T]) -> T:
        """Return `compute()`, remembered until a table or column changes (choices do not count)."""
        memo = self._schema.memo
        try:
            return memo[key]  # type: ignore[no-any-return]
        except KeyError:
            if len(memo) > 50_000:  # keys may hold what clients sent
                memo.clear()
            value = memo[key] = compute()
            return value

    # changing --------------------------------------------------------------------------------------------------

    def put_table(self, table: Table) -> None:
        """Add a table or replace the one of that name."""
        before = self._schema
        self._schema = _Schema({**before.tables, table.name: table})
        if table.name in before.tables and before.tables[table.name].parent == table.parent:
            # Who extends whom is as it was; each new column would have it worked out again for a thousand tables.
            self._schema.lineages, self._schema.children = before.lineages, before.children

    def put_tables(self, tables: Iterable[Table]) -> None:
        """Add or replace several tables at once."""
        self._schema = _Schema({**self._schema.tables, **{table.name: table for table in tables}})

    def drop_table(self, name: str) -> None:
        """Remove a table and its choices; nothing happens when it does not exist."""
        self._schema = _Schema({key: table for key, table in self._schema.tables.items() if key != name})
        self._choices = {key: entries for key, entries in self._choices.items() if key[0] != name}

    def put_column(self, column: Column) -> None:
        """Add or replace a column of the table it names. Raises UnknownTable."""
        table = self.table(column.table)
        self.put_table(replace(table, columns={**table.columns, column.name: column}))

    def drop_column(self, table: str, name: str) -> None:
        """Remove a table's own column; nothing happens when it does not exist. Raises UnknownTable."""
        found = self.table(table)
        self.put_table(replace(found, columns={key: each for key, each in found.columns.items() if key != name}))

    def add_choices(self, choices: Iterable[Choice]) -> None:
        """Add choices; one with the sys_id of an earlier one replaces it."""
        changed: dict[ChoiceKey, list[Choice]] = {}
        for choice in choices:
            key = (choice.table, choice.element)
            changed.setdefault(key, list(self._choices.get(key, ()))).append(choice)
        lists = {key: _in_order(_last_of_each(entries)) for key, entries in changed.items()}
        self._choices = {**self._choices, **lists}

    def drop_choice(self, table: str, element: str, sys_id: str) -> None:
        """Remove one choice of a column; nothing happens when it does not exist."""
        key = (table, element)
        left = tuple(choice for choice in self._choices.get(key, ()) if choice.sys_id != sys_id)
        self._choices = {**self._choices, key: left}

    def state(self) -> DictionaryState:
        """Return the present state, for `restore`."""
        return DictionaryState(self._schema, self._choices)

    def restore(self, state: DictionaryState) -> None:
        """Put the Dictionary back to a state."""
        self._schema = state.schema
        self._choices = state.choices

    def copy(self) -> Dictionary:
        """Return an independent Dictionary with the same content."""
        twin = Dictionary()
        twin.restore(self.state())
        return twin


def _last_of_each(choices: list[Choice]) -> list[Choice]:
    """Keep the last choice of each sys_id; those without one are all kept."""
    named = {choice.sys_id: choice for choice in choices if choice.sys_id}
    return [choice for choice in choices if not choice.sys_id] + list(named.values())
