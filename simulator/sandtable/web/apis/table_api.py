"""Table API: records of any table, unversioned, v1 and v2."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING
from urllib.parse import quote

from flask import Blueprint, Response

from sandtable.core.values.errors import MethodNotSupported, RecordNotFound
from sandtable.web.steps.long_addresses import add_link
from sandtable.web.transaction import TABLE_API, Transaction, incoming
from sandtable.web.wire import parameters
from sandtable.web.wire.answers import (
    base_url,
    document,
    header_text,
    opened_table,
    wants_debug,
    whole,
    without_body_when_asked,
)
from sandtable.web.wire.body import read_object
from sandtable.web.wire.negotiation import CONTENT_TYPES, JSON, XML, answer_format
from sandtable.web.wire.pagination import link_header
from sandtable.web.wire.present import Presenter

if TYPE_CHECKING:
    from sandtable.core.platform.contracts import TableAccess
    from sandtable.core.platform.record import Record

blueprint = Blueprint("table_api", __name__)
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
COUNT_ANYWAY = "sandtable.table_api.count_despite_no_count"
PATHS = ("/api/now/table/<table>", "/api/now/v<int:version>/table/<table>")


def collection(table: str, version: int | None = None) -> Response:
    """Answer a request for a table: GET lists records, POST inserts one."""
    transaction, access = _opened(table, version)
    if incoming().method in ("GET", "HEAD"):
        return _list(transaction, access)
    if incoming().method == "POST":
        return _insert(transaction, access)
    raise MethodNotSupported


def member(table: str, sys_id: str, version: int | None = None) -> Response:
    """Answer a request for one record: GET reads, PUT and PATCH change, DELETE deletes."""
    transaction, access = _opened(table, version)
    if incoming().method in ("GET", "HEAD"):
        _note(transaction, parameters.DOCUMENTED)
        return _shown(transaction, access.get(sys_id))
    if incoming().method in ("PUT", "PATCH"):
        return _update(transaction, access, sys_id)
    if incoming().method == "DELETE":
        _note(transaction, parameters.DOCUMENTED)
        access.delete(sys_id)
        return Response(status=204)
    raise MethodNotSupported


for _path in PATHS:
    blueprint.add_url_rule(_path, view_func=collection, methods=METHODS, endpoint=f"collection{_path.count('<')}")
    blueprint.add_url_rule(f"{_path}/<sys_id>", view_func=member, methods=METHODS, endpoint=f"member{_path.count('<')}")


def _opened(table: str, version: int | None) -> tuple[Transaction, TableAccess]:
    transaction = opened_table(TABLE_API, table, version)
    return transaction, transaction.session.table(table)


def _list(transaction: Transaction, access: TableAccess) -> Response:
    dictionary, table = transaction.instance.dictionary, transaction.table

    def is_column(name: str) -> bool:
        return dictionary.walk(table, name) is not None

    asked = parameters.list_parameters(incoming().args, is_column)
    parameters.note_unknown(transaction.instance, incoming().args, parameters.DOCUMENTED, is_column)
    page = access.page(
        asked.query, limit=asked.limit, offset=asked.offset, count=asked.count, filters=asked.filters, patient=True
    )
    transaction.rows = len(page.records)
    if transaction.version == "/v1" and not page.records and not page.total:
        raise RecordNotFound
    presenter = Presenter(transaction, table, asked.shape)
    if answer_format(transaction.environ.get("HTTP_ACCEPT")) == XML or wants_debug(transaction):
        presenter.look_ahead(page.records)
        answer = document(transaction, {"result": [presenter.show(record) for record in page.records]})
    else:
        answer = whole(presenter.documents(page.records), 200, CONTENT_TYPES[JSON])
    if page.total is not None:
        answer.headers["X-Total-Count"] = str(page.total)
    elif not asked.count and transaction.instance.property_is_true(COUNT_ANYWAY, False):
        answer.headers["X-Total-Count"] = str(len(page.records))
    if asked.link:
        link = link_header(
            f"{base_url(transaction)}{incoming().path}",
            incoming().args.items(multi=True),
            limit=asked.limit,
            offset=asked.offset,
            total=page.total,
            shown=len(page.records),
        )
        add_link(transaction, answer, link)
    return answer


def _insert(transaction: Transaction, access: TableAccess) -> Response:
    _note(transaction, parameters.DOCUMENTED)
    values = read_object(incoming(), transaction.instance)
    record = access.insert(values, input_display=_input_display(), auto_sys_fields=_auto_sys_fields())
    answer = _shown(transaction, record, 201)
    path = f"/api/now{transaction.version}/table/{transaction.table}/{quote(record.sys_id, safe='')}"
    answer.headers["Location"] = header_text(base_url(transaction) + path)
    return without_body_when_asked(answer)


def _update(transaction: Transaction, access: TableAccess, sys_id: str) -> Response:
    _note(transaction, parameters.DOCUMENTED)
    values = read_object(incoming(), transaction.instance)
    record = access.update(sys_id, values, input_display=_input_display(), auto_sys_fields=_auto_sys_fields())
    return without_body_when_asked(_shown(transaction, record))


def _shown(transaction: Transaction, record: Record, status: int = 200) -> Response:
    transaction.rows = 1
    presenter = Presenter(transaction, transaction.table, parameters.shape_of(incoming().args))
    if answer_format(transaction.environ.get("HTTP_ACCEPT")) == XML or wants_debug(transaction):
        return document(transaction, {"result": presenter.show(record)}, status)
    return whole(presenter.document(record), status, CONTENT_TYPES[JSON])


def _input_display() -> bool:
    return parameters.is_true(incoming().args.get("sysparm_input_display_value"))


def _auto_sys_fields() -> bool:
    return not parameters.is_true(incoming().args.get("sysparm_suppress_auto_sys_field"))


def _note(transaction: Transaction, known: Collection[str]) -> None:
    parameters.note_unknown(transaction.instance, incoming().args, known)
