"""The forms in which records to load are sent: JSON, CSV, and the platform's own XML export."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from xml.etree.ElementTree import ParseError

from sandtable.faults.forms import BadForm
from sandtable.web.plane.operations import PlaneError

JSON, CSV, XML = "json", "csv", "xml"
SUCH_AS = {
    JSON: 'send records, such as {"incident": [{"short_description": "x"}]}',
    CSV: "the first line names the columns, each further one is a record",
    XML: "send an export of records, as Export > XML writes it",
}
EXPORTED = ("records", "result")
PAYLOAD_ROOT = "record_update"
ROOTS = ("unload", "xml", PAYLOAD_ROOT)
# An update set is an export of its own record and of updates, each with a record in it.
UPDATE, UPDATE_SETS = "sys_update_xml", frozenset({"sys_remote_update_set", "sys_update_set"})
DELETING = frozenset({"DELETE", "DELETE_MULTIPLE"})


@dataclass(frozen=True, slots=True)
class LoadedRow:
    """One record to load; `where` is how the sender would find it, `deletes` says that it is to go.

    `links` are the values that came as objects, with a link beside the value. `query` chooses many that are to go.
    """

    table: str
    values: Mapping[str, Any]
    where: str
    deletes: bool = False
    links: Mapping[str, Any] = field(default_factory=dict)
    query: str = ""


def rows_of(data: bytes, kind: str, table: str) -> list[LoadedRow]:
    """Return the rows in a body; `table` is that of all rows which do not name one. Raises PlaneError and BadForm."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise PlaneError(400, "body", f"is not UTF-8: {error.reason} at byte {error.start}", "send UTF-8") from None
    if not text.strip():
        raise PlaneError(400, "body", "is empty", SUCH_AS[kind])
    if kind == XML:
        return list(_from_xml(data))
    if kind == CSV:
        return list(_from_csv(text, table))
    return list(_from_json(text, table))


def _from_json(text: str, table: str) -> Iterator[LoadedRow]:
    try:
        document = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise PlaneError(400, "body", f"is not JSON: {error}", 'such as {"incident": [{"state": "1"}]}') from None
    if isinstance(document, list):
        document = {"records": document}
    if not isinstance(document, dict):
        raise PlaneError(400, "body", "is neither an object nor a list", 'such as {"incident": [{"state": "1"}]}')
    for name, listed in document.items():
        records = listed if isinstance(listed, list) else [listed]
        for index, record in enumerate(records):
            where = f"{name}[{index}]" if isinstance(listed, list) else name
            if not isinstance(record, dict):
                raise BadForm(where, "is no record", "a record is an object of columns and values")
            values = {column: _plain(value, f"{where}.{column}") for column, value in record.items()}
            owner = name
            if name in EXPORTED:
                owner = values.get("sys_class_name") or table
                if not owner:
                    raise BadForm(where, "names no table", "name it: table=incident, or give the column sys_class_name")
            links = {column: value for column, value in record.items() if isinstance(value, dict)}
            yield LoadedRow(str(owner), values, where, links=links)


def _plain(value: object, where: str) -> Any:
    """Return a value of an export as it is stored: a reference or display value may come as an object."""
    if isinstance(value, dict) and "value" in value:
        value = value["value"]
    if not isinstance(value, str | int | float | bool) and value is not None:
        raise BadForm(where, "is no value of a column", "a text, a number, true, false or null")
    return value


def _from_csv(text: str, table: str) -> Iterator[LoadedRow]:
    if not table:
        raise BadForm("table", "is missing", "a CSV file does not say which table it is of, so name it: table=incident")
    # strict: a quotation mark that is never closed would swallow the rest of the file as one value.
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        lines = [(reader.line_num, line) for line in reader if line]
    except csv.Error as error:
        raise PlaneError(
            400, "body", f"is not CSV: line {reader.line_num}: {error}", "quote with double quotes"
        ) from None
    if not lines:
        raise PlaneError(400, "body", "is empty", "the first line names the columns")
    header = [name.strip() for name in lines[0][1]]
    _check_header(header)
    for number, line in lines[1:]:
        if len(line) != len(header):
            problem = f"has {len(line)} values, and there are {len(header)} columns"
            raise BadForm(f"line {number}", problem, "give each line as many values as the first has names")
        yield LoadedRow(table, dict(zip(header, line, strict=True)), f"line {number}")


def _check_header(header: list[str]) -> None:
    """Raise BadForm for a first line that does not name the columns."""
    if len(header) == 1 and (found := next((mark for mark in ";\t|" if mark in header[0]), "")):
        raise BadForm("line 1", f"separates columns by {found!r}", "separate them by commas")
    known: set[str] = set()
    for number, name in enumerate(header, 1):
        if not name:
            raise BadForm("line 1", f"has no name for column {number}", "name each column, or leave it out")
        if not any(letter.isalpha() for letter in name):
            raise BadForm(
                "line 1", f"{name!r} is no column", "the first line names the columns, each further one a record"
            )
        if name in known:
            raise BadForm("line 1", f"names {name} twice", "name each column once")
        known.add(name)


def _from_xml(data: bytes, inside: str = "") -> Iterator[LoadedRow]:
    """Yield the records of an export; of an update set those in the payloads of its updates, `inside` names which."""
    from defusedxml import DefusedXmlException
    from defusedxml.ElementTree import fromstring

    where = f"{inside}.payload" if inside else "body"
    fix = "send an export of records, as Export > XML writes it"
    try:
        root = fromstring(data, forbid_dtd=True)
    except (ParseError, DefusedXmlException, ValueError) as error:
        problem = f"is not XML that can be read: {error or type(error).__name__}"
        raise PlaneError(422 if inside else 400, where, problem, fix) from None
    if root.tag not in ROOTS or (inside and root.tag != PAYLOAD_ROOT):
        raise BadForm(where, f"is no export of records: its root is <{root.tag}>", fix)
    for index, record in enumerate(root):
        place = f"{inside}.{record.tag}[{index}]" if inside else f"{record.tag}[{index}]"
        if record.tag == UPDATE and not inside:
            yield from _from_xml((record.findtext("payload") or "").encode(), place)
        elif record.tag not in UPDATE_SETS:
            deletes = record.get("action", "").upper() in DELETING
            query = record.get("query", "") if record.get("action", "").lower() == "delete_multiple" else ""
            values = {field.tag: field.text or "" for field in record}
            yield LoadedRow(record.tag, values, place, deletes, query=query)
