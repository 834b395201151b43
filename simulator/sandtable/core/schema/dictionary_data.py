"""Tables, columns, choices and baseline records as JSON: the files in `data/tables/`, and an app's `tables`.

A file (or an app's `tables` dict) is one *family*::

    {"tables": [{"name": "incident", "label": "Incident", "extends": "task", "number": "INC", "display": "number",
                 "columns": [{"name": "caller_id", "type": "reference", "reference": "sys_user", "label": "Caller"}]}],
     "choices": [{"table": "incident", "element": "state", "value": "1", "label": "New", "sequence": 1}],
     "records": {"sys_user": [{"user_name": "admin", "name": "System Administrator", "sys_id": "6816..."}]}}

Table keys: `name`, `label`, `plural`, `extends`, `number` (prefix; makes a sys_number record), `display` (column that
stands for a record), `ws_access` (true), `scope`, `extendable` (adds sys_class_name; set by itself when another table
of the families extends it), `audit` (changes go to sys_audit), `unique` (list of column lists), `cross_scope` (what
other scopes' scripts may do beside reading: create, update, delete), `system_columns` (list;
default sys_id, sys_created_on, sys_created_by, sys_updated_on, sys_updated_by, sys_mod_count and sys_tags; only for
base tables), `columns`. An entry with `name` and `columns` alone adds columns to a table of any family or of the
instance.

Column keys: `name`, `type` (string), `label` (from the name), `max_length` (by type), `mandatory`, `read_only`,
`default`, `reference`, `choice` (0..3), `display`, `dependent_on`, `array`, `active`, `unique`, `indexed`,
`calculated`, `comments`, `attributes`. Choice keys: `table`, `element`, `value`, `label` (the value), `sequence`,
`dependent_value`, `inactive`, `language` (en), `hint`. An unknown key is an error that names file, table and key.

Records: values are text, numbers or booleans; column defaults apply. A record's sys_id is its own `sys_id`, else
derived from `"table:key"`, where the key is the record's `_key` (not stored), else its user_name, number, name, or
value, else its whole content. `"@sys_user_role:itil"` as a value is the sys_id of the record with that key, in
whichever family it stands; inside a comma list each part may be such a mark.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from sandtable.core.schema.columns import DEFAULT_LENGTHS, Choice, Column, Table

DATA_FOLDER = Path(__file__).parent / "data" / "tables"
SYSTEM_COLUMNS: Mapping[str, Column] = {
    column.name: column
    for column in (
        Column("sys_id", "GUID", "Sys ID", 32),
        Column("sys_created_on", "glide_date_time", "Created", indexed=True),
        Column("sys_created_by", "string", "Created by"),
        Column("sys_updated_on", "glide_date_time", "Updated", indexed=True),
        Column("sys_updated_by", "string", "Updated by"),
        Column("sys_mod_count", "integer", "Updates"),
        Column("sys_tags", "related_tags", "Tags", 255),
    )
}
CLASS_NAME = Column("sys_class_name", "sys_class_name", "Class", 80)
KEY_COLUMNS = ("_key", "user_name", "number", "name", "value")
TABLE_KEYS = frozenset(
    {
        "name",
        "label",
        "plural",
        "extends",
        "number",
        "display",
        "ws_access",
        "scope",
        "extendable",
        "audit",
        "unique",
        "cross_scope",
        "system_columns",
        "columns",
    }
)
COLUMN_KEYS = frozenset(
    {
        "name",
        "type",
        "label",
        "max_length",
        "mandatory",
        "read_only",
        "default",
        "reference",
        "choice",
        "display",
        "dependent_on",
        "array",
        "active",
        "unique",
        "indexed",
        "calculated",
        "comments",
        "attributes",
    }
)
CHOICE_KEYS = frozenset(
    {"table", "element", "value", "label", "sequence", "dependent_value", "inactive", "language", "hint"}
)


class BadTableData(ValueError):
    """A family is not as described above; the text says where."""


def stable_id(*path: str) -> str:
    """Return the sys_id of a baseline record: 32 hex digits that depend on nothing but its path."""
    return hashlib.md5(":".join(path).encode("utf-8"), usedforsecurity=False).hexdigest()


@dataclass(frozen=True, slots=True)
class FamilyRecord:
    """One record of a family, as stored text; empty values are left out."""

    table: str
    sys_id: str
    values: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Family:
    """One or more files, checked and completed; immutable, so instances may share it."""

    tables: tuple[Table, ...] = ()
    choices: tuple[Choice, ...] = ()
    records: tuple[FamilyRecord, ...] = ()


def read_baseline(folder: Path = DATA_FOLDER) -> Family:
    """Return the content of all JSON files of a folder, by file name. Raises BadTableData."""
    sources = []
    for path in sorted(folder.glob("*.json")):
        try:
            sources.append((path.name, json.loads(path.read_text(encoding="utf-8"))))
        except ValueError as error:
            raise BadTableData(f"{path.name}: not readable as JSON: {error}") from error
    return parse_families(sources)


def parse_families(
    sources: Iterable[tuple[str, Mapping[str, Any]]], existing: Mapping[str, Table] | None = None, scope: str = "global"
) -> Family:
    """Check and complete families given as (name of the source, content).

    `existing` are tables that the families may extend or add columns to; an added-to table is returned completed.
    Raises BadTableData.
    """
    listed = list(sources)
    tables = _tables(listed, existing or {}, scope)
    known = {**(existing or {}), **tables}
    choices = tuple(_choice(origin, entry, known) for origin, data in listed for entry in data.get("choices", ()))
    records = tuple(_records(listed, known))
    for origin, data in listed:
        _refuse_unknown(f"{origin}", data, frozenset({"tables", "choices", "records"}))
    return Family(tuple(tables.values()), choices, records)


# tables and columns --------------------------------------------------------------------------------------------------


def _tables(
    sources: Sequence[tuple[str, Mapping[str, Any]]], existing: Mapping[str, Table], scope: str
) -> dict[str, Table]:
    tables: dict[str, Table] = {}
    system_columns: dict[str, Sequence[str]] = {}
    entries = [(origin, entry) for origin, data in sources for entry in data.get("tables", ())]
    # Additions come last: the file that defines the table may sort behind the one that adds to it.
    for origin, entry in sorted(entries, key=lambda each: set(each[1]) <= {"name", "columns"}):
        name = _text(origin, entry, "name")
        where = f"{origin}: table {name}"
        _refuse_unknown(where, entry, TABLE_KEYS)
        display = str(entry.get("display", ""))
        defined = (_column(where, name, each) for each in entry.get("columns", ()))
        own = {each.name: replace(each, display=True) if each.name == display else each for each in defined}
        present = tables.get(name) or existing.get(name)
        if present is not None:
            if entry.get("extends", present.parent) != present.parent:
                raise BadTableData(f"{where}: extends {present.parent or 'nothing'} already")
            tables[name] = replace(present, columns={**present.columns, **own})
            continue
        system_columns[name] = entry.get("system_columns", tuple(SYSTEM_COLUMNS))
        tables[name] = Table(
            name,
            label=str(entry.get("label") or label_of(name)),
            parent=str(entry.get("extends", "")),
            number_prefix=str(entry.get("number", "")),
            ws_access=bool(entry.get("ws_access", True)),
            scope=str(entry.get("scope", scope)),
            columns=own,
            display=display,
            plural=str(entry.get("plural", "")),
            extendable=bool(entry.get("extendable", False)),
            audited=bool(entry.get("audit", False)),
            unique_keys=tuple(tuple(key) for key in entry.get("unique", ())),
            sys_id=stable_id("sys_db_object", name),
            cross_scope=tuple(entry.get("cross_scope", ())),
        )
    parents = {table.parent for table in tables.values() if table.parent}
    for name, table in tables.items():
        if table.parent and table.parent not in tables and table.parent not in existing:
            raise BadTableData(f"table {name}: extends {table.parent}, which does not exist")
        if name in system_columns and not table.parent:
            extendable = table.extendable or name in parents
            own = system_columns_of(name, system_columns[name], extendable=extendable)
            tables[name] = replace(table, extendable=extendable, columns={**own, **table.columns})
    return tables


def system_columns_of(
    table: str, names: Iterable[str] = tuple(SYSTEM_COLUMNS), *, extendable: bool = False
) -> dict[str, Column]:
    """Return the columns that the platform itself puts on a base table."""
    columns = [SYSTEM_COLUMNS[name] for name in names] + ([CLASS_NAME] if extendable else [])
    return {column.name: replace(column, table=table) for column in columns}


def label_of(name: str) -> str:
    """Return a readable label for a column or table name: `u_cost_center` becomes `Cost center`."""
    return name.removeprefix("u_").replace("_", " ").strip().capitalize()


def default_length(column_type: str) -> int:
    """Return the length in characters that a type has when nobody says otherwise."""
    return DEFAULT_LENGTHS.get(column_type, 40)


def _column(where: str, table: str, entry: Mapping[str, Any]) -> Column:
    name = _text(where, entry, "name")
    _refuse_unknown(f"{where}, column {name}", entry, COLUMN_KEYS)
    kind = str(entry.get("type", "string"))
    return Column(
        name,
        kind,
        str(entry.get("label") or label_of(name)),
        int(entry.get("max_length") or default_length(kind)),
        mandatory=bool(entry.get("mandatory", False)),
        read_only=bool(entry.get("read_only", False)),
        default=stored_text(entry.get("default", "")),
        reference=str(entry.get("reference", "")),
        choice=int(entry.get("choice", 0)),
        display=bool(entry.get("display", False)),
        dependent_on=str(entry.get("dependent_on", "")),
        array=bool(entry.get("array", False)),
        active=bool(entry.get("active", True)),
        unique=bool(entry.get("unique", False)),
        indexed=bool(entry.get("indexed", False)),
        table=table,
        calculated=bool(entry.get("calculated", False)),
        comments=str(entry.get("comments", "")),
        attributes=str(entry.get("attributes", "")),
    )


def _choice(origin: str, entry: Mapping[str, Any], known: Mapping[str, Table]) -> Choice:
    table, element = _text(origin, entry, "table"), _text(origin, entry, "element")
    where = f"{origin}: choice {table}.{element}"
    _refuse_unknown(where, entry, CHOICE_KEYS)
    if table not in known:
        raise BadTableData(f"{where}: there is no table {table}")
    value, language = stored_text(entry.get("value", "")), str(entry.get("language", "en"))
    dependent = stored_text(entry.get("dependent_value", ""))
    return Choice(
        table,
        element,
        value,
        str(entry.get("label", value)),
        int(entry.get("sequence", 0)),
        dependent,
        bool(entry.get("inactive", False)),
        language,
        str(entry.get("hint", "")),
        stable_id("sys_choice", f"{table}.{element}.{language}.{value}.{dependent}"),
    )


# records -------------------------------------------------------------------------------------------------------------


def _records(sources: Sequence[tuple[str, Mapping[str, Any]]], known: Mapping[str, Table]) -> Iterator[FamilyRecord]:
    found: list[tuple[str, str, str, Mapping[str, Any]]] = []
    ids: dict[str, str] = {}
    for origin, data in sources:
        for table, entries in data.get("records", {}).items():
            if table not in known:
                raise BadTableData(f"{origin}: records of {table}, a table that does not exist")
            for entry in entries:
                key = _key(entry)
                sys_id = str(entry.get("sys_id") or stable_id(table, key))
                ids[f"{table}:{key}"] = sys_id
                found.append((origin, table, sys_id, entry))
    seen: set[tuple[str, str]] = set()
    for origin, table, sys_id, entry in found:
        if (table, sys_id) in seen:
            raise BadTableData(f"{origin}: two records of {table} have the key {_key(entry)}; give one a _key")
        seen.add((table, sys_id))
        values = {
            name: _resolved(stored_text(value), ids, f"{origin}: {table}.{name}")
            for name, value in entry.items()
            if name not in ("_key", "sys_id")
        }
        yield FamilyRecord(table, sys_id, {name: value for name, value in values.items() if value})


def _key(entry: Mapping[str, Any]) -> str:
    for name in KEY_COLUMNS:
        if entry.get(name):
            return stored_text(entry[name])
    return json.dumps(entry, sort_keys=True, ensure_ascii=False)


def _resolved(value: str, ids: Mapping[str, str], where: str) -> str:
    if "@" not in value or not all(":" in part for part in value.split(",") if part.startswith("@")):
        return value
    parts = []
    for part in value.split(","):
        if not part.startswith("@"):
            parts.append(part)
            continue
        table, _, key = part[1:].partition(":")
        # A mark may name a record of another family, made the same way.
        parts.append(ids.get(f"{table}:{key}") or stable_id(table, key))
    if any(not part for part in parts):
        raise BadTableData(f"{where}: an empty part in {value!r}")
    return ",".join(parts)


def stored_text(value: object) -> str:
    """Return a JSON scalar as the platform stores it: true, 7, text; null is empty."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def _text(where: str, entry: Mapping[str, Any], key: str) -> str:
    value = entry.get(key)
    if not isinstance(value, str) or not value:
        raise BadTableData(f"{where}: each entry needs a {key}, here: {json.dumps(entry, default=str)[:120]}")
    return value


def _refuse_unknown(where: str, entry: Mapping[str, Any], allowed: frozenset[str]) -> None:
    unknown = sorted(set(entry) - allowed)
    if unknown:
        raise BadTableData(f"{where}: unknown key {unknown[0]}; known are {', '.join(sorted(allowed))}")
