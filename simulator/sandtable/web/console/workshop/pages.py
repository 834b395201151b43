"""The pages of the workshop, and who may see them: where the test plane is on, by those who know its token."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from flask import Response, request
from werkzeug.exceptions import NotFound

from sandtable.core.values.errors import MethodNotSupported
from sandtable.faults.forms import BadForm
from sandtable.web.console.frame import show
from sandtable.web.console.lists.actions import refuse_forgery
from sandtable.web.console.sign_in import redirect, required
from sandtable.web.console.visitor import Visitor, wait_for_form
from sandtable.web.console.workshop import checklist, faults, requests, state
from sandtable.web.worlds.sessions import same_text
from sandtable.web.worlds.worlds import WorldError

if TYPE_CHECKING:
    from sandtable.web.transaction import Transaction

PAGES: tuple[tuple[str, str], ...] = (
    ("requests", "Requests"),
    ("faults", "Faults"),
    ("state", "Clock, snapshots, worlds"),
    ("unsimulated", "Not simulated"),
    ("doctor", "Doctor"),
)
TITLES = dict(PAGES)
View = Callable[["Transaction", Visitor], dict[str, Any]]
SHOWN: dict[str, View] = {
    "requests": requests.content,
    "faults": faults.content,
    "state": state.content,
    "unsimulated": state.unsimulated,
    "doctor": checklist.content,
}
DONE: dict[str, Callable[[Transaction, Visitor], str]] = {
    "requests": requests.act,
    "faults": faults.act,
    "state": state.act,
    "unsimulated": state.forget_unsimulated,
}


def workshop(transaction: Transaction, name: str) -> Response:
    """Show a page of the workshop, or do what one of its forms says. Raises NotFound where the test plane is off."""
    if not transaction.settings.plane:
        raise NotFound
    visitor = required(transaction)
    if isinstance(visitor, Response):
        return visitor
    name = name.strip("/") or "requests"
    if name not in TITLES:
        raise NotFound
    here = f"{request.script_root}/_console/workshop/{name}"
    if request.method == "POST":
        wait_for_form()
        refuse_forgery(visitor)
    if not _may_enter(transaction, visitor):
        return _ask_for_token(transaction, visitor, name)
    if request.method != "POST":
        content = SHOWN[name](transaction, visitor)
        return show(
            transaction, visitor, f"workshop_{name}.html", title=TITLES[name], pages=PAGES, page=name, **content
        )
    if "plane_token" in request.form:
        return redirect(here, 303)
    if name not in DONE:
        raise MethodNotSupported
    try:
        visitor.tell("ok", DONE[name](transaction, visitor))
    except BadForm as error:
        visitor.tell("error", f"{error.field}: {error.problem}; {error.fix}")
    except WorldError as error:
        visitor.tell("error", str(error))
    return redirect(here, 303)


def _may_enter(transaction: Transaction, visitor: Visitor) -> bool:
    """Tell whether the token of the test plane was given in this session, where there is one."""
    token = transaction.settings.plane_token
    if not token or visitor.live.knows_plane_token:
        return True
    if request.method == "POST" and same_text(request.form.get("plane_token", ""), token):
        visitor.live.knows_plane_token = True
        return True
    return False


def _ask_for_token(transaction: Transaction, visitor: Visitor, name: str) -> Response:
    wrong = request.method == "POST" and bool(request.form.get("plane_token"))
    return show(
        transaction, visitor, "workshop_token.html", title="Token", pages=PAGES, page=name, wrong=wrong, status=401
    )
