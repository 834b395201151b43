"""The records behind the Dictionary: sys_db_object, sys_dictionary and sys_choice, written from it and followed by it.

A table has one record of sys_db_object and one of sys_dictionary without an element (its collection entry, which says
whether it is audited); a column has one record of sys_dictionary under the table that defines it. What the platform
keeps elsewhere or not at all (indexes, unique keys, plurals) comes from the shipped definition of the same name.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from sandtable.core.schema.columns import Choice, Column, Table
from sandtable.core.schema.dictionary import Dictionary
from sandtable.core.schema.dictionary_data import (
    SYSTEM_COLUMNS,
    default_length,
    label_of,
    stable_id,
    system_columns_of,
)
from sandtable.core.values.errors import OperationFailed
from sandtable.core.values.texts import whole_number

if TYPE_CHECKING:
    from sandtable.core.platform.contracts import Instance
    from sandtable.core.platform.record import Record

TABLES, COLUMNS, CHOICES = "sys_db_object", "sys_dictionary", "sys_choice"
LABELS = "sys_documentation"
NUMBERS = "sys_number"
COLLECTION = "collection"
FIRST_NUMBER = 10_000  # a fresh instance has this behind it: INC0010001 is the first incident
NUMBER_DIGITS = 7
_NAME = re.compile(r"[a-z][a-z0-9_]{0,79}")
Values = Mapping[str, str]


# from the Dictionary to records --------------------------------------------------------------------------------------


def records_of(
    tables: Iterable[Table], choices: Iterable[Choice], scopes: Mapping[str, str]
) -> Iterator[tuple[str, str, dict[str, str]]]:
    """Yield (table, sys_id, values) of every record that describes tables and choices.

    `scopes` maps the name of a scope to the sys_id of its record.
    """
    ids = {table.name: table.sys_id or stable_id(TABLES, table.name) for table in tables}
    for table in tables:
        owner = scopes.get(table.scope, "")
        yield TABLES, ids[table.name], _table_values(table, ids, owner)
        yield COLUMNS, stable_id(COLUMNS, table.name), _collection_values(table, owner)
        for column in table.columns.values():
            yield COLUMNS, stable_id(COLUMNS, f"{table.name}.{column.name}"), column_values(column, owner)
        if table.number_prefix:
            yield NUMBERS, stable_id(NUMBERS, table.name), {**number_values(table), "sys_scope": owner}
    for choice in choices:
        yield CHOICES, choice.sys_id, _choice_values(choice)


def number_values(table: Table) -> dict[str, str]:
    """Return the values of the sys_number record of a numbered table."""
    return {
        "category": table.name,
        "prefix": table.number_prefix,
        "number": str(FIRST_NUMBER),
        "maximum_digits": str(NUMBER_DIGITS),
    }


def _table_values(table: Table, ids: Mapping[str, str], owner: str) -> dict[str, str]:
    return {
        "name": table.name,
        "label": table.label,
        "super_class": (ids.get(table.parent) or stable_id(TABLES, table.parent)) if table.parent else "",
        "is_extendable": _flag(table.extendable),
        "ws_access": _flag(table.ws_access),
        **{f"{operation}_access": "true" for operation in table.cross_scope},
        "sys_scope": owner,
        "sys_name": table.label,
    }


def _collection_values(table: Table, owner: str) -> dict[str, str]:
    return {
        "name": table.name,
        "internal_type": COLLECTION,
        "column_label": table.label,
        "audit": _flag(table.audited),
        "active": "true",
        "sys_scope": owner,
    }


def column_values(column: Column, owner: str = "") -> dict[str, str]:
    """Return the values of the sys_dictionary record of a column."""
    return {
        "name": column.table,
        "element": column.name,
        "internal_type": column.type,
        "column_label": column.label,
        "max_length": str(column.max_length),
        "reference": column.reference,
        "default_value": column.default,
        "mandatory": _flag(column.mandatory),
        "read_only": _flag(column.read_only),
        "active": _flag(column.active),
        "display": _flag(column.display),
        "array": _flag(column.array),
        "unique": _flag(column.unique or column.name == "sys_id"),
        "primary": _flag(column.name == "sys_id"),
        "choice": str(column.choice),
        "dependent_on_field": column.dependent_on,
        "attributes": column.attributes,
        "comments": column.comments,
        "sys_scope": owner,
    }


def _choice_values(choice: Choice) -> dict[str, str]:
    return {
        "name": choice.table,
        "element": choice.element,
        "value": choice.value,
        "label": choice.label,
        "sequence": str(choice.sequence),
        "dependent_value": choice.dependent_value,
        "inactive": _flag(choice.inactive),
        "language": choice.language,
        "hint": choice.hint,
    }


def _flag(value: object) -> str:
    return "true" if value else "false"


# from records to the Dictionary --------------------------------------------------------------------------------------


def load(
    records: Iterable[tuple[str, str, Values]], shipped: Mapping[str, Table], scopes: Mapping[str, str]
) -> Dictionary:
    """Return the Dictionary that stored records describe: (table, sys_id, values) of the three tables.

    `shipped` are the definitions that supply what records do not say; `scopes` maps sys_ids of scopes to names.
    """
    listed = list(records)
    names = {sys_id: values.get("name", "") for kind, sys_id, values in listed if kind == TABLES}
    columns: dict[str, dict[str, Column]] = {}
    audited = set()
    for kind, _, values in listed:
        if kind != COLUMNS:
            continue
        if not values.get("element"):
            if values.get("audit") == "true":
                audited.add(values.get("name", ""))
            continue
        name = values.get("name", "")
        known = (
            shipped[name].columns.get(values["element"]) if name in shipped else SYSTEM_COLUMNS.get(values["element"])
        )
        column = _column(values, known)
        columns.setdefault(column.table, {})[column.name] = column
    tables = []
    for kind, sys_id, values in listed:
        if kind == TABLES and values.get("name"):
            known_table = shipped.get(values["name"])
            table = _table(sys_id, values, known_table, names, scopes)
            tables.append(replace(table, columns=columns.get(table.name, {}), audited=table.name in audited))
    choices = [_choice(sys_id, values) for kind, sys_id, values in listed if kind == CHOICES]
    return Dictionary(tables, choices)


def _table(
    sys_id: str, values: Values, known: Table | None, names: Mapping[str, str], scopes: Mapping[str, str]
) -> Table:
    base = known or Table(values.get("name", ""))
    return replace(
        base,
        label=values.get("label") or label_of(base.name),
        parent=names.get(values.get("super_class", ""), ""),
        extendable=values.get("is_extendable") == "true",
        ws_access=values.get("ws_access") != "false",
        scope=scopes.get(values.get("sys_scope", ""), "global"),
        sys_id=sys_id,
    )


def _column(values: Values, known: Column | None) -> Column:
    kind = values.get("internal_type") or "string"
    length = values.get("max_length", "")
    choice = values.get("choice", "")
    # Made anew rather than replaced, which takes five times as long: at the opening of a file there are thousands.
    return Column(
        values["element"],
        indexed=known is not None and known.indexed,
        calculated=(known is not None and known.calculated) or values.get("virtual") == "true",
        table=values.get("name", ""),
        type=kind,
        label=values.get("column_label") or label_of(values["element"]),
        max_length=whole_number(length, 0) or default_length(kind),
        mandatory=values.get("mandatory") == "true",
        read_only=values.get("read_only") == "true",
        default=values.get("default_value", ""),
        reference=values.get("reference", ""),
        choice=whole_number(choice, 0),
        display=values.get("display") == "true",
        dependent_on=values.get("dependent_on_field", ""),
        array=values.get("array") == "true",
        active=values.get("active") != "false",
        unique=values.get("unique") == "true" and values["element"] != "sys_id",
        comments=values.get("comments", ""),
        attributes=values.get("attributes", ""),
    )


def _choice(sys_id: str, values: Values) -> Choice:
    sequence = values.get("sequence", "")
    return Choice(
        values.get("name", ""),
        values.get("element", ""),
        values.get("value", ""),
        values.get("label", ""),
        int(sequence) if sequence.lstrip("-").isdigit() else 0,
        values.get("dependent_value", ""),
        values.get("inactive") == "true",
        values.get("language") or "en",
        values.get("hint", ""),
        sys_id,
    )


# following writes ----------------------------------------------------------------------------------------------------


def follow(instance: Instance, before: Record | None, after: Record | None) -> None:
    """Bring the Dictionary in line with a record that was just written; taken back when the write is taken back.

    Raises OperationFailed for a table or column that cannot be.
    """
    record = after or before
    change = _FOLLOWED.get(record.table) if record is not None else None
    if change is None:
        return
    state = instance.dictionary.state()
    instance.store.on_rewind(lambda: instance.dictionary.restore(state))
    change(instance, before, after)


def _follow_table(instance: Instance, before: Record | None, after: Record | None) -> None:
    dictionary = instance.dictionary
    if after is None:
        if before is not None and dictionary.has(before["name"]):
            _drop_table(instance, before["name"])
        return
    name = _checked(after["name"], "table", "name")
    if before is not None and (before["name"], before["super_class"]) != (name, after["super_class"]):
        raise OperationFailed(detail=f"name and super_class of the table {before['name']} cannot be changed")
    system = instance.system()
    parent = system.table(TABLES).find(after["super_class"]) if after["super_class"] else None
    known = dictionary.table(name) if dictionary.has(name) else instance.shipped(name)
    names = {parent.sys_id: parent["name"]} if parent is not None else {}
    table = _table(after.sys_id, after, known or Table(name), names, instance.scope_names())
    if not dictionary.has(name):
        own = {} if table.parent else system_columns_of(name, extendable=table.extendable)
        table = replace(table, columns=own)
        dictionary.put_table(table)
        owner = after["sys_scope"]
        _insert(instance, COLUMNS, stable_id(COLUMNS, name), _collection_values(table, owner))
        for column in own.values():
            _insert(instance, COLUMNS, stable_id(COLUMNS, f"{name}.{column.name}"), column_values(column, owner))
        return
    dictionary.put_table(table)


def _drop_table(instance: Instance, name: str) -> None:
    """Take a table away with its records, columns and choices."""
    dictionary, store = instance.dictionary, instance.store
    children = [each for each in dictionary.descendants(name) if each != name]
    if children:
        raise OperationFailed(detail=f"{name} cannot be deleted: {', '.join(children[:3])} extends it")
    root = dictionary.root(name)
    for row in list(store.of_class(name)):
        store.delete(root, row.sys_id)
    for kind in (COLUMNS, CHOICES):
        for record in instance.system().table(kind).page("", limit=None, offset=0, filters={"name": name}).records:
            store.delete(dictionary.root(kind), record.sys_id)
    dictionary.drop_table(name)


def _follow_column(instance: Instance, before: Record | None, after: Record | None) -> None:
    dictionary = instance.dictionary
    moved = before is not None and (after is None or any(after[key] != before[key] for key in ("name", "element")))
    if before is not None and moved and before["element"] and dictionary.has(before["name"]):
        dictionary.drop_column(before["name"], before["element"])
    if after is None:
        return
    table = after["name"]
    if not dictionary.has(table):
        raise OperationFailed(detail=f"sys_dictionary: name must be a table; there is no table {table!r}")
    if not after["element"]:
        dictionary.put_table(replace(dictionary.table(table), audited=after["audit"] == "true"))
        return
    element = _checked(after["element"], "column", "element")
    inherited = dictionary.column(table, element)
    if inherited is not None and inherited.table != table:
        raise OperationFailed(detail=f"{table} has a column {element} from {inherited.table} already")
    shipped = instance.shipped(table)
    known = inherited or (shipped.columns.get(element) if shipped is not None else None)
    dictionary.put_column(_column({**after, "name": table, "element": element}, known))


def _follow_choice(instance: Instance, before: Record | None, after: Record | None) -> None:
    dictionary = instance.dictionary
    if before is not None:
        dictionary.drop_choice(before["name"], before["element"], before.sys_id)
    if after is not None:
        dictionary.add_choices([_choice(after.sys_id, after)])


def _follow_label(instance: Instance, before: Record | None, after: Record | None) -> None:
    """Give a table or one of its own columns the English label of its documentation record."""
    if after is None or after["language"] not in ("", "en") or not after["label"]:
        return
    name, element, system = after["name"], after["element"], instance.system()
    if not instance.dictionary.has(name):
        return
    if not element:
        table = system.table(TABLES).first(filters={"name": name})
        if table is not None and table["label"] != after["label"]:
            system.table(TABLES).update(table.sys_id, {"label": after["label"]}, auto_sys_fields=False)
        return
    column = system.table(COLUMNS).first(filters={"name": name, "element": element})
    if column is not None and column["column_label"] != after["label"]:
        system.table(COLUMNS).update(column.sys_id, {"column_label": after["label"]}, auto_sys_fields=False)


def _checked(name: str, kind: str, field: str) -> str:
    if not _NAME.fullmatch(name):
        raise OperationFailed(
            detail=f"{field} must be a {kind} name of lower-case letters, digits and underscores, not {name!r}"
        )
    return name


def _insert(instance: Instance, table: str, sys_id: str, values: dict[str, str]) -> None:
    # Straight to the store: these records describe what the Dictionary has already.
    root = instance.dictionary.root(table)
    if instance.store.get(root, sys_id) is None:
        instance.store.insert(root, table, sys_id, {**instance.stamps(table), **values})


_FOLLOWED = {TABLES: _follow_table, COLUMNS: _follow_column, CHOICES: _follow_choice, LABELS: _follow_label}
