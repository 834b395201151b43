"""Pages that say what went wrong, and what to do about it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Response
from werkzeug.exceptions import HTTPException

from sandtable.core.values import errors
from sandtable.web.console.frame import show
from sandtable.web.console.sign_in import to_sign_in
from sandtable.web.console.visitor import Visitor, find_visitor

if TYPE_CHECKING:
    from sandtable.web.transaction import Transaction

# What a person is told, by the kind of refusal; the last that fits is the most general.
WORDS: tuple[tuple[type[Exception], str, str], ...] = (
    (
        errors.RecordNotFound,
        "Record not found",
        "It was deleted, never existed, or security constraints hide it from you.",
    ),
    (
        errors.UnknownTable,
        "Invalid table",
        "There is no such table here. Check the spelling, or look for it under All.",
    ),
    (errors.MethodNotSupported, "Not supported", "This page cannot do that."),
    (errors.QueryDenied, "Security constraints", "You may not read what this list or its filter asks for."),
    (errors.Unsimulated, "Not simulated", "The product does this; Sandtable does not."),
    (errors.AccessDenied, "Security constraints", "Security constraints prevent access to the requested page."),
    (errors.ApiAccessDenied, "Security constraints", "Security constraints prevent access to the requested page."),
)


def trouble_page(transaction: Transaction, error: errors.PlatformError | HTTPException, status: int) -> Response:
    """Return the page for a refusal, inside the frame for those who are signed in."""
    try:
        visitor = find_visitor(transaction, watching=True)
    except errors.PlatformError:
        visitor = None
    if isinstance(error, errors.NotAuthenticated):
        return to_sign_in(transaction)
    if isinstance(error, HTTPException):
        title, advice, said = "Page not found" if status == 404 else error.name, "", ""
        if status == 404:
            advice = "There is no page, table or record at this address. Look for it under All."
    else:
        title, advice = next(
            ((title, advice) for kind, title, advice in WORDS if isinstance(error, kind)), ("Refused", "")
        )
        said = ": ".join(part for part in (error.message, error.detail) if part)
    return _shown(transaction, visitor, title, [part for part in (advice, said) if part], status)


def plain(transaction: Transaction, title: str, paragraphs: list[str], status: int = 200) -> Response:
    """Return a page of a title and some paragraphs."""
    return _shown(transaction, find_visitor(transaction, watching=True), title, paragraphs, status)


def _shown(
    transaction: Transaction, visitor: Visitor | None, title: str, paragraphs: list[str], status: int
) -> Response:
    return show(transaction, visitor, "message.html", title=title, status=status, paragraphs=paragraphs)
