"""Tables and columns that the records of a package have and the instance lacks: made before them, so nothing is lost.

A file that a real instance wrote proves that the platform has what it names. Names of one's own (`u_`, `x_`) are not
made unasked: the package describes those itself, or misses them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from sandtable.core.applications.families import install
from sandtable.core.schema.dictionary_data import label_of
from sandtable.packages.records import ABOUT_THE_FILE, DELETE, PUT, PackagedRecord

if TYPE_CHECKING:
    from sandtable.core.platform.contracts import Instance

CREATE, IGNORE, REFUSE = "create", "ignore", "refuse"
NAME = re.compile(r"[a-z_][a-z0-9_]{0,79}")
OWN = ("u_", "x_")
FILES = "sys_metadata"
DISPLAYED = ("name", "label", "title", "short_description")
LONG, LONGEST = 4_000, 16_777_215
APPLICATIONS = ("sys_app", "sys_store_app", "sys_scope")
SYS_ID, SCOPE = re.compile("[0-9a-f]{32}"), re.compile(r"(?:x|sn|u)_\w+")
TRUTH = frozenset({"true", "false"})

# What every table has.
STANDARD = frozenset(
    {"sys_id", "sys_created_on", "sys_created_by", "sys_updated_on", "sys_updated_by", "sys_mod_count"}
)

Missing = dict[str, dict[str, dict[str, None]]]


def missing(instance: Instance, records: Iterable[PackagedRecord], how: str) -> Missing:
    """Return, by table, the columns to be made, each with the values that the records have for it.

    `how` is create (every name), ignore or refuse (none), or empty: what a file of an application or an update names,
    where the name is the platform's own.
    """
    found: Missing = {}
    if how in (IGNORE, REFUSE):
        return found
    described = {record.values.get("name", "") for record in records if record.table == "sys_db_object"}
    own = {
        (record.values.get("name", ""), record.values.get("element", ""))
        for record in records
        if record.table == "sys_dictionary"
    }
    dictionary = instance.dictionary
    if how == CREATE:
        parents = {
            each.hints.get("super_class", {}).get("name", "") for each in records if each.table == "sys_db_object"
        }
        found |= {name: {} for name in sorted(parents - described) if name and not dictionary.has(name)}
    for record in records:
        if not (record.captured or how == CREATE) or record.query or record.action == DELETE:
            continue
        table = record.table
        known = dictionary.has(table)
        if not _may(table, how) or (not known and table in described):
            continue
        columns = dictionary.columns(table) if known else {}
        if not known:
            found.setdefault(table, {})
        for name, text in record.values.items():
            if (
                name in columns
                or name in STANDARD
                or name in ABOUT_THE_FILE
                or not _may(name, how)
                or (table, name) in own
            ):
                continue
            found.setdefault(table, {}).setdefault(name, {})[text] = None
    return found


def missing_applications(instance: Instance, records: Iterable[PackagedRecord], how: str) -> list[PackagedRecord]:
    """Return the applications that records say they belong to, and that are not here by that sys_id, nor among them.

    A record names its application beside the sys_id: by the scope, or again by the sys_id for one in the global scope.
    One that has a name is to be made; one without is here under another sys_id.
    """
    named: dict[str, PackagedRecord] = {}
    if how in (IGNORE, REFUSE):
        return []
    listed = list(records)
    given = {record.sys_id for record in listed if record.table in APPLICATIONS}
    for record in listed:
        app, said = record.values.get("sys_package", ""), record.hints.get("sys_package", {})
        scope = "global" if said.get("source") == app else said.get("source", "")
        if not SYS_ID.fullmatch(app) or record.values.get("sys_scope") != app or app in given or app in named:
            continue
        if not (scope == "global" or SCOPE.fullmatch(scope)) or instance.lookup("sys_scope", app) is not None:
            continue
        here = instance.system().table("sys_scope").first(filters={"scope": scope}) if scope != "global" else None
        values = {"sys_id": app, "scope": scope}
        if here is None:
            values["name"] = said.get("display_value") or scope
        named[app] = PackagedRecord("sys_app" if here is None else here.table, PUT, values, record.where)
    return list(named.values())


def make(instance: Instance, wanted: Missing, files: Iterable[PackagedRecord]) -> dict[str, list[str]]:
    """Make tables and columns, all at once, and return the columns by table. A table of files extends sys_metadata."""
    owned = {record.table for record in files if record.values.get("sys_update_name") or record.values.get("sys_scope")}
    tables: list[Mapping[str, Any]] = []
    for table, columns in wanted.items():
        described = [_column(name, list(values)) for name, values in columns.items()]
        if instance.dictionary.has(table):
            tables.append({"name": table, "columns": described})
            continue
        inherited = instance.dictionary.columns(FILES) if table in owned else {}
        entry: dict[str, Any] = {
            "name": table,
            "label": label_of(table),
            "columns": [each for each in described if each["name"] not in inherited],
            "extendable": True,
            "display": next((name for name in DISPLAYED if name in columns), ""),
        }
        tables.append({**entry, "extends": FILES} if table in owned else entry)
    if tables:
        install(instance, "a package", {"tables": tables}, "global")
    return {table: sorted(columns) for table, columns in wanted.items()}


def _may(name: str, how: str) -> bool:
    return NAME.fullmatch(name) is not None and (how == CREATE or not name.startswith(OWN))


def _column(name: str, values: list[str]) -> dict[str, Any]:
    given = [value for value in values if value]
    if given and TRUTH.issuperset(given):
        return {"name": name, "type": "boolean", "label": label_of(name)}
    longest = max((len(value) for value in given), default=0)
    return {"name": name, "type": "string", "label": label_of(name), "max_length": LONG if longest <= LONG else LONGEST}
