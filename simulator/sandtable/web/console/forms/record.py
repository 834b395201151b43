"""What `TABLE.do` answers: the form of a record, or what comes of saving it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Response, request

from sandtable.web.console.forms.page import asks_for_new, draw_form
from sandtable.web.console.forms.saving import save
from sandtable.web.console.frame import show
from sandtable.web.console.sign_in import required

if TYPE_CHECKING:
    from sandtable.web.transaction import Transaction

# What New in the Application Registry asks first: which kind of registration.
KINDS = (
    (
        "/oauth_entity.do?sys_id=-1&sysparm_query=type%3Dclient",
        "Create an OAuth API endpoint for external clients",
        "For clients that sign a user in with a password, a code or their own secret.",
    ),
    (
        "/oauth_jwt.do?sys_id=-1",
        "Create an OAuth JWT API endpoint for external clients",
        "For clients that sign a JSON Web Token with a private key, such as a connector.",
    ),
    (
        "/oauth_entity.do?sys_id=-1&sysparm_query=type%3Doauth_provider",
        "Connect to a third party OAuth Provider",
        "For this instance as the client of another service.",
    ),
)


def record_page(transaction: Transaction, table: str) -> Response:
    """Return the form of a record. Raises UnknownTable, RecordNotFound, AccessDenied."""
    visitor = required(transaction)
    if isinstance(visitor, Response):
        return visitor
    transaction.table = table
    transaction.instance.dictionary.table(table)
    if request.method == "POST":
        return save(transaction, visitor, table)
    if table == "oauth_entity" and asks_for_new() and "type" not in (request.args.get("sysparm_query") or ""):
        return show(transaction, visitor, "kinds.html", title="New application", kinds=KINDS)
    return draw_form(transaction, visitor, table)
