"""The related lists of a form: records of other tables that belong to its record."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from flask import request

from sandtable.core.query import condition
from sandtable.web.console.lists.columns import chosen_columns
from sandtable.web.console.lists.rows import RowDrawer
from sandtable.web.console.navigator import plural_of

if TYPE_CHECKING:
    from sandtable.core.platform.contracts import Session
    from sandtable.core.platform.record import Record
    from sandtable.web.console.layouts import RelatedList

ROWS = 20


def related_lists(session: Session, record: Record, related: tuple[RelatedList, ...]) -> list[dict[str, Any]]:
    """Return each related list that the user may read, with its first rows and what can be done with it."""
    return [drawn for each in related if (drawn := _drawn(session, record, each)) is not None]


def _drawn(session: Session, record: Record, related: RelatedList) -> dict[str, Any] | None:
    instance, table = session.instance, related.table
    if not instance.access.can(session, "read", table):
        return None
    columns = chosen_columns(session, table, "", ",".join(related.columns))
    columns = [(path, column) for path, column in columns if path != related.column] or columns
    page = session.table(table).page(condition(related.column, "=", record.sys_id), limit=ROWS, offset=0)
    query = quote(f"{related.column}={record.sys_id}", safe="")
    here = quote(f"/{record.table}.do?sys_id={record.sys_id}", safe="")
    may_create = instance.access.can(session, "create", table)
    edit = ""
    if related.edit and may_create:
        edit = (
            f"/sys_m2m_template.do?sysparm_table={table}&sysparm_column={related.column}&sysparm_edit={related.edit}"
            f"&sysparm_parent={record.table}&sysparm_sys_id={quote(record.sys_id)}"
        )
    return {
        "table": table,
        "anchor": f"{table}.{related.column}",
        "title": related.title or plural_of(instance, table),
        "heads": [column.label or path for path, column in columns],
        "rows": RowDrawer(session, columns, request.script_root).rows(page.records),
        "total": page.total or 0,
        "new": f"/{table}.do?sys_id=-1&sysparm_query={query}&sysparm_goto_url={here}"
        if may_create and not edit
        else "",
        "edit": edit,
        "all": f"/{table}_list.do?sysparm_query={query}",
    }
