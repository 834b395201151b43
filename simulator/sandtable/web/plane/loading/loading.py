"""Records put into an instance by the handful or by the thousand: all of them or, if one is no good, none."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sandtable.core.applications.own_tables import BadDefinition, column_for
from sandtable.core.values.errors import PlatformError, UnknownTable
from sandtable.core.values.texts import nearest
from sandtable.faults.forms import BadForm, entry
from sandtable.packages.lost_values import lost_values
from sandtable.web.plane.loading.file_formats import CSV, JSON, XML, LoadedRow, rows_of
from sandtable.web.plane.loading.package_files import ARCHIVE_START, PACKAGE, is_export, is_package, put_package
from sandtable.web.plane.loading.unknown_columns import refuse_unknown, unknown_columns
from sandtable.web.plane.operations import Call, Operation, PlaneError
from sandtable.web.plane.records import refused

if TYPE_CHECKING:
    from sandtable.core.platform.contracts import Session
    from sandtable.core.platform.instance import Instance

TOPIC = "Records"
TYPES: Mapping[str, str] = {
    "application/json": JSON,
    "text/json": JSON,
    "text/csv": CSV,
    "application/csv": CSV,
    "application/xml": XML,
    "text/xml": XML,
    "application/zip": PACKAGE,
}


@dataclass(frozen=True, slots=True)
class LoadQuery:
    """How to read what is sent."""

    table: str = entry("", "the table of records that do not name one", example="incident")
    format: str = entry("", "what is sent, where Content-Type does not say", one_of=("", JSON, CSV, XML, PACKAGE))
    rules: bool | None = entry(None, "whether business rules run; yes for JSON and CSV, no for an XML export")
    values: str = entry(
        "", "stored values, or what a person sees; by default seen in CSV", one_of=("", "stored", "display")
    )
    partial: bool = entry(False, "take what can be taken of a package, and list what is left, rather than refuse it")
    unknown: str = entry(
        "",
        "what of unknown columns and lost values; by default ignored in an XML export; create makes the columns",
        one_of=("", "refuse", "ignore", "create"),
    )


def load(call: Call) -> dict[str, Any]:
    """Insert records, or update those whose sys_id exists."""
    asked = call.query(LoadQuery)
    data = call.data()
    return sow(call.instance, data, asked.format or TYPES.get(call.content_type) or _guessed(data), asked)


def sow(instance: Instance, data: bytes, kind: str, asked: LoadQuery) -> dict[str, Any]:
    """Put the records in some bytes of that kind into an instance, all or none, and return how many of what.

    Raises PlaneError and BadForm, which name the record.
    """
    if kind == PACKAGE and data[:2] != b"PK" and data.lstrip()[:1] != b"<":
        raise PlaneError(400, "body", "is no ZIP archive, or a damaged one", "send the archive as it was packed")
    if kind == PACKAGE or (kind == XML and is_package(data)):
        return put_package(instance, data, whole=not asked.partial, unknown=asked.unknown)
    if kind == XML and not asked.rules and asked.values != "display" and is_export(data):
        return {**put_package(instance, data, whole=not asked.partial, unknown=asked.unknown), "format": XML}
    rows = rows_of(data, kind, asked.table)
    sowing = Loading(
        instance,
        rules=asked.rules if asked.rules is not None else kind != XML,
        display=(asked.values or ("display" if kind == CSV else "stored")) == "display",
        refuses=(asked.unknown or ("ignore" if kind == XML else "refuse")) != "ignore",
        creates=asked.unknown == "create",
    )
    with instance.transaction():
        for row in rows:
            sowing.sow(row)
    return {"format": kind, **sowing.result()}


def _guessed(data: bytes) -> str:
    start = data.lstrip(b"\xef\xbb\xbf \t\r\n")[:1]
    if data[:4] == ARCHIVE_START:
        return PACKAGE
    return XML if start == b"<" else JSON if start in (b"{", b"[") else CSV


class Loading:
    """One loading: how to write, and what came of it so far."""

    def __init__(self, instance: Instance, *, rules: bool, display: bool, refuses: bool, creates: bool = False) -> None:
        self._instance = instance
        system = instance.system()
        self._session: Session = system if rules else system.without_business_rules()
        self._display = display
        self._refuses = refuses
        self._creates = creates
        self._counts: Counter[str] = Counter()
        self._tables: Counter[str] = Counter()
        self._ignored: dict[str, dict[str, None]] = {}

    def sow(self, row: LoadedRow) -> None:
        """Write one record. Raises PlaneError and BadForm, which say which one it is."""
        try:
            access = self._session.table(row.table)
        except UnknownTable:
            near = nearest(row.table, (each.name for each in self._instance.dictionary.tables()))
            fix = f"did you mean {near}?" if near else "sys_db_object lists the tables"
            raise BadForm(row.where, f"there is no table {row.table!r}", fix) from None
        if row.query:
            for found in access.query(row.query):
                access.delete(found.sys_id)
                self._count("deleted", row.table)
            return
        values = self._known(row)
        sys_id = str(values.get("sys_id") or "")
        existing = access.find(sys_id) if sys_id else None
        own_stamps = not any(name.startswith(("sys_created", "sys_updated", "sys_mod")) for name in values)
        try:
            if row.deletes:
                if existing is not None:
                    access.delete(sys_id)
                    self._count("deleted", row.table)
            elif existing is not None:
                access.update(sys_id, values, input_display=self._display, auto_sys_fields=own_stamps)
                self._count("updated", row.table)
            else:
                access.insert(values, input_display=self._display, auto_sys_fields=own_stamps)
                self._count("inserted", row.table)
        except PlatformError as error:
            raise refused(error, row.where) from None

    def _known(self, row: LoadedRow) -> dict[str, Any]:
        """Return the values of a row by column name; a CSV file may name its columns by their labels."""
        columns = self._instance.dictionary.columns(row.table)
        labels = {column.label.casefold(): name for name, column in columns.items()}
        named = {
            name if name in columns else labels.get(name.casefold(), name): value for name, value in row.values.items()
        }
        if self._creates:
            self._make_columns(row, columns)
            columns = self._instance.dictionary.columns(row.table)
        if self._refuses:
            refuse_unknown(self._instance, row.table, named, row.where)
        for name in unknown_columns(self._instance, row.table, named):
            self._ignored.setdefault(row.table, {})[name] = None
        known = {name: value for name, value in named.items() if name in columns}
        for lost in [] if row.deletes else lost_values(self._session, row.table, known, display=self._display):
            if self._refuses:
                fix = f"{lost.fix}; or leave such values out with unknown=ignore"
                raise BadForm(f"{row.where}.{lost.column}", lost.problem, fix)
            if not lost.kept:
                self._ignored.setdefault(row.table, {})[lost.column] = None
        return known

    def _make_columns(self, row: LoadedRow, columns: Mapping[str, Any]) -> None:
        """Make the columns that a row has and its table has not. Raises BadForm for a name that no column can have."""
        labels = {column.label.casefold() for column in columns.values()}
        for name in row.values:
            if name not in columns and name.casefold() not in labels:
                try:
                    column_for(self._instance, row.table, name, row.links.get(name))
                except BadDefinition as error:
                    raise BadForm(f"{row.where}.{name}", str(error), "leave it out with unknown=ignore") from None

    def _count(self, what: str, table: str) -> None:
        self._counts[what] += 1
        self._tables[table] += 1

    def result(self) -> dict[str, Any]:
        """Return what came of it."""
        counts = {what: self._counts[what] for what in ("inserted", "updated", "deleted")}
        ignored = {table: list(names) for table, names in self._ignored.items()}
        return {**counts, "tables": dict(self._tables), "ignored_columns": ignored}


OPERATIONS = (
    Operation(
        "POST",
        "/load",
        load,
        TOPIC,
        "Insert records, or update those whose sys_id exists: JSON, CSV, an XML export, an update set, an application.",
        query=LoadQuery,
        media_types=("application/json", "text/csv", "application/xml", "application/zip"),
    ),
)
