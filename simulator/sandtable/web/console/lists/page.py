"""The page of a list: `TABLE_list.do` with the product's parameters."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlencode

from flask import Response, request

from sandtable.core.platform.display import show_value
from sandtable.core.platform.lists.aggregate import Aggregation, aggregate
from sandtable.core.query import Query, condition, conjunction, parse
from sandtable.core.schema.columns import JOURNAL_TYPES
from sandtable.core.values.texts import whole_number
from sandtable.web.console.frame import part, show
from sandtable.web.console.lists import actions
from sandtable.web.console.lists.builder import builder_rows, label_of
from sandtable.web.console.lists.columns import available_columns, chosen_columns
from sandtable.web.console.lists.conditions import (
    WORDS,
    built,
    crumbs,
    grouped_by,
    safely,
    searched,
    sorted_by,
)
from sandtable.web.console.lists.rows import RowDrawer
from sandtable.web.console.navigator import plural_of
from sandtable.web.console.sign_in import redirect, required
from sandtable.web.console.visitor import prefer, preference
from sandtable.web.wire import parameters

if TYPE_CHECKING:
    from sandtable.core.platform.contracts import Session
    from sandtable.core.schema.columns import Column
    from sandtable.web.transaction import Transaction

ROWS, MOST_ROWS = 20, 500
SIZES = (10, 20, 50, 100)
PREFERRED_ROWS = "rowcount"
GROUPS_SHOWN = 200
LONGEST = 300
SEARCH = "search:"
PANELS = ("filter", "columns")  # drawn when somebody opens them
KNOWN = frozenset(
    {
        "sysparm_query", "sysparm_first_row", "sysparm_view", "sysparm_fields", "sysparm_userpref_rowcount",
        "sysparm_order", "sysparm_order_direction", "sysparm_group_sort", "sysparm_record_count", "sysparm_filter_only",
        "sysparm_clear_stack", "sysparm_nostack", "sysparm_userpref_module", "sysparm_fixed_query", "sysparm_tiny",
        "sysparm_stack", "sysparm_redirect", "sysparm_view_forced", "sysparm_offset", "sysparm_list_mode",
    }
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Asked:
    """What a list is to show."""

    table: str
    query: Query
    columns: list[tuple[str, Column]]
    first: int
    rows: int
    view: str
    fields: str

    @property
    def text(self) -> str:
        return safely(self.query)


@dataclass(frozen=True, slots=True)
class Head:
    """The heading of a column: how the list is sorted by it, if at all, and where its links lead."""

    path: str
    label: str
    sorted: str
    sort: str
    up: str
    down: str
    group: str
    searchable: bool


def list_page(transaction: Transaction, table: str) -> Response:
    """Return the page of a list; a POST does something with the chosen rows. Raises UnknownTable, QueryDenied."""
    visitor = required(transaction)
    if isinstance(visitor, Response):
        return visitor
    instance, session = transaction.instance, visitor.session
    transaction.table = table
    instance.dictionary.table(table)
    if request.method == "POST":
        return actions.carry_out(transaction, visitor, table)
    wanted = request.args.get("sandtable_part") or ""
    with instance.transaction():
        moved = _moved_on(session, table)
        if moved is not None:
            return redirect(f"{request.script_root}{moved}")
        parameters.note_unknown(instance, request.args, KNOWN, lambda name: True)
        asked = _asked(session, table)
        if wanted in PANELS:
            return part(transaction, visitor, f"list_{wanted}.html", **_panel(session, asked, wanted))
        content = _grouped(session, asked) if asked.query.grouping else _listed(session, asked)
        content |= _around(session, asked)
    transaction.rows = content.get("shown_rows")
    if wanted == "rows":
        return part(transaction, visitor, "list_rows.html", **content)
    if not request.path.startswith("/_console/"):
        visitor.visit(content["here_address"], content["label"])
    return show(transaction, visitor, "list.html", title=content["label"], **content)


def _asked(session: Session, table: str) -> Asked:
    args = request.args
    query = parse(args.get("sysparm_query") or "")
    if args.get("sysparm_fixed_query"):
        query = conjunction(parse(args["sysparm_fixed_query"]), query)
    order = (args.get("sysparm_order") or "").strip()
    if order and not query.order:
        descending = (args.get("sysparm_order_direction") or "").lower() == "desc"
        query = parse(sorted_by(query, order, descending=descending))
    # Plain parameters named like a column are conditions, as everywhere.
    for name in args:
        if not name.startswith(("sysparm_", SEARCH, "sandtable_", "c:")) and session.instance.dictionary.walk(
            table, name
        ):
            query = conjunction(query, condition(name, "=", args[name]))
    wanted = (
        args.get("sysparm_userpref_rowcount") or args.get("sysparm_record_count") or preference(session, PREFERRED_ROWS)
    )
    view, fields = (args.get("sysparm_view") or "").strip(), args.get("sysparm_fields") or ""
    rows = whole_number(wanted, ROWS) or ROWS
    return Asked(
        table,
        query,
        chosen_columns(session, table, view, fields),
        max(whole_number(args.get("sysparm_first_row"), 1), 1),
        min(rows, MOST_ROWS),
        view,
        fields,
    )


def _moved_on(session: Session, table: str) -> str | None:
    """Return where a filter, a search above a column, or a choice of columns leads to; None for a list as it stands."""
    args = request.args
    query = parse(args.get("sysparm_query") or "")
    if "c:field" in args:
        given = {name: args.getlist(f"c:{name}") for name in ("joint", "field", "operator", "value")}
        query = built(session, table, given, query)
    elif any(name.startswith(SEARCH) for name in args):
        typed = {name.removeprefix(SEARCH): text for name, text in args.items() if name.startswith(SEARCH)}
        query = searched(session, table, query, typed)
    elif "c:columns" not in args:
        return None
    fields = ",".join(args.getlist("c:columns")) if "c:columns" in args else args.get("sysparm_fields") or ""
    if "c:columns" in args and args.get("c:keep"):
        prefer(session, f"sandtable.console.columns.{table}", fields)
        fields = ""
    kept = {"sysparm_query": safely(query), "sysparm_fields": fields, "sysparm_view": args.get("sysparm_view") or ""}
    return address(table, **kept)


def address(table: str, **given: str) -> str:
    """Return the address of a list within the instance; empty parameters are left out."""
    query = urlencode({name: value for name, value in given.items() if value}, quote_via=quote)
    return f"/{quote(table)}_list.do" + (f"?{query}" if query else "")


# rows ----------------------------------------------------------------------------------------------------------------


def _listed(session: Session, asked: Asked) -> dict[str, Any]:
    page = session.table(asked.table).page(asked.query, limit=asked.rows, offset=asked.first - 1, patient=True)
    total = page.total or 0
    fetched = max(min(asked.rows, total - asked.first + 1), 0)
    return {
        "rows": RowDrawer(session, asked.columns, request.script_root).rows(page.records),
        "total": total,
        "removed": max(fetched - len(page.records), 0),
        "shown_rows": len(page.records),
        "last": asked.first - 1 + fetched,
        "groups": None,
    }


# groups --------------------------------------------------------------------------------------------------------------


def _grouped(session: Session, asked: Asked) -> dict[str, Any]:
    path = asked.query.grouping[0]
    ungrouped = replace(asked.query, grouping=())
    found = aggregate(
        session, asked.table, safely(replace(ungrouped, order=())), Aggregation(count=True, group_by=(path,))
    )
    groups = []
    for group in found[:GROUPS_SHOWN]:
        if not group.values:
            continue
        each = group.values[0]
        narrowed = condition(path, "=", each.value) if each.value else condition(path, "ISEMPTY")
        shown = show_value(session, each.table, each.column, each.value) if each.value else "(empty)"
        query = safely(conjunction(ungrouped, narrowed))
        groups.append(
            {
                "text": shown,
                "count": int(group.stats["count"]),
                "address": address(asked.table, sysparm_query=query, sysparm_fields=asked.fields),
            }
        )
    total = sum(int(group.stats["count"]) for group in found if group.values)
    return {"rows": [], "groups": groups, "total": total, "removed": 0, "shown_rows": len(groups), "last": len(groups)}


# around the rows -----------------------------------------------------------------------------------------------------


def _around(session: Session, asked: Asked) -> dict[str, Any]:
    instance, table = session.instance, asked.table
    entry = instance.dictionary.table(table)
    order = asked.query.order[0] if asked.query.order else None

    def link(query: str = asked.text, first: int = 1) -> str:
        return address(
            table,
            sysparm_query=query,
            sysparm_first_row=str(first) if first > 1 else "",
            sysparm_fields=asked.fields,
            sysparm_view=asked.view,
        )

    def panel(name: str, *, part: bool = False) -> str:
        given = {"sandtable_part": name} if part else {"sandtable_panel": name}
        return f"{link(first=asked.first)}{'&' if '?' in link(first=asked.first) else '?'}{urlencode(given)}"

    opened = request.args.get("sandtable_panel") or ("filter" if request.args.get("sysparm_filter_only") else "")
    drawn = _panel(session, asked, opened) if opened in PANELS else {}
    ordered = _ending(link, safely(replace(asked.query, order=())))
    grouped = _ending(link, safely(replace(asked.query, grouping=())))
    heads = []
    for path, column in asked.columns:
        label = label_of(session, table, path, column)
        ordering = "" if order is None or order.path != path else "descending" if order.descending else "ascending"
        up, down = ordered("ORDERBY", path), ordered("ORDERBYDESC", path)
        searchable = column.type not in JOURNAL_TYPES
        sort = down if ordering == "ascending" else up
        heads.append(Head(path, label, ordering, sort, up, down, grouped("GROUPBY", path), searchable))
    bare = replace(asked.query, order=(), grouping=())
    return {
        **drawn,
        "opened": opened if opened in PANELS else "",
        "panel": panel,
        "table": table,
        "label": plural_of(instance, table),
        "singular": entry.label or table,
        "heads": heads,
        "crumbs": [(each, link(each.query), link(each.without)) for each in crumbs(session, table, asked.query)],
        "all_link": link(safely(replace(asked.query, alternatives=()))),
        "query": asked.text,
        "condition_text": safely(bare),
        "columns": asked.columns,
        "first": asked.first,
        "size": asked.rows,
        "sizes": sorted({*SIZES, asked.rows}),
        "link": link,
        "previous": link(first=max(asked.first - asked.rows, 1)) if asked.first > 1 else "",
        "grouping": asked.query.grouping[0] if asked.query.grouping else "",
        "grouping_label": _label_of_path(session, table, asked.query.grouping[0]) if asked.query.grouping else "",
        "ungroup": link(grouped_by(asked.query, "")),
        "can_create": instance.access.can(session, "create", table),
        "can_delete": instance.access.can(session, "delete", table),
        "assignable": "assigned_to" in instance.dictionary.columns(table),
        "exports": [
            (kind, f"/{table}_list.do?{kind}&" + urlencode(_exported(asked, kind), quote_via=quote))
            for kind in ("CSV", "JSON", "XML")
        ],
        "here_address": link(first=asked.first),
        "versions": version_of(session, table),
        "fields": asked.fields,
        "view": asked.view,
    }  # fmt: skip


def _label_of_path(session: Session, table: str, path: str) -> str:
    steps = session.instance.dictionary.walk(table, path)
    return label_of(session, table, path, steps[-1]) if steps else path


def _ending(link: Callable[[str], str], query: str) -> Callable[[str, str], str]:
    """Return what gives the address of a query with an order or a grouping at its end; one is written for all."""
    mark = "\ue000"  # no query has it
    before, _, after = link(f"{query}^{mark}" if query else mark).partition(quote(mark))
    return lambda word, path: f"{before}{word}{path}{after}"


def _panel(session: Session, asked: Asked, name: str) -> dict[str, Any]:
    """Return what the panel of the filter or of the columns needs, which few who read a list open."""
    table = asked.table
    readable = available_columns(session, table)
    content = {"table": table, "query": asked.text, "fields": asked.fields}
    if name == "columns":
        shown = [path for path, _ in asked.columns]
        hidden = [each for each in readable if each.name not in shown and each.type not in JOURNAL_TYPES]
        labels = [(path, label_of(session, table, path, column)) for path, column in asked.columns]
        return {**content, "hidden_columns": hidden, "column_labels": labels}
    everything = safely(replace(asked.query, alternatives=()))
    return {
        **content,
        "ordering": everything,
        "all_link": address(table, sysparm_query=everything, sysparm_fields=asked.fields, sysparm_view=asked.view),
        "builder": builder_rows(session, table, asked.query),
        "condition_fields": readable,
        "words": WORDS,
    }


def version_of(session: Session, table: str) -> str:
    """Return a text that is another when a record of the table, or of what its form shows, was written."""
    version = session.instance.store.version
    return "-".join(str(version(each)) for each in (table, "sys_journal_field", "sys_attachment"))


def _exported(asked: Asked, kind: str) -> dict[str, str]:
    """Return the parameters of an export of the whole list."""
    given = {"sysparm_query": safely(replace(asked.query, grouping=()))}
    if kind == "CSV":
        given["sysparm_fields"] = ",".join(path for path, _ in asked.columns)
    return given
