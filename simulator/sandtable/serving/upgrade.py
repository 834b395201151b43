"""A data file of an earlier version gets the definitions that came since; what it has stays as it is.

Definitions are what the product calls application files, which its upgrades bring: tables, columns, choices,
properties, roles, access controls and the like, with all records of tables that are new. Rows of data come with no
upgrade, and what somebody deleted, or has made under the same name, does not come again. Source: ServiceNow
documentation, upgrades: customized and deleted files are skipped.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING

from sandtable.core.images.baseline import STAMPED, read_dictionary
from sandtable.core.platform.writing.audit import DELETIONS
from sandtable.core.platform.writing.dictionary_records import CHOICES, COLUMNS, NUMBERS, TABLES
from sandtable.core.schema.dictionary_data import stable_id
from sandtable.core.schema.private_values import PROPERTIES
from sandtable.packages.update_sets.capture import UPDATES, VERSIONS
from sandtable.packages.writing import NAMED

if TYPE_CHECKING:
    from sandtable.core.platform.contracts import Instance
    from sandtable.core.store.row import Row

# What the file was last brought to: a name for it, then the scopes of the applications that came with it.
MARK = "sandtable.data.baseline"
METADATA, APPLICATIONS = "sys_metadata", "sys_store_app"
# Definitions although their tables do not extend sys_metadata here.
MORE = frozenset(
    {
        *(CHOICES, "sys_documentation", "sys_glide_object", "sys_trigger", "cmdb_rel_type"),
        *("item_option_new", "cmn_schedule_span", "std_change_producer_version"),
    }
)
# By what a definition is known, whoever made it.
KNOWN_BY: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        TABLES: ("name",),
        COLUMNS: ("name", "element"),
        CHOICES: ("name", "element", "value", "language"),
        NUMBERS: ("category",),
        PROPERTIES: ("name",),
        "sys_user_role": ("name",),
        "sys_scope": ("scope",),
        APPLICATIONS: ("scope",),
    }
)
# The column by which a definition says which table it is about.
ABOUT = MappingProxyType({COLUMNS: "name", CHOICES: "name", NUMBERS: "category", "sys_security_acl": "name"})


@dataclass(frozen=True, slots=True)
class Baseline:
    """What instances of this version start from: a name for it, and the applications that come with it, by scope."""

    name: str
    scopes: tuple[str, ...]


def is_due(instance: Instance, baseline: Baseline) -> bool:
    """Tell whether the definitions of an instance are of another version."""
    return instance.property(MARK).split(" ")[0] != baseline.name


def mark(instance: Instance, baseline: Baseline) -> None:
    """Note in an instance which definitions it has."""
    values = {
        "name": MARK,
        "type": "string",
        "value": " ".join((baseline.name, *baseline.scopes)),
        "description": "Which definitions this data file has; set by what opens it",
    }
    store, sys_id = instance.store, stable_id(PROPERTIES, MARK)
    record = {**STAMPED, "sys_class_name": PROPERTIES, **values}
    with instance.transaction():  # and not as people write, since nothing of that has to be kept
        if store.get(METADATA, sys_id) is None:
            store.insert(METADATA, PROPERTIES, sys_id, record)
        else:
            store.update(METADATA, sys_id, PROPERTIES, record)


def bring(instance: Instance, fresh: Instance, baseline: Baseline) -> int:
    """Add the definitions of a fresh instance of the same kind that an instance lacks; return how many there were.

    All or none of them: what it raises is taken back.
    """
    with instance.transaction():
        missing = _missing(instance, fresh)
        count = sum(map(len, missing.values()))
        mark(instance, baseline)  # first: what makes room for the others belongs to the transaction once it has begun
        read_dictionary(instance, missing)
        for table, rows in missing.items():
            _add(instance, table, rows)
        return count


def _add(instance: Instance, table: str, rows: list[Row]) -> None:
    if rows and instance.dictionary.has(table):
        instance.store.insert_many(table, [(row.sys_id, row.values) for row in rows])


def _missing(instance: Instance, fresh: Instance) -> dict[str, list[Row]]:
    """Return the rows that are to come, by table."""
    deleted = set(_deleted(instance))
    removed_applications = _removed_applications(instance, fresh)
    described = list(fresh.store.of_class(TABLES))
    new_tables = {row.values["name"] for row in described} - _tables(instance)
    removed = {row.values["name"] for row in described if _was_deleted(TABLES, row, deleted)} & new_tables
    found: dict[str, list[Row]] = {}
    for table in (each.name for each in fresh.dictionary.tables()):
        if table in removed or not _is_definition(fresh, table, new_tables):
            continue
        here = {row.sys_id for row in instance.store.of_class(table)} if instance.dictionary.has(table) else set()
        waiting = [row for row in fresh.store.of_class(table) if row.sys_id not in here]
        names = _names(instance, table) if waiting else set()
        rows = [
            row
            for row in waiting
            if not _was_deleted(table, row, deleted)
            and {row.sys_id, row.values.get("sys_scope"), row.values.get("sys_package")}.isdisjoint(
                removed_applications
            )
            and _about(table, row).isdisjoint(removed)
            and _name(table, row) not in names
        ]
        if rows:
            found[table] = rows
    return found


def _is_definition(fresh: Instance, table: str, new_tables: set[str]) -> bool:
    return table in new_tables or table in MORE or fresh.dictionary.root(table) in (METADATA, "sys_package")


def _deleted(instance: Instance) -> Iterator[str]:
    """Yield what somebody deleted, as far as an instance keeps such: sys_ids, and names of files in update sets."""
    for table, column in ((DELETIONS, "documentkey"), (UPDATES, "name"), (VERSIONS, "name")):
        if instance.dictionary.has(table):
            yield from (row.values.get(column, "") for row in instance.store.of_class(table))


def _was_deleted(table: str, row: Row, deleted: set[str]) -> bool:
    """Tell whether a row that is not there has been, or belongs to a file that somebody has changed."""
    names = {CHOICES: ("name", "element"), **NAMED}.get(table)
    parts = [row.sys_id] if names is None else [row.values.get(name) or "null" for name in names]
    return row.sys_id in deleted or "_".join((table, *parts)) in deleted


def _removed_applications(instance: Instance, fresh: Instance) -> set[str]:
    """Return the records of applications that the instance once came with and no longer has."""
    came = set(instance.property(MARK).split(" ")[1:])
    here = {row.values.get("scope", "") for row in instance.store.of_class(APPLICATIONS)}
    return {row.sys_id for row in fresh.store.of_class(APPLICATIONS) if row.values.get("scope", "") in came - here}


def _tables(instance: Instance) -> set[str]:
    return {row.values.get("name", "") for row in instance.store.of_class(TABLES)}


def _name(table: str, row: Row) -> tuple[str, ...] | None:
    columns = KNOWN_BY.get(table)
    return columns and tuple(row.values.get(column, "") for column in columns)


def _names(instance: Instance, table: str) -> set[tuple[str, ...] | None]:
    if table not in KNOWN_BY:
        return set()
    return {_name(table, row) for row in instance.store.of_class(table)}


def _about(table: str, row: Row) -> set[str]:
    about = row.values.get(ABOUT[table], "") if table in ABOUT else ""
    return {about, about.partition(".")[0]}
