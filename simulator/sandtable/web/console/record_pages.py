"""Plain pages of lists and records, so that links into an instance lead somewhere."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape
from typing import TYPE_CHECKING
from urllib.parse import quote, unquote, urlsplit

from flask import Response, redirect, request

from sandtable.core.platform.display import display_value
from sandtable.core.values.errors import RecordNotFound
from sandtable.web.transaction import Transaction
from sandtable.web.wire import parameters
from sandtable.web.wire.present import view_fields

if TYPE_CHECKING:
    from sandtable.core.platform.record import Record
    from sandtable.core.schema.dictionary import Column

ROWS = 20
STYLE = (
    "body{font:15px/1.5 system-ui,sans-serif;margin:2rem;color:#1f2328}table{border-collapse:collapse}"
    "th,td{border-bottom:1px solid #d0d7de;padding:.3rem .8rem;text-align:left;vertical-align:top}"
    "th{font-weight:600}td{white-space:pre-wrap}"
)


def record_page(transaction: Transaction, table: str) -> Response:
    """Return the page of one record, or of a new one without `sys_id`. Raises UnknownTable, RecordNotFound."""
    instance, session = transaction.instance, transaction.session
    instance.dictionary.table(table)
    sys_id = (request.args.get("sys_id") or request.args.get("sysparm_sys_id") or "").strip()
    access = session.table(table)
    record = access.find(sys_id)
    query = request.args.get("sysparm_query")
    if record is None and query:
        record = access.first(query)
    if record is None:
        raise RecordNotFound
    columns = _columns(transaction, record.table)
    rows = "".join(
        f"<tr><th>{escape(column.label or column.name)}</th><td>{_value(transaction, record, column)}</td></tr>"
        for column in columns
    )
    label = instance.dictionary.table(record.table).label or record.table
    title = f"{label} {record[instance.dictionary.display_column(record.table)] or record.sys_id}"
    return page(title, f"<table>{rows}</table><p>{_link(f'/{table}_list.do', f'All of {table}')}</p>")


def list_page(transaction: Transaction, table: str) -> Response:
    """Return a page of a list. Raises UnknownTable, QueryDenied."""
    instance, session = transaction.instance, transaction.session
    instance.dictionary.table(table)
    first = max(parameters.whole_number(request.args.get("sysparm_first_row"), 1), 1)
    query = request.args.get("sysparm_query") or ""
    found = session.table(table).page(query, limit=ROWS, offset=first - 1)
    names = view_fields(session, table, request.args.get("sysparm_view") or "")
    columns = _columns(transaction, table)
    shown = [column for column in columns if column.name in names] or columns[:8]
    head = "".join(f"<th>{escape(column.label or column.name)}</th>" for column in shown)
    rows = "".join(_row(transaction, table, record, shown) for record in found.records)
    last = first - 1 + len(found.records)
    label = instance.dictionary.table(table).plural or instance.dictionary.table(table).label or table
    content = f"<p>{first if last else 0} to {last} of {found.total}</p><table><tr><th></th>{head}</tr>{rows}</table>"
    if found.total is not None and last < found.total:
        following = f"/{table}_list.do?sysparm_query={quote(query)}&sysparm_first_row={last + 1}"
        content += f"<p>{_link(following, 'Next')}</p>"
    return page(label, content)


def navigate(transaction: Transaction) -> Response:
    """Lead on to the page that `nav_to.do?uri=` names; an address of another site leads to the start page."""
    wanted = request.args.get("uri") or ""
    parts = urlsplit(wanted if "%" not in wanted else unquote(wanted))
    inside = not parts.scheme and not parts.netloc and "\\" not in wanted and not parts.path.startswith("//")
    path = parts.path.lstrip("/") if inside else ""
    target = f"{request.environ.get('SCRIPT_NAME', '')}/{quote(path, safe='/._-~')}"
    if path and parts.query:
        target += f"?{quote(parts.query, safe='=&%^.,:@/+-_~*!')}"
    return redirect(target, 302)  # type: ignore[return-value]


def page(title: str, content: str, status: int = 200) -> Response:
    """Return a page with a title; `content` is HTML."""
    text = (
        f'<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>{escape(title)}</title>'
        f"<style>{STYLE}</style></head><body><h1>{escape(title)}</h1>{content}</body></html>"
    )
    answer = Response(text.encode("utf-8", "replace"), status=status, content_type="text/html;charset=UTF-8")
    answer.headers["Content-Security-Policy"] = "default-src 'none'; style-src 'unsafe-inline'"
    return answer


def _columns(transaction: Transaction, table: str) -> list[Column]:
    readable = transaction.instance.access.readable_columns(transaction.session, table)
    columns: Iterable[Column] = transaction.instance.dictionary.columns(table).values()
    return [column for column in columns if readable is None or column.name in readable]


def _row(transaction: Transaction, table: str, record: Record, columns: list[Column]) -> str:
    cells = "".join(f"<td>{_value(transaction, record, column)}</td>" for column in columns)
    return f"<tr><td>{_link(f'/{table}.do?sys_id={quote(record.sys_id)}', 'Open')}</td>{cells}</tr>"


def _value(transaction: Transaction, record: Record, column: Column) -> str:
    shown = display_value(transaction.session, record, column)
    value = record[column.name]
    if value and column.is_reference and transaction.instance.dictionary.has(column.reference):
        return _link(f"/{column.reference}.do?sys_id={quote(value)}", shown or value)
    return escape(shown)


def _link(target: str, text: str) -> str:
    prefix = request.environ.get("SCRIPT_NAME", "")
    return f'<a href="{escape(prefix + target)}">{escape(text)}</a>'
