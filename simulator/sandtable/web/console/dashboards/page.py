"""The dashboard: what happens on the instance, as plots over its records and over the requests it received."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from flask import Response, request

from sandtable.core.platform.display import show_value
from sandtable.core.platform.lists.aggregate import Aggregation, aggregate
from sandtable.core.values.clock import TEXT_FORMAT
from sandtable.core.values.errors import QueryDenied
from sandtable.web.console.dashboards.plots import Bar, Series, bars, columns
from sandtable.web.console.frame import show
from sandtable.web.console.sign_in import required

if TYPE_CHECKING:
    from sandtable.core.platform.contracts import Instance, Session
    from sandtable.web.transaction import Transaction

DAYS = 30
MOST_BARS = 8
WATCHED = ("incident", "sn_si_incident", "sys_import_set_row", "oauth_credential")


def dashboard_page(transaction: Transaction) -> Response:
    """Show the plots that the user may see."""
    visitor = required(transaction)
    if isinstance(visitor, Response):
        return visitor
    session, instance = visitor.session, transaction.instance
    with instance.transaction():
        plots = [each for each in _plots(session) if each["svg"]]
    if transaction.settings.plane and session.is_admin:
        plots += _requests(transaction)
    version = version_of_dashboard(instance)
    if not request.path.startswith("/_console/"):
        visitor.visit("/$pa_dashboard.do", "Dashboard")
    return show(transaction, visitor, "dashboard.html", title="Dashboard", plots=plots, versions=version, days=DAYS)


def version_of_dashboard(instance: Instance) -> str:
    """Return a text that is another when something that is plotted was written."""
    return "-".join(str(instance.store.version(each)) for each in WATCHED if instance.dictionary.has(each))


def _plots(session: Session) -> Iterable[dict[str, Any]]:
    instance = session.instance
    if instance.access.can(session, "read", "incident"):
        yield _by_day(session)
        yield _grouped(session, "incident", "priority", "active=true", "Open incidents by priority")
        yield _grouped(session, "incident", "state", "", "Incidents by state")
        yield _grouped(session, "incident", "assignment_group", "active=true", "Open incidents by group")
    for table, path, title in (
        ("sys_import_set_row", "sys_import_state", "Import set rows by state"),
        ("oauth_credential", "grant_type", "Tokens by grant"),
        ("em_event", "severity", "Events by severity"),
    ):
        if instance.dictionary.has(table) and instance.access.can(session, "read", table):
            yield _grouped(session, table, path, "", title)


def _by_day(session: Session) -> dict[str, Any]:
    """Return incidents opened and closed on each of the last days of the instance's time."""
    now = datetime.strptime(session.instance.clock.text(), TEXT_FORMAT)  # noqa: DTZ007 - both ends are UTC
    days = [(now - timedelta(days=DAYS - 1 - index)).strftime("%Y-%m-%d") for index in range(DAYS)]
    series = []
    for name, path in (("Opened", "opened_at"), ("Closed", "closed_at")):
        counts = Counter[str]()
        query = f"{path}>={days[0]} 00:00:00^{path}<={days[-1]} 23:59:59"
        for group in _asked(session, "incident", path, query):
            counts[group[0][:10]] += group[1]
        series.append(Series(name, tuple(counts[day] for day in days)))
    drawn = columns([day[5:] for day in days], series) if any(any(each.amounts) for each in series) else ""
    return {
        "title": "Incidents opened and closed by day",
        "svg": drawn,
        "wide": True,
        "legend": [each.name for each in series],
        "address": "/incident_list.do?sysparm_query=ORDERBYDESCopened_at",
        "table": [(day, *(each.amounts[index] for each in series)) for index, day in enumerate(days)],
    }


def _asked(session: Session, table: str, path: str, query: str) -> list[tuple[str, int]]:
    try:
        groups = aggregate(session, table, query, Aggregation(count=True, group_by=(path,)))
    except QueryDenied:
        return []
    return [(group.values[0].value, int(group.stats["count"])) for group in groups if group.values]


def _grouped(session: Session, table: str, path: str, query: str, title: str) -> dict[str, Any]:
    column = session.instance.dictionary.column(table, path)
    found = _asked(session, table, path, query) if column is not None else []
    rows = []
    ranked = sorted(found, key=lambda each: -each[1])[:MOST_BARS]
    if column is not None and column.is_number:
        ranked.sort(key=lambda each: each[0])  # a scale, such as priority, reads in its own order
    for value, amount in ranked:
        shown = show_value(session, table, column, value) if column is not None and value else "(empty)"
        rows.append(Bar(shown or value, amount))
    address = f"/{table}_list.do?sysparm_query=" + quote(f"{query}^GROUPBY{path}".lstrip("^"), safe="")
    return {
        "title": title,
        "svg": bars(rows),
        "wide": False,
        "legend": [],
        "address": address,
        "table": [(each.label, each.amount) for each in rows],
    }


def _requests(transaction: Transaction) -> list[dict[str, Any]]:
    """Return plots over the journal: who calls, and how it ends."""
    entries = transaction.world.journal.entries()
    who = Counter(f"{each.user or 'nobody'} · {_client(each.headers.get('user-agent', ''))}" for each in entries)
    status = Counter(str(each.status or "no answer") for each in entries)
    plots = []
    for title, counted in (("Requests by client", who), ("Requests by status", status)):
        rows = [Bar(label, amount) for label, amount in counted.most_common(MOST_BARS)]
        if rows:
            plots.append(
                {
                    "title": title,
                    "svg": bars(rows),
                    "wide": False,
                    "legend": [],
                    "address": "/_console/workshop/requests",
                    "table": [(each.label, each.amount) for each in rows],
                }
            )
    return plots


def _client(agent: str) -> str:
    if agent.startswith("Mozilla/"):
        return "browser"
    return agent.partition(" ")[0].partition("/")[0][:24] or "unnamed"
