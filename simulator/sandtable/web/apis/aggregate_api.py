"""Aggregate API: counts, sums, averages and extremes of a table's records, as a whole or by groups."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import Blueprint, Response, request

from sandtable.core.platform.display import show_value
from sandtable.core.values.errors import BadRequest, MethodNotSupported
from sandtable.core.values.texts import comma_list
from sandtable.web.wire import parameters
from sandtable.web.wire.answers import document, opened_table

if TYPE_CHECKING:
    from sandtable.core.platform.lists.aggregate import Aggregation, Group, GroupValue
    from sandtable.web.transaction import Transaction

blueprint = Blueprint("aggregate_api", __name__)
AGGREGATE_API = "Aggregate API"
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
PATHS = ("/api/now/stats/<table>", "/api/now/v<int:version>/stats/<table>")
KNOWN = frozenset(
    {
        "sysparm_query",
        "sysparm_count",
        "sysparm_group_by",
        "sysparm_order_by",
        "sysparm_having",
        "sysparm_display_value",
        "sysparm_query_no_domain",
    }
)
REFUSE_NOTHING = "sandtable.aggregate.refuse_no_aggregate"


def stats(table: str, version: int | None = None) -> Response:
    """Answer with an object for the whole of what matches, or with an array of groups."""
    from sandtable.core.platform.lists.aggregate import (  # few clients ask, and a server starts sooner
        FUNCTIONS,
        aggregate,
    )

    transaction = opened_table(AGGREGATE_API, table, version)
    instance, session = transaction.instance, transaction.session
    if request.method not in ("GET", "HEAD"):
        raise MethodNotSupported

    def is_column(name: str) -> bool:
        return instance.dictionary.walk(table, name) is not None

    known = KNOWN | {_fields_of(function) for function in FUNCTIONS}
    parameters.note_unknown(instance, request.args, known, is_column)
    asked = _asked()
    if not (asked.count or any(asked.columns.values())):
        if instance.property_is_true(REFUSE_NOTHING, False):
            raise BadRequest("No request parameter for aggregate operation specified")
        if not asked.group_by:
            return document(transaction, {"result": {"stats": {}}})
    filters = {name: request.args[name] for name in request.args if not name.startswith("sysparm_") and is_column(name)}
    groups = aggregate(session, table, request.args.get("sysparm_query") or "", asked, filters=filters, patient=True)
    if not asked.group_by:
        # A condition on the whole may leave nothing of it.
        return document(transaction, {"result": {"stats": groups[0].stats if groups else {}}})
    transaction.rows = len(groups)
    display = parameters.shape_of(request.args).display
    return document(transaction, {"result": [_group(transaction, group, display) for group in groups]})


for _path in PATHS:
    blueprint.add_url_rule(_path, view_func=stats, methods=METHODS, endpoint=f"stats{_path.count('<')}")


def _asked() -> Aggregation:
    from sandtable.core.platform.lists.aggregate import FUNCTIONS, Aggregation, read_having, read_order

    return Aggregation(
        count=parameters.is_true(request.args.get("sysparm_count")),
        columns={function: _names(_fields_of(function)) for function in FUNCTIONS},
        group_by=_names("sysparm_group_by"),
        order_by=read_order(request.args.get("sysparm_order_by") or ""),
        having=read_having(request.args.get("sysparm_having") or ""),
    )


def _fields_of(function: str) -> str:
    return f"sysparm_{function}_fields"


def _names(parameter: str) -> tuple[str, ...]:
    return tuple(comma_list(request.args.get(parameter)))


def _group(transaction: Transaction, group: Group, display: str) -> dict[str, Any]:
    return {
        "stats": group.stats,
        "groupby_fields": [_group_value(transaction, value, display) for value in group.values],
    }


def _group_value(transaction: Transaction, group: GroupValue, display: str) -> dict[str, str]:
    if display == "false":
        return {"field": group.path, "value": group.value}
    shown = show_value(transaction.session, group.table, group.column, group.value)
    if display == "true":
        return {"field": group.path, "value": shown}
    return {"field": group.path, "value": group.value, "display_value": shown}
