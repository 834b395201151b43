"""Exports of lists and records: `TABLE_list.do?CSV`, `?XML`, `?UNL` and `?JSON`.

Source: ServiceNow documentation, export directly from the URL. CSV holds what people see; XML holds stored values, with
the display values of references beside them.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Sequence
from html import escape
from types import MappingProxyType
from typing import TYPE_CHECKING

from flask import Response, request

from sandtable.core.platform.display import display_value
from sandtable.core.schema.columns import JOURNAL_TYPES
from sandtable.core.schema.private_values import is_private
from sandtable.core.values.texts import whole_number
from sandtable.web.transaction import Transaction
from sandtable.web.wire import parameters
from sandtable.web.wire.answers import header_text
from sandtable.web.wire.parameters import Shape
from sandtable.web.wire.present import STARS, Presenter, view_fields
from sandtable.web.wire.xml_form import NOT_XML

if TYPE_CHECKING:
    from sandtable.core.platform.record import Record
    from sandtable.core.schema.columns import Column

CSV, XML, UNLOAD, JSON_FORMAT = "CSV", "XML", "UNL", "JSON"
FORMATS = (CSV, XML, UNLOAD, JSON_FORMAT)
# Formats of the product that only a person would open; asking for one is answered with a refusal that says so.
NOT_SIMULATED = ("EXCEL", "XLSX", "PDF", "XSD", "RSS", "HIST")
UNLOAD_FORMAT = "useUnloadFormat"  # makes an XML export what instances import, as UNL does
LIMITS = MappingProxyType(
    {
        CSV: "glide.csv.export.limit",
        XML: "glide.xml.export.limit",
        UNLOAD: "glide.xml.export.limit",
        JSON_FORMAT: "glide.json.export.limit",
    }
)
DEFAULT_LIMIT = 10_000
CHARSET, DEFAULT_CHARSET = "glide.export.csv.charset", "windows-1252"
KNOWN = frozenset(
    {
        "sysparm_query",
        "sysparm_fields",
        "sysparm_view",
        "sysparm_record_count",
        "sysparm_first_row",
        "sysparm_default_export_fields",
        "sysparm_order",
        "sysparm_order_direction",
        "sys_id",
        "sysparm_sys_id",
        UNLOAD_FORMAT,
        *FORMATS,
    }
)


def export(transaction: Transaction, table: str, kind: str) -> Response:
    """Return the records that the request asks for in one of FORMATS. Raises UnknownTable, QueryDenied."""
    instance = transaction.instance
    transaction.table = table
    instance.dictionary.table(table)
    parameters.note_unknown(instance, request.args, KNOWN)
    records = _records(transaction, table, kind)
    transaction.rows = len(records)
    fields = _fields(transaction, table, kind)
    if kind == CSV:
        return _csv(transaction, table, fields, records)
    if kind == JSON_FORMAT:
        presenter = Presenter(transaction, table, Shape("false", True, fields or None, ""))
        content = json.dumps({"records": [presenter.show(record) for record in records]}, ensure_ascii=False)
        return _file(content.encode("utf-8", "replace"), "application/json;charset=UTF-8", f"{table}.json")
    unload = kind == UNLOAD or parameters.is_true(request.args.get(UNLOAD_FORMAT))
    text = "".join(_xml(transaction, records, fields, unload=unload))
    return _file(text.encode("utf-8", "replace"), "text/xml;charset=UTF-8", f"{table}.xml")


def _records(transaction: Transaction, table: str, kind: str) -> list[Record]:
    access = transaction.session.table(table)
    sys_id = request.args.get("sys_id") or request.args.get("sysparm_sys_id")
    if sys_id:
        found = access.find(sys_id)
        return [] if found is None else [found]
    largest = whole_number(transaction.instance.property(LIMITS[kind]), DEFAULT_LIMIT)
    limit = min(whole_number(request.args.get("sysparm_record_count"), largest), largest)
    offset = max(whole_number(request.args.get("sysparm_first_row"), 1) - 1, 0)
    query = request.args.get("sysparm_query") or ""
    order = (request.args.get("sysparm_order") or "").strip()
    if order:
        descending = (request.args.get("sysparm_order_direction") or "").lower() == "desc"
        query += f"^ORDERBY{'DESC' if descending else ''}{order}"
    return access.page(query, limit=limit, offset=offset, count=False, patient=True).records


def _fields(transaction: Transaction, table: str, kind: str) -> tuple[str, ...]:
    """Return the columns asked for: those named, else those of the view, which CSV always has; else all (empty)."""
    named = parameters.shape_of(request.args).fields
    if named:
        return named
    if (request.args.get("sysparm_default_export_fields") or "").lower() == "all":
        return ()
    view = (request.args.get("sysparm_view") or "").strip()
    if kind in (XML, UNLOAD) and view:
        # KB0610525; a record without its sys_id could not be imported.
        named = view_fields(transaction.session, table, view)
        return ("sys_id", *named) if named else ()
    return view_fields(transaction.session, table, view) if kind == CSV else ()


def _readable(transaction: Transaction, table: str, fields: Sequence[str]) -> list[tuple[str, Column]]:
    instance = transaction.instance
    readable = instance.access.readable_columns(transaction.session, table)
    columns = instance.dictionary.columns(table)
    names = [name for name in fields if name in columns] or list(columns)
    return [(name, columns[name]) for name in names if readable is None or name in readable]


# CSV -----------------------------------------------------------------------------------------------------------------


def _csv(transaction: Transaction, table: str, fields: tuple[str, ...], records: list[Record]) -> Response:
    instance = transaction.instance
    names = fields or tuple(name for name, _ in _readable(transaction, table, ()))
    presenter = Presenter(transaction, table, Shape("true", True, names, ""))
    rows = [presenter.show(record) for record in records]
    shown = [name for name in names if instance.dictionary.walk(table, name) is not None]
    # A column that may not be read is missing in every row.
    shown = [name for name in shown if not rows or any(name in row for row in rows)]
    text = io.StringIO()
    writer = csv.writer(text, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    writer.writerow(shown)
    writer.writerows([row.get(name, "") for name in shown] for row in rows)
    charset = instance.property(CHARSET, DEFAULT_CHARSET).strip() or DEFAULT_CHARSET
    try:
        data = text.getvalue().encode(charset, "replace")
    except LookupError:
        charset, data = DEFAULT_CHARSET, text.getvalue().encode(DEFAULT_CHARSET, "replace")
    return _file(data, f"text/csv;charset={charset}", f"{table}.csv")


# XML -----------------------------------------------------------------------------------------------------------------


def _xml(transaction: Transaction, records: list[Record], fields: Sequence[str], *, unload: bool) -> Iterator[str]:
    yield '<?xml version="1.0" encoding="UTF-8"?>'
    yield f"<unload unload_date={_attribute(transaction.instance.clock.text())}>" if unload else "<xml>"
    for record in records:
        action = ' action="INSERT_OR_UPDATE"' if unload else ""
        yield f"<{record.table}{action}>"
        for name, column in _readable(transaction, record.table, fields):
            yield _element(transaction, record, name, column)
        yield f"</{record.table}>"
    yield "</unload>" if unload else "</xml>"


def _element(transaction: Transaction, record: Record, name: str, column: Column) -> str:
    value = "" if column.type in JOURNAL_TYPES else record[name]
    if value and is_private(record, column):
        value = STARS
    shown = ""
    if value and column.is_reference:
        shown = f" display_value={_attribute(NOT_XML.sub(' ', display_value(transaction.session, record, column)))}"
    text = escape(NOT_XML.sub("\ufffd", value), quote=False)
    return f"<{name}{shown}>{text}</{name}>" if text else f"<{name}/>"


def _file(data: bytes, content_type: str, name: str) -> Response:
    answer = Response(data, content_type=content_type)
    answer.headers["Content-Disposition"] = header_text(f"attachment;filename={name}")
    return answer


def _attribute(text: str) -> str:
    """Return a text as an XML attribute's value, quotes included; line ends would else be read as blanks."""
    return '"' + escape(text).replace("\n", "&#10;").replace("\r", "&#13;").replace("\t", "&#9;") + '"'
