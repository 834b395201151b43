"""Puts the records of a package into an instance.

In order, matched to what is there, all of them or as many as can be.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sandtable.core.query import condition, conjunction
from sandtable.core.schema.dictionary_data import stable_id
from sandtable.core.values.errors import PlatformError
from sandtable.core.values.texts import nearest
from sandtable.packages.contents import Left, Package
from sandtable.packages.lost_values import lost_values
from sandtable.packages.order import ordered
from sandtable.packages.records import (
    ABOUT_THE_FILE,
    CHANGE,
    CHANGE_MATCHING,
    DELETE,
    DELETE_MATCHING,
    PackagedRecord,
    PackageError,
    keys_of,
)
from sandtable.packages.unknown import REFUSE, make, missing, missing_applications

if TYPE_CHECKING:
    from sandtable.core.platform.contracts import Instance, Session
    from sandtable.core.platform.record import Record

STAMPS = ("sys_created_on", "sys_created_by", "sys_updated_on", "sys_updated_by", "sys_mod_count")
TABLES, COLUMNS, TYPES = "sys_db_object", "sys_dictionary", "sys_glide_object"
SHOWN = 5  # of the files beside an application
SCOPES = ("sys_app", "sys_store_app", "sys_scope")


@dataclass(slots=True)
class Report:
    """What came of a package.

    How many records were inserted, updated, deleted and unchanged by table, and what was left.
    """

    kind: str
    name: str = ""
    version: str = ""
    inserted: Counter[str] = field(default_factory=Counter)
    updated: Counter[str] = field(default_factory=Counter)
    deleted: Counter[str] = field(default_factory=Counter)
    unchanged: Counter[str] = field(default_factory=Counter)
    left: list[Left] = field(default_factory=list)
    unknown_columns: dict[str, dict[str, int]] = field(default_factory=dict)
    lost_values: dict[str, dict[str, int]] = field(default_factory=dict)
    unknown_types: dict[str, list[str]] = field(default_factory=dict)
    beside: list[str] = field(default_factory=list)
    made: dict[str, list[str]] = field(default_factory=dict)

    def shown(self) -> dict[str, Any]:
        """Return the report as JSON."""
        counts = {
            name: dict(sorted(getattr(self, name).items())) for name in ("inserted", "updated", "deleted", "unchanged")
        }
        return {
            "kind": self.kind,
            "name": self.name,
            "version": self.version,
            **counts,
            "left": [{"where": each.where, "why": each.why} for each in self.left],
            "unknown_columns": {table: dict(names) for table, names in self.unknown_columns.items()},
            "lost_values": {table: dict(names) for table, names in self.lost_values.items()},
            "unknown_types": self.unknown_types,
            "beside": self.beside,
            "made": self.made,
        }

    def lines(self) -> list[str]:
        """Return the report for people."""
        named = " ".join(part for part in (self.kind, self.name, self.version) if part)
        sums = {name: sum(getattr(self, name).values()) for name in ("inserted", "updated", "deleted", "unchanged")}
        found = [
            f"{named}: " + ", ".join(f"{count} {name}" for name, count in sums.items() if count or name == "inserted")
        ]
        found += [
            f"  columns that {table} does not have: " + ", ".join(f"{name} ({count})" for name, count in names.items())
            for table, names in self.unknown_columns.items()
        ]
        found += [
            f"  values that {table} does not keep: " + ", ".join(f"{name} ({count})" for name, count in names.items())
            for table, names in self.lost_values.items()
        ]
        found += [
            f"  type {kind} is not known here, values are kept as text: " + ", ".join(names)
            for kind, names in self.unknown_types.items()
        ]
        found += [f"  made, as text: {table}: " + ", ".join(names) for table, names in self.made.items()]
        if self.beside:
            more = f" and {len(self.beside) - SHOWN} more" if len(self.beside) > SHOWN else ""
            found.append(f"  beside the application, not read: {', '.join(self.beside[:SHOWN])}{more}")
        return found + [f"  left: {each.where}: {each.why}" for each in self.left]


def install(instance: Instance, package: Package, *, whole: bool = False, unknown: str = "") -> Report:
    """Put a package into an instance in one transaction, and return what came of it.

    Business rules do not run, as when the platform imports XML; stamps are kept as the file has them. What cannot be
    put is left and told; with `whole` the first such thing raises PackageError and nothing is put. `unknown` says what
    of tables and columns that are not here: create, ignore, refuse, or empty (see `unknown.missing`).
    """
    report = Report(package.kind, package.name, package.version, left=[*package.left, *_twins(package.records)])
    report.beside = package.beside
    if whole and report.left:
        raise PackageError(report.left[0].where, report.left[0].why)
    applications = missing_applications(instance, package.records, unknown)
    records = ordered([*applications, *package.records])
    with instance.transaction():
        report.made = make(instance, missing(instance, records, unknown), records)
        if new := [each.values["scope"] for each in applications if each.values.get("name")]:
            report.made["sys_app"] = new
        _Installation(instance, report, whole=whole, refuses=unknown == REFUSE).put(records)
    return report


class _TakenBack(Exception):  # noqa: N818 - no error
    """Ends the transaction of something that was only tried."""


def tried(instance: Instance, package: Package) -> Report:
    """Return what would come of a package; nothing is put."""
    report = Report(package.kind)
    with suppress(_TakenBack), instance.transaction():
        report = install(instance, package)
        raise _TakenBack
    return report


def _twins(records: Iterable[PackagedRecord]) -> Iterator[Left]:
    """Yield what of an export says two things of one sys_id, without a time that would tell which is the later."""
    seen: dict[tuple[str, str], PackagedRecord] = {}
    for record in records:
        if not record.sys_id or record.recorded or record.captured or record.removes:
            continue
        earlier = seen.setdefault((record.table, record.sys_id), record)
        if earlier is not record and earlier.values != record.values:
            yield Left(
                record.where, f"has the sys_id {record.sys_id} of {earlier.where} and other values; the last counts"
            )


class _Installation:
    """One installation: the ids that records of the file have here, and the applications whose records they are."""

    def __init__(self, instance: Instance, report: Report, *, whole: bool, refuses: bool = False) -> None:
        self._instance = instance
        self._report = report
        self._whole, self._refuses = whole, refuses
        self._session: Session = instance.system().without_business_rules()
        self._system = instance.system()
        self._here: dict[str, str] = {}
        self._coming: set[tuple[str, str]] = set()

    def put(self, records: Sequence[PackagedRecord]) -> None:
        self._coming = {(each.table, each.sys_id) for each in records if each.sys_id and not each.removes}
        # A record may refer to one of a later rank, or extend a table of the same one; what fails is tried
        # once more at the end.
        for record in [each for each in records if self._problem(each) is not None]:
            problem = self._problem(record)
            if problem is not None:
                self._leave(record, problem)

    def _count_untaken(self, record: PackagedRecord) -> None:
        """Count the columns that a record has and its table has not, and values that do not stay, once it is put."""
        if record.removes or record.query:
            return
        columns = self._instance.dictionary.columns(record.table)
        for name in record.values:
            if name not in columns and name not in ABOUT_THE_FILE:
                _count(self._report.unknown_columns, record.table, name)
        known = {name: text for name, text in record.values.items() if name in columns}
        for lost in lost_values(self._system, record.table, known, display=False):
            if not lost.kept:
                _count(self._report.lost_values, record.table, lost.column)

    def _problem(self, record: PackagedRecord) -> str | None:
        """Put one record; return why it cannot be put, with nothing of it written."""
        if not self._instance.dictionary.has(record.table):
            if record.removes:
                return None  # what cannot be here is gone
            near = nearest(record.table, (each.name for each in self._instance.dictionary.tables()))
            return f"there is no table {record.table} here" + (f"; is it {near}?" if near else "")
        try:
            with self._instance.transaction():
                self._do(record)
                self._count_untaken(record)
        except PlatformError as error:
            return f"{error.message}{f': {error.detail}' if error.detail else ''}"
        except PackageError as error:
            return str(error)
        return None

    def _leave(self, record: PackagedRecord, why: str) -> None:
        if self._whole:
            raise PackageError(record.where, why)
        self._report.left.append(Left(record.where, why))

    def _do(self, record: PackagedRecord) -> None:
        if record.action in (DELETE_MATCHING, CHANGE_MATCHING):
            self._many(record)
            return
        found = self._found(record)
        if found is not None and record.sys_id and found.sys_id != record.sys_id:
            self._here[record.sys_id] = found.sys_id
        if record.action == DELETE:
            if found is not None:
                self._delete(found)
            return
        values = self._values(record)
        if found is not None:
            self._update(record, found, values)
        elif record.action == CHANGE:
            raise PackageError("", f"there is no {record.table} {record.sys_id} to update")
        else:
            self._insert(record, values)

    # matching --------------------------------------------------------------------------------------------------------

    def _found(self, record: PackagedRecord) -> Record | None:
        """Return the record here that a record of the file means: by sys_id, else by what identifies it."""
        access = self._system.table(record.table)
        if record.sys_id:
            by_id = access.find(self._here.get(record.sys_id, record.sys_id))
            if by_id is not None:
                return by_id
        for columns in keys_of(record):
            known = [name for name in columns if self._instance.dictionary.column(record.table, name) is not None]
            wanted = {name: self._reference(record, name, record.values.get(name, "")) for name in known}
            for each in access.query(condition(columns[0], "=", wanted[columns[0]])):
                if each.table == record.table and all(_same(name, each[name], text) for name, text in wanted.items()):
                    return each
        return None

    def _reference(self, record: PackagedRecord, column: str, text: str) -> str:
        """Return the sys_id that a reference of the file has here.

        Its own where that is here, else that of the named record.
        """
        found = self._instance.dictionary.column(record.table, column)
        if found is None or found.type != "reference" or not found.reference:
            return self._here.get(text, text)
        target = found.reference
        text = self._here.get(text, text)
        if not self._instance.dictionary.has(target) or (text and self._instance.lookup(target, text) is not None):
            return text
        hints = {
            name: value
            for name, value in record.hints.get(column, {}).items()
            if value and name != "display_value" and self._instance.dictionary.column(target, name) is not None
        }
        if not hints:
            return text
        wanted = conjunction(*(condition(name, "=", value) for name, value in hints.items()))
        named = self._system.table(target).first(wanted)
        return named.sys_id if named is not None else text

    def _values(self, record: PackagedRecord) -> dict[str, str]:
        columns = self._instance.dictionary.columns(record.table)
        values = {}
        for name, text in record.values.items():
            if name in columns:
                values[name] = self._reference(record, name, text) if text or name in record.hints else text
            elif name not in ABOUT_THE_FILE and self._refuses:
                raise PackageError("", f"{record.table} has no column {name}; make it with unknown=create")
        if record.table == TABLES:
            self._check_parent(record, values)
        if not values.get("sys_id"):
            values["sys_id"] = stable_id(record.table, *_identity(record)) if _identity(record) else ""
        if "sys_class_name" in values and not self._instance.dictionary.has(values["sys_class_name"]):
            values.pop("sys_class_name")
        return {name: text for name, text in values.items() if name != "sys_id" or text}

    def _check_parent(self, record: PackagedRecord, values: Mapping[str, str]) -> None:
        named = record.hints.get("super_class", {}).get("name", "")
        if named and not self._instance.dictionary.has(named):
            raise PackageError("", f"its parent {named} is not here")
        parent = values.get("super_class", "")
        if parent and self._system.table(TABLES).find(parent) is None:
            raise PackageError("", f"its parent {parent} is not here, and the file does not say its name")

    # writing ---------------------------------------------------------------------------------------------------------

    def _insert(self, record: PackagedRecord, values: dict[str, str]) -> None:
        if record.table == COLUMNS and not self._instance.dictionary.has(values.get("name", "")):
            raise PackageError("", f"its table {values.get('name')} is not here")
        kind = values.get("internal_type", "")
        if record.table == COLUMNS and kind and not self._is_type(kind):
            self._take_type(record, kind)
        keep = any(name in values for name in STAMPS)
        made = self._session.table(record.table).insert(values, auto_sys_fields=not keep)
        if record.sys_id and made.sys_id != record.sys_id:
            self._here[record.sys_id] = made.sys_id
        self._report.inserted[record.table] += 1

    def _is_type(self, name: str) -> bool:
        known = self._system.table(TYPES).first(filters={"name": name}) is not None
        return known or any(
            column.type == name for table in self._instance.dictionary.tables() for column in table.columns.values()
        )

    def _take_type(self, record: PackagedRecord, kind: str) -> None:
        """Tell of a type that plugins of the instance that wrote the file have; what nearly names one is a slip."""
        known = [each["name"] for each in self._system.table(TYPES).query()]
        near = "" if record.captured else nearest(kind, known, alike=0.8)
        if self._refuses or near:
            meant = f"; is it {near}?" if near else ""
            raise PackageError("", f"its type {kind} is none{meant}; sys_glide_object lists those that are")
        column = f"{record.values.get('name')}.{record.values.get('element')}"
        told = self._report.unknown_types.setdefault(kind, [])
        told += [column] if column not in told else []

    def _update(self, record: PackagedRecord, found: Record, values: dict[str, str]) -> None:
        values.pop("sys_id", None)
        if record.table == TABLES:
            values.pop("super_class", None)  # a table keeps its parent
        if record.table == COLUMNS and not values.get("column_label"):
            values.pop("column_label", None)  # where sys_documentation has the label, the entry leaves it empty
        changed = {name: text for name, text in values.items() if found[name] != text}
        if not changed.keys() - set(STAMPS):
            self._report.unchanged[record.table] += 1
            return
        keep = any(name in changed for name in STAMPS)
        self._session.table(found.table).update(found.sys_id, changed, auto_sys_fields=not keep)
        self._report.updated[record.table] += 1

    def _delete(self, found: Record) -> None:
        self._session.table(found.table).delete(found.sys_id)
        self._report.deleted[found.table] += 1

    def _many(self, record: PackagedRecord) -> None:
        if not record.query.strip():
            raise PackageError("", f"{record.action} without a query would mean every record")
        found = self._system.table(record.table).query(record.query)
        for each in found:
            if record.action == DELETE_MATCHING:
                if (each.table, each.sys_id) not in self._coming:
                    self._delete(each)
            else:
                self._update(record, each, self._values(record))


def _count(counted: dict[str, dict[str, int]], table: str, column: str) -> None:
    names = counted.setdefault(table, {})
    names[column] = names.get(column, 0) + 1


def _same(name: str, here: str, there: str) -> bool:
    """Whether two values of an identifying column are the same.

    An empty language is English, a domain may be left out.
    """
    if name == "language":
        return (here or "en") == (there or "en")
    if name in ("sys_domain", "dependent_value", "code"):
        return not there or here == there or {here, there} <= {"", "global"}
    return here == there


def _identity(record: PackagedRecord) -> tuple[str, ...]:
    for columns in keys_of(record):
        return tuple(record.values.get(name, "") for name in columns)
    return ()
