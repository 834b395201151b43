"""Signing in and out, and acting for somebody else."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote

from flask import Response, request

from sandtable.core.values.errors import ApiAccessDenied
from sandtable.web.console.frame import show
from sandtable.web.console.visitor import (
    Visitor,
    address_of_this_page,
    carries_token,
    find_visitor,
    inside,
    is_own_page,
    set_cookie,
    wait_for_form,
)
from sandtable.web.steps.authentication import session_by_name
from sandtable.web.worlds.sessions import COOKIE

if TYPE_CHECKING:
    from sandtable.web.transaction import Transaction

GOTO = "sysparm_goto_url"
KEPT = "kept:"
INVALID = "User name or password invalid"
NOT_TYPED = frozenset({"sysparm_ck"})
MOST_KEPT = 12 * 1024 * 1024  # characters of a form that a sign-in page carries on


def required(transaction: Transaction) -> Visitor | Response:
    """Return who is signed in, or the answer that asks them to sign in. Raises NotAuthenticated for bad credentials."""
    return find_visitor(transaction) or to_sign_in(transaction)


def to_sign_in(transaction: Transaction) -> Response:
    """Lead to the sign-in page and back; a form that was sent is carried along, so that nothing typed is lost."""
    if request.method == "POST":
        wait_for_form()
        typed = [(name, text) for name, text in request.form.items(multi=True) if name not in NOT_TYPED]
        if sum(len(text) for _, text in typed) <= MOST_KEPT:
            return _form(transaction, address_of_this_page(), ended=True, kept=typed)
    target = f"{request.script_root}/login.do?{GOTO}={quote(address_of_this_page(), safe='')}"
    return redirect(target)


def redirect(address: str, status: int = 302) -> Response:
    """Return a redirect within this server."""
    answer = Response("", status=status, content_type="text/html;charset=UTF-8")
    answer.headers["Location"] = address
    return answer


def login_page(transaction: Transaction) -> Response:
    """Answer with the sign-in form; POST signs in with `user_name` and `user_password`, and leads on."""
    goto = inside(request.values.get(GOTO, "")) or "/navpage.do"
    if request.method != "POST":
        return _form(transaction, goto)
    wait_for_form()
    kept = [(name.removeprefix(KEPT), text) for name, text in request.form.items(multi=True) if name.startswith(KEPT)]
    name, password = request.form.get("user_name", ""), request.form.get("user_password", "")
    if not name and not password:
        return _form(transaction, goto, kept=kept)
    if not is_own_page():
        return _form(transaction, goto, trouble="This form was sent from another site. Sign in here.", status=403)
    session = session_by_name(transaction, name, password)
    if session is not None and session.user is not None and session.user["web_service_access_only"] == "true":
        transaction.explanations.append(f"the user {name!r} has web_service_access_only, so no page is for them")
        session = None
    if session is None or session.user is None:
        return _form(transaction, goto, trouble=INVALID, kept=kept, user_name=name, status=401)
    transaction.world.sessions.end(request.cookies.get(COOKIE, ""))
    live = transaction.world.sessions.open(session.user_sys_id, ui=True)
    transaction.session, transaction.logged_in, transaction.opened_session = session, True, live
    set_cookie(transaction, live)
    if kept:
        return show(
            transaction,
            None,
            "resend.html",
            title="Signed in again",
            goto=goto,
            kept=kept,
            resend_token=live.user_token,
        )
    return redirect(f"{request.script_root}{goto}")


def _form(
    transaction: Transaction,
    goto: str,
    *,
    trouble: str = "",
    kept: list[tuple[str, str]] | None = None,
    ended: bool = False,
    user_name: str = "",
    status: int = 200,
) -> Response:
    return show(
        transaction,
        None,
        "login.html",
        title="Log in",
        status=status,
        goto=goto,
        trouble=trouble,
        kept=kept or [],
        ended=ended,
        user_name=user_name,
    )


def sign_out(transaction: Transaction) -> Response:
    """End the session and lead to the sign-in page."""
    transaction.world.sessions.end(request.cookies.get(COOKIE, ""))
    return redirect(f"{request.script_root}/login.do")


def impersonation(transaction: Transaction) -> Response:
    """Let an administrator look at the instance as another user, and come back. Raises ApiAccessDenied."""
    visitor = required(transaction)
    if isinstance(visitor, Response):
        return visitor
    instance, live = transaction.instance, visitor.live
    if request.method == "POST":
        wait_for_form()
        if not carries_token(visitor):
            raise ApiAccessDenied("Forged request", "the form does not carry the token of this session; open it again")
        if "end" in request.form and live.impersonator:
            live.user_sys_id, live.impersonator = live.impersonator, ""
            return redirect(f"{request.script_root}/navpage.do")
    if not visitor.session.has_role("admin", "impersonator"):
        raise ApiAccessDenied("Not allowed", "only a user with the role admin or impersonator may act for others")
    if request.method == "POST":
        with instance.transaction():
            found = instance.system().table("sys_user").find(request.form.get("user", ""))
        if found is None or found["active"] != "true":
            visitor.tell("error", "There is no active user of that name.")
            return redirect(f"{request.script_root}/impersonate.do")
        live.impersonator = live.impersonator or live.user_sys_id
        live.user_sys_id = found.sys_id
        instance.log("info", "impersonation", f"{visitor.user['user_name']} acts for {found['user_name']}")
        return redirect(f"{request.script_root}/navpage.do")
    wanted = request.args.get("q", "").strip()
    with instance.transaction():
        query = "active=true" + (f"^nameLIKE{wanted.replace('^', '^^')}" if wanted else "") + "^ORDERBYname"
        users = visitor.session.table("sys_user").page(query, limit=50, offset=0, count=False).records
    return show(transaction, visitor, "impersonate.html", title="Impersonate user", users=users, wanted=wanted)
