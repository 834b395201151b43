"""What a new instance starts with: the shipped tables, choices and records, put straight into an empty store."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING

from sandtable.core.platform.writing.dictionary_records import READ, load, records_of
from sandtable.core.schema.columns import Column
from sandtable.core.schema.dictionary import Dictionary
from sandtable.core.schema.dictionary_data import Family
from sandtable.core.values.passwords import hash_password, is_hashed

if TYPE_CHECKING:
    from sandtable.core.platform.contracts import Instance
    from sandtable.core.store.row import Row

BORN = "2024-01-01 00:00:00"  # the baseline is older than anything that a user does
STAMPED = {
    "sys_created_on": BORN,
    "sys_created_by": "system",
    "sys_updated_on": BORN,
    "sys_updated_by": "system",
    "sys_mod_count": "0",
}


def install_baseline(instance: Instance, family: Family) -> None:
    """Fill an empty instance. No rule runs: the records of the family are complete as they are."""
    dictionary, store = instance.dictionary, instance.store
    instance.ship(family.tables)
    dictionary.put_tables(family.tables)
    dictionary.add_choices(family.choices)
    scopes = {record.values["scope"]: record.sys_id for record in family.records if record.table == "sys_scope"}
    described = records_of(family.tables, family.choices, scopes)
    own = ((record.table, record.sys_id, dict(record.values)) for record in family.records)
    by_table: dict[str, list[tuple[str, dict[str, str]]]] = {}
    for table, sys_id, values in (*described, *own):
        if table == "sys_user" and values.get("user_password") and not is_hashed(values["user_password"]):
            values["user_password"] = hash_password(values["user_password"], sys_id[:16])
        by_table.setdefault(table, []).append((sys_id, values))
    begun = {table: _start(dictionary, table) for table in by_table}
    named: dict[str, set[str]] = {}
    for table, records in by_table.items():
        named.setdefault(dictionary.root(table), set()).update(begun[table], *(values for _, values in records))
    with instance.transaction():
        for root, names in named.items():
            store.expect(root, sorted(names))
        for table, records in by_table.items():
            store.insert_many(table, [(sys_id, {**begun[table], **values}) for sys_id, values in records])


def _start(dictionary: Dictionary, table: str) -> dict[str, str]:
    """Return what every record of a table begins with."""
    columns = dictionary.columns(table)
    start = {name: column.default for name, column in columns.items() if column.default}
    return start | STAMPED | {"sys_class_name": table}


def read_dictionary(
    instance: Instance,
    coming: Mapping[str, Sequence[Row]] = MappingProxyType({}),
    known: Mapping[tuple[str, ...], Column] = MappingProxyType({}),
) -> None:
    """Let the dictionary of an instance be what the records of its data file say, and by table those `coming`.

    `known` is what `read_as` makes of the shipped tables, for who has it at hand: most columns of a file are theirs.
    """
    store = instance.store
    bootstrap = instance.dictionary
    # Of thousands of records, whose table has hundreds of columns, only what is needed.
    described: dict[str, list[tuple[str, Sequence[str]]]] = {
        kind: [(sys_id, texts) for sys_id, *texts in store.texts_of(kind, ("sys_id", *names))]
        for kind, names in READ.items()
    }
    for kind, rows in coming.items():
        if kind in READ:
            described[kind] += [(row.sys_id, [row.values.get(name, "") for name in READ[kind]]) for row in rows]
    scopes = {
        sys_id: scope
        for kind in bootstrap.descendants(bootstrap.root("sys_scope"))
        for sys_id, scope in store.texts_of(kind, ("sys_id", "scope"))
    }
    shipped = {table.name: table for table in bootstrap.tables()}
    instance.dictionary.restore(load(described, shipped, scopes, known).state())
