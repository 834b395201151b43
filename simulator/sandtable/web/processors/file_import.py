"""`sys_import.do`: a CSV, JSON or XML file becomes rows of a staging table, and is transformed when asked.

Source: ServiceNow documentation, post files directly to an import set, which needs the role import_set_loader.
"""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING, Any

from flask import Blueprint, Response, request

from sandtable.core.imports.import_sets import ImportSets
from sandtable.core.values.errors import ApiAccessDenied, BadRequest, MethodNotSupported, UnreadableBody
from sandtable.web import console
from sandtable.web.steps.authentication import identify_or_challenge
from sandtable.web.transaction import IMPORT_SET_API, current
from sandtable.web.wire import parameters
from sandtable.web.wire.body import decode, flat, parse_json

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

    from sandtable.web.transaction import Transaction

blueprint = Blueprint("file_import", __name__)
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
KNOWN = frozenset({"sysparm_import_set_tablename", "sysparm_transform_after_load", "uploadfile"})
ROLES = ("import_set_loader", "import_admin")
LARGEST = 10_000


@blueprint.route("/sys_import.do", methods=METHODS)
def upload() -> Response:
    """Load the uploaded file. Raises UnknownTable, BadRequest, ApiAccessDenied; a broken file loads nothing."""
    transaction = current()
    if request.method in ("GET", "HEAD") and console.wants_page():
        return console.load_page(transaction)
    redirected = identify_or_challenge(transaction)
    if redirected is not None:
        return redirected
    if request.method != "POST":
        raise MethodNotSupported
    instance, session = transaction.instance, transaction.session
    table = request.values.get("sysparm_import_set_tablename") or ""
    transaction.api, transaction.table = IMPORT_SET_API, table
    parameters.note_unknown(instance, request.args, KNOWN)
    if not session.has_role(*ROLES):
        raise ApiAccessDenied
    if not table:
        raise BadRequest("Invalid import", "sysparm_import_set_tablename must name the staging table")
    instance.dictionary.table(table)
    part = next(iter(request.files.values()), None)
    if part is None:
        raise BadRequest("Invalid import", "the request is no multipart/form-data with a file")
    rows = read_rows(part.filename or "", part.stream.read())
    with instance.transaction():
        told = _loaded(transaction, table, rows)
    transaction.rows = len(rows)
    return console.plain_page("Import", [f"{len(rows)} rows loaded into {table}: {told}"])


def _loaded(transaction: Transaction, table: str, rows: list[dict[str, Any]]) -> str:
    """Load rows, and return what is told of them."""
    instance, session = transaction.instance, transaction.session
    if parameters.is_true(request.values.get("sysparm_transform_after_load")):
        results = [
            entry["status"] for row in rows for entry in ImportSets(instance).load_row(session, table, row).results
        ]
        return ", ".join(f"{results.count(status)} {status}" for status in dict.fromkeys(results)) or "no transform map"
    ImportSets(instance).load_many(session, table, rows)
    return "not transformed yet"


def read_rows(name: str, data: bytes) -> list[dict[str, Any]]:
    """Return the rows of a file by its ending: csv, json or xml. Raises UnreadableBody, BadRequest."""
    ending = name.rpartition(".")[2].lower()
    readers = {"csv": _csv_rows, "json": _json_rows, "xml": _xml_rows}
    if ending not in readers:
        raise BadRequest("Invalid import", f"a file must end in {', '.join(readers)}, not {ending or 'nothing'}")
    rows = readers[ending](data)
    if len(rows) > LARGEST:
        raise BadRequest("Invalid import", f"{len(rows)} rows are more than the {LARGEST} that one file may have")
    return [flat(row) for row in rows]


def _csv_rows(data: bytes) -> list[dict[str, Any]]:
    try:
        text = decode(data)
    except UnreadableBody:
        text = decode(data, "windows-1252")
    try:
        reader = csv.DictReader(io.StringIO(text, newline=""), strict=True)
        rows = [{key: value for key, value in row.items() if key and isinstance(value, str)} for row in reader]
    except csv.Error as error:
        raise UnreadableBody(f"Cannot read the CSV file: {error}") from None
    return [{key.strip(): value for key, value in row.items()} for row in rows]


def _json_rows(data: bytes) -> list[dict[str, Any]]:
    value = parse_json(decode(data))
    if isinstance(value, dict):
        value = value.get("records", value.get("result", [value]))
    if not isinstance(value, list) or not all(isinstance(each, dict) for each in value):
        raise UnreadableBody("Expected an array of objects, or an object with one called records or result")
    return value


def _xml_rows(data: bytes) -> list[dict[str, Any]]:
    from xml.etree.ElementTree import ParseError

    from defusedxml import DefusedXmlException
    from defusedxml.ElementTree import fromstring

    try:
        root: Element = fromstring(data, forbid_dtd=True)
    except (ParseError, ValueError, LookupError, DefusedXmlException) as error:
        raise UnreadableBody(f"Cannot decode: {error}") from None
    return [{child.tag: child.text or "" for child in row} for row in root]
