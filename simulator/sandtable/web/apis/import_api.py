"""Import Set API: one row and its outcome, many rows at once, and the outcome of a row read again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import Blueprint, Response

from sandtable.core.imports.import_sets import ImportSets
from sandtable.core.values.errors import BadRequest, MethodNotSupported
from sandtable.web.transaction import IMPORT_SET_API, Transaction, incoming
from sandtable.web.wire import parameters
from sandtable.web.wire.answers import (
    base_url,
    document,
    header_text,
    opened_table,
    with_link,
    without_body_when_asked,
)
from sandtable.web.wire.body import flat, read_object

if TYPE_CHECKING:
    from sandtable.core.imports.import_sets import ImportResult

blueprint = Blueprint("import_api", __name__)
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
PATHS = ("/api/now/import/<table>", "/api/now/v<int:version>/import/<table>")
MANY = {"multi_import_set_id", "run_after"}


def collection(table: str, version: int | None = None) -> Response:
    """Load one row into a staging table, transform it, and answer with what became of it."""
    transaction = opened_table(IMPORT_SET_API, table, version)
    if incoming().method != "POST":
        raise MethodNotSupported
    parameters.note_unknown(transaction.instance, incoming().args, parameters.DOCUMENTED)
    values = flat(read_object(incoming(), transaction.instance))
    result = ImportSets(transaction.instance).load_row(transaction.session, table, values)
    if result.failed:
        # Answered, not raised: the row and its target record stay, as on the product.
        transaction.rows = 0
        error = {"message": "java.lang.NullPointerException", "detail": "transform_map=null"}
        return document(transaction, {"error": error, "status": "failure"}, 500)
    answer = _outcome(transaction, result, 201)
    if result.row_sys_id:
        answer.headers["Location"] = header_text(
            f"{base_url(transaction)}/api/now{transaction.version}/import/{table}/{result.row_sys_id}"
        )
    return without_body_when_asked(answer)


def member(table: str, sys_id: str, version: int | None = None) -> Response:
    """Read the outcome of a staging row again, or load many rows when the last step says `insertMultiple`."""
    transaction = opened_table(IMPORT_SET_API, table, version)
    if sys_id == "insertMultiple":
        return _load_many(transaction, table)
    if incoming().method not in ("GET", "HEAD"):
        raise MethodNotSupported
    parameters.note_unknown(transaction.instance, incoming().args, parameters.DOCUMENTED)
    return _outcome(transaction, ImportSets(transaction.instance).read_row(transaction.session, table, sys_id), 200)


for _path in PATHS:
    blueprint.add_url_rule(_path, view_func=collection, methods=METHODS, endpoint=f"collection{_path.count('<')}")
    blueprint.add_url_rule(f"{_path}/<sys_id>", view_func=member, methods=METHODS, endpoint=f"member{_path.count('<')}")


def _load_many(transaction: Transaction, table: str) -> Response:
    if incoming().method != "POST":
        raise MethodNotSupported
    parameters.note_unknown(transaction.instance, incoming().args, {*MANY, *parameters.DOCUMENTED})
    records = read_object(incoming(), transaction.instance).get("records")
    if not isinstance(records, list) or not all(isinstance(record, dict) for record in records):
        raise BadRequest("Invalid request body", 'The body must be {"records":[{...},...]}')
    transaction.rows = len(records)
    import_set, group = ImportSets(transaction.instance).load_many(
        transaction.session,
        table,
        [flat(record) for record in records],
        multi_import_set_id=incoming().args.get("multi_import_set_id") or "",
        run_after=incoming().args.get("run_after") or "",
    )
    return document(transaction, {"import_set_id": import_set, "multi_import_set_id": group}, 201)


def _outcome(transaction: Transaction, result: ImportResult, status: int) -> Response:
    """Return what became of a row: the members stand beside `result`, nothing is wrapped around them."""
    transaction.rows = len(result.results)
    content: dict[str, Any] = {
        "import_set": result.import_set,
        "staging_table": result.staging_table,
        "result": [with_link(transaction, entry) for entry in result.results],
    }
    return document(transaction, content, status)
