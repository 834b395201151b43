"""What a new instance starts with: the shipped tables, choices and records, put straight into an empty store."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING

from sandtable.core.platform.writing.dictionary_records import CHOICES, COLUMNS, TABLES, load, records_of
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
    with instance.transaction():
        for table, records in by_table.items():
            start = _start(dictionary, table)
            store.insert_many(table, [(sys_id, {**start, **values}) for sys_id, values in records])


def _start(dictionary: Dictionary, table: str) -> dict[str, str]:
    """Return what every record of a table begins with."""
    columns = dictionary.columns(table)
    start = {name: column.default for name, column in columns.items() if column.default}
    return start | STAMPED | {"sys_class_name": table}


def read_dictionary(instance: Instance, coming: Mapping[str, Sequence[Row]] = MappingProxyType({})) -> None:
    """Let the dictionary of an instance be what the records of its data file say, and by table those `coming`."""
    store = instance.store
    bootstrap = instance.dictionary
    described = [
        (kind, row.sys_id, row.values)
        for kind in (TABLES, COLUMNS, CHOICES)
        for row in (*store.of_class(kind), *coming.get(kind, ()))
    ]
    scopes = {
        row.sys_id: row.values.get("scope", "")
        for kind in bootstrap.descendants(bootstrap.root("sys_scope"))
        for row in store.of_class(kind)
    }
    shipped = {table.name: table for table in bootstrap.tables()}
    instance.dictionary.restore(load(described, shipped, scopes).state())
