"""What an application ships, put into an instance and taken out again: tables, choices and records of a data family."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from sandtable.core.platform.writing.dictionary_records import COLUMNS, column_values, number_values
from sandtable.core.schema.dictionary_data import Family, parse_families, stable_id

if TYPE_CHECKING:
    from sandtable.core.platform.contracts import Instance, Session
    from sandtable.core.schema.columns import Column, Table

METADATA = "sys_metadata"


def install(instance: Instance, origin: str, data: Mapping[str, Any], scope: str) -> None:
    """Put tables, choices and records of a family into an instance; what is there already stays as it is.

    `scope` becomes the scope of the tables and of the records that have one. Raises BadTableData, which names `origin`.
    """
    family = _read(instance, origin, data, scope)
    system = instance.system()
    with instance.transaction():
        owner = _owner(instance, scope)
        for table in family.tables:
            _put_table(system, table, owner)
        _put_columns(instance, family.tables, owner)
        for choice in family.choices:
            if system.table("sys_choice").find(choice.sys_id) is None:
                system.table("sys_choice").insert(
                    {
                        "sys_id": choice.sys_id,
                        "name": choice.table,
                        "element": choice.element,
                        "value": choice.value,
                        "label": choice.label,
                        "sequence": choice.sequence,
                        "dependent_value": choice.dependent_value,
                        "inactive": choice.inactive,
                        "language": choice.language,
                        "hint": choice.hint,
                    }
                )
        for record in family.records:
            access = system.table(record.table)
            if access.find(record.sys_id) is None:
                owned = {"sys_scope": owner} if owner and instance.dictionary.column(record.table, "sys_scope") else {}
                access.insert({**owned, **record.values, "sys_id": record.sys_id})


def remove(instance: Instance, origin: str, data: Mapping[str, Any], scope: str) -> None:
    """Take a family out again: its records, choices and tables with all they hold. What is gone already is no error."""
    family = _read(instance, origin, data, scope)
    system = instance.system()
    own = [entry["name"] for entry in data.get("tables", ()) if not set(entry) <= {"name", "columns"}]
    with instance.transaction():
        for record in reversed(family.records):
            if instance.dictionary.has(record.table) and system.table(record.table).find(record.sys_id) is not None:
                system.table(record.table).delete(record.sys_id)
        for choice in family.choices:
            if system.table("sys_choice").find(choice.sys_id) is not None:
                system.table("sys_choice").delete(choice.sys_id)
        for name in reversed(own):
            _drop_table(instance, system, name)


def _read(instance: Instance, origin: str, data: Mapping[str, Any], scope: str) -> Family:
    existing = {table.name: table for table in instance.dictionary.tables()}
    return parse_families([(origin, data)], existing, scope)


def _owner(instance: Instance, scope: str) -> str:
    found = instance.system().table("sys_scope").first(f"scope={scope}")
    return found.sys_id if found is not None else ""


def _put_table(system: Session, table: Table, owner: str) -> None:
    dictionary = system.instance.dictionary
    if not dictionary.has(table.name):
        parent = system.table("sys_db_object").first(f"name={table.parent}") if table.parent else None
        system.table("sys_db_object").insert(
            {
                "sys_id": table.sys_id,
                "name": table.name,
                "label": table.label,
                "super_class": parent.sys_id if parent is not None else "",
                "is_extendable": table.extendable,
                "ws_access": table.ws_access,
                **{f"{operation}_access": "true" for operation in table.cross_scope},
                "sys_scope": owner,
            }
        )
    if table.number_prefix and system.table("sys_number").first(f"category={table.name}") is None:
        system.table("sys_number").insert(number_values(table))


def _put_columns(instance: Instance, tables: Iterable[Table], owner: str) -> None:
    """Add the columns that are not there, all of them at once: each alone would have everything worked out again.

    Each gets all that its description says, under the sys_id that the baseline would use.
    """
    dictionary, store = instance.dictionary, instance.store
    missing: dict[str, dict[str, Column]] = {}
    for table in tables:
        for column in table.columns.values():
            if dictionary.column(table.name, column.name) is None:
                missing.setdefault(table.name, {})[column.name] = column
    if not missing:
        return
    state = dictionary.state()
    store.on_rewind(lambda: dictionary.restore(state))
    known = {name: dictionary.table(name) for name in missing}
    dictionary.put_tables(replace(table, columns={**table.columns, **missing[name]}) for name, table in known.items())
    stamps = instance.stamps(COLUMNS)
    store.insert_many(
        COLUMNS,
        [
            (stable_id(COLUMNS, f"{column.table}.{column.name}"), {**stamps, **column_values(column, owner)})
            for columns in missing.values()
            for column in columns.values()
        ],
    )


def _drop_table(instance: Instance, system: Session, name: str) -> None:
    if not instance.dictionary.has(name):
        return
    access = system.table(name)
    for record in access.query():
        access.delete(record.sys_id)
    for record in system.table("sys_dictionary").query(f"name={name}"):
        system.table("sys_dictionary").delete(record.sys_id)
    for record in system.table("sys_db_object").query(f"name={name}"):
        system.table("sys_db_object").delete(record.sys_id)
