"""The start page: what this is and where to look; and the page that health checks read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Response, request

from sandtable.faults.pages import page
from sandtable.web.console.frame import show
from sandtable.web.console.sign_in import required
from sandtable.web.console.visitor import find_visitor

if TYPE_CHECKING:
    from sandtable.web.transaction import Transaction

TILES = (
    ("incident", "Incidents", "active=true^ORDERBYDESCopened_at", "open"),
    ("problem", "Problems", "active=true", "open"),
    ("change_request", "Changes", "active=true", "open"),
    ("sn_si_incident", "Security incidents", "active=true", "open"),
    ("em_event", "Events", "", "in all"),
    ("sys_import_set_row", "Import set rows", "", "in all"),
    ("kb_knowledge", "Knowledge", "workflow_state=published", "published"),
    ("sys_user", "Users", "active=true", "active"),
)
PLANE = (
    ("requests", "Requests", "What was received, why it went as it did, and what it changed."),
    ("faults", "Faults", "Let the instance fail on command."),
    ("state", "Clock and snapshots", "Stop the time, move it on, and go back."),
    ("unsimulated", "Not simulated", "What a client used that does not exist here."),
    ("doctor", "Doctor", "Walk the set-up guide of a connector as a check-list."),
)


def home_page(transaction: Transaction) -> Response:
    """Show where things are; to a stranger, what this is, and the way to sign in."""
    visitor = find_visitor(transaction)
    instance = transaction.instance
    tiles = []
    if visitor is not None:
        with instance.transaction():
            for table, label, query, what in TILES:
                if instance.dictionary.has(table) and instance.access.can(visitor.session, "read", table):
                    tiles.append((table, label, query, what, visitor.session.table(table).count(query)))
    return show(
        transaction,
        visitor,
        "home.html" if visitor is not None else "welcome.html",
        title=f"{instance.name} home" if visitor is not None else f"Sandtable: {instance.name}",
        tiles=tiles,
        time=instance.clock.text(),
        workshop=PLANE if transaction.settings.plane else (),
        guide=visitor is not None and visitor.session.is_admin,
        address=request.host_url.rstrip("/") + request.script_root,
    )


def load_page(transaction: Transaction) -> Response:
    """Show the form that loads a file into a staging table."""
    visitor = required(transaction)
    if isinstance(visitor, Response):
        return visitor
    dictionary = transaction.instance.dictionary
    staging = sorted(
        (each.name, each.label) for each in dictionary.tables() if dictionary.extends(each.name, "sys_import_set_row")
    )
    return show(transaction, visitor, "load.html", title="Load Data", staging=staging[:500])


def statistics(transaction: Transaction) -> Response:
    """Answer with the node's statistics as plain text in a page."""
    build = transaction.instance.property("glide.buildtag.last")
    text = (
        f"Instance name: {transaction.instance.name}; build tag: {build}; "
        f"logged in sessions: {transaction.world.sessions.count()}"
    )
    return Response(page("Servlet Statistics", text), content_type="text/html;charset=UTF-8")
