"""JSONv2: the older web service of every table, `TABLE.do?JSONv2`, with its actions.

Source: ServiceNow documentation, JSONv2 web service. A failure of one record is told inside that record; the HTTP
status stays 200.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from flask import Response, request

from sandtable.core.applications import catalog
from sandtable.core.imports.import_sets import ImportSets
from sandtable.core.values.errors import BadRequest, NotAuthenticated, OperationFailed, PlatformError, RecordNotFound
from sandtable.core.values.texts import whole_number
from sandtable.web.steps.authentication import refuse_forged
from sandtable.web.transaction import Transaction
from sandtable.web.wire import parameters
from sandtable.web.wire.body import read_value
from sandtable.web.wire.negotiation import CONTENT_TYPES, JSON
from sandtable.web.wire.parameters import Shape
from sandtable.web.wire.present import Presenter

if TYPE_CHECKING:
    from sandtable.core.platform.contracts import TableAccess
    from sandtable.core.platform.record import Record

API = "JSONv2"
ROW_LIMIT, DEFAULT_ROW_LIMIT = "glide.processor.json.row_limit", 250
INPUT_DISPLAY = "sandtable.jsonv2.input_display_value"
RETURN_DISPLAY = "glide.json.return_displayValue"
STAGING = "sys_import_set_row"
OPTIONS = frozenset(
    {
        "JSONv2",
        "JSON",
        "sysparm_action",
        "sysparm_query",
        "sysparm_sys_id",
        "sysparm_view",
        "sysparm_record_count",
        "sysparm_first_row",
        "displayvalue",
        "displayvariables",
        "sysparm_ck",
    }
)


@dataclass(frozen=True, slots=True)
class Asked:
    """One call: its action, its `sysparm_*` (the body's before the address's), and the records in its body."""

    action: str
    options: Mapping[str, str]
    records: tuple[Mapping[str, Any], ...]

    def option(self, name: str) -> str:
        """Return a `sysparm_*` of the call; empty when it was not sent."""
        return self.options.get(name, "")


def answer(transaction: Transaction, table: str) -> Response:
    """Do what a call asks for, and answer with `{"records": [...]}` or with one error."""
    instance = transaction.instance
    transaction.api, transaction.table = API, table
    try:
        instance.dictionary.table(table)
        instance.access.check_api(transaction.session, API, table)
        asked = _read(transaction)
        action = ACTIONS.get(asked.action)
        if action is None:
            raise BadRequest(f"Invalid action {asked.action}", f"sysparm_action is one of {', '.join(ACTIONS)}")
        if asked.action not in READING:
            refuse_forged(transaction)
        parameters.note_unknown(instance, request.args, OPTIONS)
        records = action(transaction, transaction.session.table(table), asked)
    except NotAuthenticated:
        raise
    except PlatformError as error:
        transaction.session.explain(str(error))
        return _json({"error": error.message, "reason": error.detail})
    transaction.rows = len(records)
    return _json({"records": records})


def _json(content: Mapping[str, Any]) -> Response:
    text = json.dumps(content, ensure_ascii=False, separators=(",", ":"))
    return Response(text.encode("utf-8", "replace"), content_type=CONTENT_TYPES[JSON])


def _read(transaction: Transaction) -> Asked:
    body = read_value(request, transaction.instance) if request.method != "GET" else None
    options = {name: value for name, value in request.args.items() if name in OPTIONS}
    given: list[Any] = body if isinstance(body, list) else [] if body is None else [body]
    if len(given) == 1 and isinstance(given[0], dict):
        options |= {name: str(value) for name, value in given[0].items() if name in OPTIONS}
        if isinstance(given[0].get("records"), list):
            given = given[0]["records"]
    if not all(isinstance(each, dict) for each in given):
        raise BadRequest("Invalid JSON", 'The body must be an object, an array of objects, or {"records":[...]}')
    records = tuple({name: value for name, value in each.items() if name not in OPTIONS} for each in given)
    fallback = "get" if options.get("sysparm_sys_id") else "getRecords"
    return Asked(options.get("sysparm_action") or fallback, options, records)


# actions -------------------------------------------------------------------------------------------------------------


def _get(transaction: Transaction, access: TableAccess, asked: Asked) -> list[Any]:
    record = access.find(asked.option("sysparm_sys_id"))
    return [] if record is None else [_shown(transaction, record, asked)]


def _get_records(transaction: Transaction, access: TableAccess, asked: Asked) -> list[Any]:
    return [_shown(transaction, record, asked) for record in _found(transaction, access, asked)]


def _get_keys(transaction: Transaction, access: TableAccess, asked: Asked) -> list[Any]:
    return [record.sys_id for record in _found(transaction, access, asked)]


def _insert(transaction: Transaction, access: TableAccess, asked: Asked) -> list[Any]:
    return [
        _attempt(transaction, access, asked, partial(_added, transaction, access, values), values, "Insert")
        for values in asked.records or ({},)
    ]


def _added(transaction: Transaction, access: TableAccess, values: Mapping[str, Any]) -> Record:
    if transaction.instance.dictionary.extends(access.name, STAGING):
        loaded = ImportSets(transaction.instance).load_row(transaction.session, access.name, values)
        return transaction.instance.system().table(access.name).get(loaded.row_sys_id)
    return access.insert(values, input_display=_input_display(transaction))


def _update(transaction: Transaction, access: TableAccess, asked: Asked) -> list[Any]:
    if not asked.option("sysparm_query"):
        raise BadRequest("Cannot update with empty sysparm_query")
    values = asked.records[0] if asked.records else {}
    return [
        _attempt(
            transaction,
            access,
            asked,
            partial(access.update, found.sys_id, values, input_display=_input_display(transaction)),
            found,
            "Update",
        )
        for found in _found(transaction, access, asked)
    ]


def _delete_record(transaction: Transaction, access: TableAccess, asked: Asked) -> list[Any]:
    record = access.get(asked.option("sysparm_sys_id"))
    return [_deleted(transaction, access, asked, record)]


def _delete_multiple(transaction: Transaction, access: TableAccess, asked: Asked) -> list[Any]:
    if not asked.option("sysparm_query"):
        raise BadRequest("Cannot delete with empty sysparm_query")
    return [_deleted(transaction, access, asked, record) for record in _found(transaction, access, asked)]


def _deleted(transaction: Transaction, access: TableAccess, asked: Asked, record: Record) -> Any:
    def delete() -> Record:
        access.delete(record.sys_id)
        return record

    return _attempt(transaction, access, asked, delete, record, "Delete")


ACTIONS: Mapping[str, Callable[[Transaction, TableAccess, Asked], list[Any]]] = MappingProxyType(
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


READING = frozenset({"get", "getRecords", "getKeys"})


# parts ---------------------------------------------------------------------------------------------------------------


def _found(transaction: Transaction, access: TableAccess, asked: Asked) -> list[Record]:
    largest = whole_number(transaction.instance.property(ROW_LIMIT), DEFAULT_ROW_LIMIT)
    limit = min(whole_number(asked.option("sysparm_record_count"), largest), largest)
    # Rows are counted from 1 here.
    offset = max(whole_number(asked.option("sysparm_first_row"), 1) - 1, 0)
    return access.page(asked.option("sysparm_query"), limit=limit, offset=offset, count=False, patient=True).records


def _attempt(
    transaction: Transaction,
    access: TableAccess,
    asked: Asked,
    do: Callable[[], Record],
    given: Mapping[str, Any],
    verb: str,
) -> dict[str, Any]:
    """Return the record that a write made, or the values it was tried with and why it failed."""
    try:
        return _shown(transaction, do(), asked)
    except (OperationFailed, RecordNotFound) as error:
        failure = {"message": f"Invalid {verb} into: {access.name}", "reason": error.detail}
        shown = {name: "" if value is None else str(value) for name, value in given.items()}
        return {**shown, "__error": failure, "__status": "failure"}


def _shown(transaction: Transaction, record: Record, asked: Asked) -> dict[str, Any]:
    display = asked.option("displayvalue").strip().lower()
    if not display and transaction.instance.property_is_true(RETURN_DISPLAY, False):
        display = "true"
    table = transaction.table
    shape = Shape(display if display in ("true", "all") else "false", True, None, asked.option("sysparm_view"))
    shown = Presenter(transaction, table, shape).show(record)
    if display == "all":
        shown = _side_by_side(transaction, table, shown)
    if asked.option("displayvariables").strip().lower() == "true":
        shown["variables"] = _variables(transaction, record)
    return {**shown, "__status": "success"}


def _side_by_side(transaction: Transaction, table: str, shown: Mapping[str, Any]) -> dict[str, Any]:
    """Return stored values by column, and beside those that mean something else to people `dv_` and what they mean."""
    columns = transaction.instance.dictionary.columns(table)
    flat: dict[str, Any] = {}
    for name, both in shown.items():
        flat[name] = both["value"]
        column = columns.get(name)
        if column is not None and (column.is_reference or column.is_choice or column.is_list):
            flat[f"dv_{name}"] = both["display_value"]
    return flat


def _variables(transaction: Transaction, record: Record) -> list[dict[str, Any]]:
    """Return the answers that came with an ordered catalog item."""
    if record.table != catalog.REQUEST_ITEMS:
        return []
    system = transaction.instance.system()
    mine = {"request_item": record.sys_id}
    links = system.table(catalog.ANSWER_LINKS).page("", limit=None, offset=0, count=False, filters=mine).records
    listed = []
    for link in links:
        kept = system.table(catalog.ANSWERS).find(link["sc_item_option"])
        question = system.table(catalog.QUESTIONS).find(kept["item_option_new"]) if kept is not None else None
        if kept is not None and question is not None:
            listed.append(
                {
                    "question_text": question["question_text"],
                    "name": question["name"],
                    "type": int(question["type"] or 0),
                    "value": kept["value"],
                    "order": int(kept["order"] or 0),
                }
            )
    return listed


def _input_display(transaction: Transaction) -> bool:
    return transaction.instance.property_is_true(INPUT_DISPLAY, False)
