"""SOAP: the direct web service of every table, `TABLE.do?SOAP`, and its description, `TABLE.do?WSDL`.

Source: ServiceNow documentation, direct web services. Not simulated: scripted SOAP services, `aggregate`, and signed
messages. A refusal is a fault with HTTP status 500, as SOAP 1.1 has it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from html import escape
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from flask import Response, request

from sandtable.core.imports.import_sets import ImportSets
from sandtable.core.values.errors import AccessDenied, BadRequest, PlatformError, RecordNotFound, UnreadableBody
from sandtable.core.values.texts import comma_list, whole_number
from sandtable.web.processors.soap_wsdl import UNQUALIFIED, describe, namespace
from sandtable.web.steps.authentication import is_public
from sandtable.web.transaction import Transaction
from sandtable.web.wire.answers import with_link
from sandtable.web.wire.body import body_limit, read_bytes, xml_root
from sandtable.web.wire.parameters import Shape
from sandtable.web.wire.present import Presenter
from sandtable.web.wire.xml_form import DECLARATION, NOT_XML

if TYPE_CHECKING:
    from sandtable.core.platform.contracts import TableAccess
    from sandtable.core.platform.record import Record

API = "SOAP"
ENVELOPE = "http://schemas.xmlsoap.org/soap/envelope/"
CONTENT_TYPE = "text/xml;charset=UTF-8"
ROW_LIMIT, DEFAULT_ROW_LIMIT, LARGEST_ROW_LIMIT = "glide.processor.soap.row_limit", 250, 10_000
STAGING = "sys_import_set_row"
EXCEPTION = "com.glide.processors.soap.SOAPProcessingException: "
RIGHTS = MappingProxyType(
    {
        "Insert": "Insufficient rights for creating new records",
        "Update": "Insufficient rights for updating records",
        "Delete": "Insufficient rights for deleting records",
    }
)
OPTIONS = frozenset(
    {
        "__encoded_query",
        "__exclude_columns",
        "__first_row",
        "__last_row",
        "__limit",
        "__order_by",
        "__order_by_desc",
        "__use_view",
    }
)
Values = Mapping[str, str]
Rows = list[Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Call:
    """One call: the method, the records in it by column, and its `__` options."""

    method: str
    records: tuple[Values, ...]
    options: Values

    @property
    def values(self) -> Values:
        return self.records[0]


def answer(transaction: Transaction, table: str) -> Response:
    """Do what the envelope asks for; with `?WSDL` describe what may be asked."""
    instance = transaction.instance
    transaction.api, transaction.table = API, table
    if is_public(instance, table) and transaction.logged_in:
        # Support articles KB0597588 and KB0546978: on a public page the credentials do not count.
        transaction.session = instance.guest()
        transaction.session.explain(f"{table} is a page of sys_public, so SOAP is carried out as guest")
    try:
        instance.dictionary.table(table)
        instance.access.check_api(transaction.session, API, table)
        if "WSDL" in request.args:
            return _xml(describe(instance, table, request.base_url))
        call = _read(read_bytes(request, body_limit(instance)))
        method = METHODS.get(call.method)
        if method is None:
            raise BadRequest(f"Unsupported SOAP method {call.method}", f"one of {', '.join(METHODS)}")
        with instance.transaction():  # what a fault tells of is not written in part
            rows = method(transaction, transaction.session.table(table), call)
    except PlatformError as error:
        transaction.session.explain(str(error))
        return _xml(_fault(error), 500)
    transaction.rows = len(rows)
    if any(row.get("display_name") and not row.get("display_value") and row.get("sys_id") for row in rows):
        # KB0565024: the record is made, and a target without a display value breaks the answer.
        transaction.session.explain("the target record is there, but its empty display value breaks the answer")
        return _xml(_fault_of("java.lang.NullPointerException"), 500)
    return _xml(_response(transaction, table, call.method, rows))


# reading -------------------------------------------------------------------------------------------------------------


def _read(data: bytes) -> Call:
    """Return the call of an envelope; raises BadRequest. A document type declaration is refused."""
    try:
        root = xml_root(data)
    except UnreadableBody as error:
        raise BadRequest("Unable to parse SOAP document", error.detail) from None
    body = root.find(f"{{{ENVELOPE}}}Body")
    if body is None or len(body) != 1:
        raise BadRequest("Unable to parse SOAP document", f"One method is expected in the Body of {ENVELOPE}")
    method = body[0]
    inner = list(method)
    lists = inner if inner and all(_name(each.tag) == "record" for each in inner) else [method]
    records = [{_name(field.tag): field.text or "" for field in each} for each in lists]
    options = {name: value for record in records for name, value in record.items() if name in OPTIONS}
    known = tuple({name: value for name, value in each.items() if name not in OPTIONS} for each in records)
    return Call(_name(method.tag), known, options)


def _name(tag: str) -> str:
    return tag.rpartition("}")[2]


# methods -------------------------------------------------------------------------------------------------------------


def _get(transaction: Transaction, access: TableAccess, call: Call) -> Rows:
    sys_id = call.values.get("sys_id", "")
    record = access.find(sys_id)
    if record is None and transaction.instance.system().table(access.name).find(sys_id) is not None:
        raise BadRequest(f"insufficient rights to read {access.name} {sys_id}")
    return [] if record is None else [_shown(transaction, record, call)]


def _get_records(transaction: Transaction, access: TableAccess, call: Call) -> Rows:
    return [_shown(transaction, record, call) for record in _found(transaction, access, call)]


def _get_keys(transaction: Transaction, access: TableAccess, call: Call) -> Rows:
    keys = [record.sys_id for record in _found(transaction, access, call)]
    return [{"sys_id": ",".join(keys), "count": str(len(keys))}]


def _insert(transaction: Transaction, access: TableAccess, call: Call) -> Rows:
    if transaction.instance.dictionary.extends(access.name, STAGING):
        return [row for values in call.records for row in _loaded(transaction, access.name, values)]
    made = [access.insert(values, input_display=True) for values in call.records]
    return [{"sys_id": each.sys_id} | ({"number": each["number"]} if _numbered(each) else {}) for each in made]


def _loaded(transaction: Transaction, staging: str, values: Values) -> Rows:
    loaded = ImportSets(transaction.instance).load_row(transaction.session, staging, values)
    return [with_link(transaction, each) for each in loaded.results] or [
        {"sys_id": loaded.row_sys_id, "table": staging}
    ]


def _numbered(record: Record) -> bool:
    return bool(record.get("number"))


def _update(transaction: Transaction, access: TableAccess, call: Call) -> Rows:
    values = {name: value for name, value in call.values.items() if name != "sys_id"}
    return [{"sys_id": access.update(call.values.get("sys_id", ""), values, input_display=True).sys_id}]


def _delete_record(transaction: Transaction, access: TableAccess, call: Call) -> Rows:
    try:
        access.delete(call.values.get("sys_id", ""))
    except RecordNotFound:
        return [{"count": "0"}]
    return [{"count": "1"}]


def _delete_multiple(transaction: Transaction, access: TableAccess, call: Call) -> Rows:
    if not _conditions(transaction, access, call) and not call.options.get("__encoded_query"):
        raise BadRequest("Cannot delete without a query", "Name columns and values, or __encoded_query")
    found = _found(transaction, access, call)
    for record in found:
        access.delete(record.sys_id)
    return [{"count": str(len(found))}]


METHODS: Mapping[str, Callable[[Transaction, TableAccess, Call], Rows]] = MappingProxyType(
    {
        "get": _get,
        "getRecords": _get_records,
        "getKeys": _get_keys,
        "insert": _insert,
        "insertMultiple": _insert,
        "update": _update,
        "deleteRecord": _delete_record,
        "deleteMultiple": _delete_multiple,
    }
)
# Whose records stand in an element of their own.
LISTED = MappingProxyType({"getRecords": "getRecordsResult", "insertMultiple": "insertResponse"})


# parts ---------------------------------------------------------------------------------------------------------------


def _found(transaction: Transaction, access: TableAccess, call: Call) -> list[Record]:
    columns = transaction.instance.dictionary.columns(access.name)
    ordered = [
        f"{clause}{call.options[option]}"
        for option, clause in (("__order_by", "ORDERBY"), ("__order_by_desc", "ORDERBYDESC"))
        if call.options.get(option) in columns
    ]
    query = "^".join(filter(None, [call.options.get("__encoded_query", ""), *ordered]))
    # Rows are counted from 0 here, and the last one is not among them.
    first = max(whole_number(call.options.get("__first_row", ""), 0), 0)
    default = whole_number(transaction.instance.property(ROW_LIMIT), DEFAULT_ROW_LIMIT)
    limit = whole_number(call.options.get("__limit", ""), default)
    last = call.options.get("__last_row", "")
    if last:
        limit = max(whole_number(last, first + limit) - first, 0)
    filters = _conditions(transaction, access, call)
    limit = min(limit, LARGEST_ROW_LIMIT)
    return access.page(query, limit=limit, offset=first, count=False, filters=filters).records


def _conditions(transaction: Transaction, access: TableAccess, call: Call) -> Values:
    columns = transaction.instance.dictionary.columns(access.name)
    for name in call.values:
        if name not in columns:
            transaction.instance.ledger.note("field", f"{access.name}.{name}", "no such column; it is no condition")
    return {name: value for name, value in call.values.items() if name in columns}


def _shown(transaction: Transaction, record: Record, call: Call) -> Mapping[str, Any]:
    display = request.args.get("displayvalue", "").strip().lower()
    view = call.options.get("__use_view", "")
    shape = Shape(display if display in ("true", "all") else "false", True, None, view)
    shown = Presenter(transaction, transaction.table, shape).show(record)
    excluded = set(comma_list(call.options.get("__exclude_columns", "")))
    columns = transaction.instance.dictionary.columns(record.table)
    row: dict[str, Any] = {}
    for name, value in shown.items():
        if name in excluded:
            continue
        column = columns.get(name)
        if not isinstance(value, Mapping):
            row[name] = value
        else:
            row[name] = value["value"]
            if column is not None and (column.is_reference or column.is_choice or column.is_list):
                row[f"dv_{name}"] = value["display_value"]
        if column is not None and column.type == "boolean" and row[name] in ("true", "false"):
            row[name] = "1" if row[name] == "true" else "0"
    return row


def _response(transaction: Transaction, table: str, method: str, rows: Rows) -> str:
    space = escape(namespace(table))
    listed = LISTED.get(method, "")
    inner = "".join(f"<{listed}>{_members(row)}</{listed}>" if listed else _members(row) for row in rows)
    if transaction.instance.property_is_true(UNQUALIFIED, True):
        return _envelope(f'<sn:{method}Response xmlns:sn="{space}">{inner}</sn:{method}Response>')
    return _envelope(f'<{method}Response xmlns="{space}">{inner}</{method}Response>')


def _members(row: Mapping[str, Any]) -> str:
    return "".join(_member(name, str(value)) for name, value in row.items())


def _member(name: str, value: str) -> str:
    text = escape(NOT_XML.sub("\ufffd", value), quote=False)
    return f"<{name}>{text}</{name}>" if text else f"<{name}/>"


def _fault(error: PlatformError) -> str:
    """Return a fault; string and detail both begin with the exception's class, which clients match on (KB0546978)."""
    text = f"{EXCEPTION}{_words(error)}"
    return _fault_of(text)


def _fault_of(text: str) -> str:
    return _envelope(
        "<SOAP-ENV:Fault><faultcode>SOAP-ENV:Server</faultcode>"
        + _member("faultstring", text)
        + _member("detail", text)
        + "</SOAP-ENV:Fault>"
    )


def _words(error: PlatformError) -> str:
    """Return what SOAP says of a refusal, which is not what the Table API says. Source: KB0758043 and KB0597588."""
    if isinstance(error, AccessDenied):
        return RIGHTS.get(error.operation, f"Insufficient rights to {error.operation.lower()} records")
    return ": ".join(filter(None, [error.message, error.detail]))


def _envelope(inner: str) -> str:
    return (
        f'{DECLARATION}<SOAP-ENV:Envelope xmlns:SOAP-ENV="{ENVELOPE}"><SOAP-ENV:Header/>'
        f"<SOAP-ENV:Body>{inner}</SOAP-ENV:Body></SOAP-ENV:Envelope>"
    )


def _xml(text: str, status: int = 200) -> Response:
    return Response(text.encode("utf-8", "replace"), status=status, content_type=CONTENT_TYPE)
