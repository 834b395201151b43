"""Tables, columns and choices of one's own, made as an administrator would: by records of the dictionary."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from sandtable.core.schema.columns import DEFAULT_LENGTHS
from sandtable.core.schema.dictionary_data import label_of

if TYPE_CHECKING:
    from sandtable.core.platform.contracts import Instance, Session
    from sandtable.core.platform.record import Record

NAME = re.compile(r"[a-z][a-z0-9_]{0,79}")
LINKED = re.compile(r"/api/now/(?:v\d+/)?table/([a-z0-9_]+)/([0-9a-f]{32})$")
LONGEST_GUESS = 4000


class BadDefinition(ValueError):
    """A table, column or choice that cannot be made; the text names it and what to do."""


def add_table(instance: Instance, name: str, *, extends: str = "", label: str = "", number: str = "") -> None:
    """Make a table; `extends` names its parent, `number` is the prefix of its numbers. Raises BadDefinition."""
    _check_name(name, "table")
    dictionary = instance.dictionary
    if dictionary.has(name):
        raise BadDefinition(f"there is a table {name} already; add columns to it")
    if extends and not dictionary.has(extends):
        raise BadDefinition(f"{name} cannot extend {extends!r}: there is no such table")
    system = instance.system()
    parent = system.table("sys_db_object").first(f"name={extends}") if extends else None
    with instance.transaction():
        system.table("sys_db_object").insert(
            {"name": name, "label": label or label_of(name), "super_class": parent.sys_id if parent else ""}
        )
        if number:
            system.table("sys_number").insert(
                {"category": name, "prefix": number, "number": "10000", "maximum_digits": "7"}
            )


def add_column(
    instance: Instance,
    table: str,
    name: str,
    *,
    kind: str = "string",
    label: str = "",
    max_length: int | None = None,
    reference: str = "",
    default: str = "",
    choices: Iterable[str] | Mapping[str, str] = (),
    mandatory: bool = False,
    read_only: bool = False,
) -> Record:
    """Add a column to a table and those that extend it, and return its dictionary record.

    `kind` is an internal type such as integer, glide_date_time or reference; `choices` are values, or values with their
    labels. Raises BadDefinition for a name that is none or taken, a kind that no column has, a reference to no table.
    """
    _check_name(name, "column")
    dictionary = instance.dictionary
    if not dictionary.has(table):
        raise BadDefinition(f"there is no table {table!r} to add {name} to")
    if dictionary.column(table, name) is not None:
        raise BadDefinition(f"{table} has a column {name} already")
    kind = "reference" if reference and kind == "string" else kind
    kinds = {*DEFAULT_LENGTHS, *(column.type for each in dictionary.tables() for column in each.columns.values())}
    if kind not in kinds:
        raise BadDefinition(
            f"{table}.{name}: no column is of type {kind!r}; such as string, integer, boolean, reference"
        )
    if kind == "reference" and not dictionary.has(reference):
        raise BadDefinition(f"{table}.{name}: a reference needs the name of its table, and {reference!r} is none")
    listed = dict(choices) if isinstance(choices, Mapping) else {value: label_of(value) for value in choices}
    values = {
        "name": table,
        "element": name,
        "internal_type": kind,
        "column_label": label or label_of(name),
        "max_length": str(max_length) if max_length else "",
        "reference": reference,
        "default_value": default,
        "mandatory": "true" if mandatory else "false",
        "read_only": "true" if read_only else "false",
        "choice": "1" if listed else "0",
        "active": "true",
    }
    system = instance.system()
    with instance.transaction():
        made = system.table("sys_dictionary").insert({key: text for key, text in values.items() if text})
        for value, text in listed.items():
            add_choice(instance, table, name, value, label=text)
    return made


def add_choice(
    instance: Instance, table: str, column: str, value: str, *, label: str = "", language: str = "en"
) -> Record:
    """Add a choice behind those that a column has, and return its record.

    Raises BadDefinition for a column that is none.
    """
    if not instance.dictionary.has(table) or instance.dictionary.column(table, column) is None:
        raise BadDefinition(f"{table} has no column {column!r} to add the choice {value!r} to")
    system: Session = instance.system()
    present = system.table("sys_choice").query(f"name={table}^element={column}^language={language}")
    last = max((int(each["sequence"]) for each in present if each["sequence"].isdigit()), default=0)
    values = {"name": table, "element": column, "value": value, "label": label or label_of(value), "language": language}
    return system.table("sys_choice").insert({**values, "sequence": str(last + 1), "inactive": "false"})


def column_for(instance: Instance, table: str, name: str, given: object) -> Record:
    """Add the column that a value of a saved answer needs, as far as the value tells, and return its record.

    A value with a link is a reference to the linked table; every other one becomes a text, as long as a text may be.
    Raises BadDefinition.
    """
    reference = ""
    if isinstance(given, Mapping):
        found = LINKED.search(str(given.get("link") or ""))
        if found is not None and instance.dictionary.has(found[1]):
            reference = found[1]
    return add_column(instance, table, name, reference=reference, max_length=None if reference else LONGEST_GUESS)


def _check_name(name: str, what: str) -> None:
    if not NAME.fullmatch(name):
        raise BadDefinition(f"{name!r} is no name of a {what}: give lower-case letters, digits and _, such as u_{what}")
