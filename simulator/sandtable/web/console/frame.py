"""What every page has: the header, the navigator beside it, the messages, and headers that keep strangers' code out."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from flask import Response, render_template, request

from sandtable.web.console import navigator
from sandtable.web.console.visitor import SCOPE_PICKED, address_of_this_page, preference

if TYPE_CHECKING:
    from sandtable.web.console.visitor import Visitor
    from sandtable.web.transaction import Transaction

STATIC = Path(__file__).parent / "static"
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "font-src 'self'; frame-src 'self'; frame-ancestors 'self'; base-uri 'none'"
)
HEADERS = (
    ("X-Frame-Options", "SAMEORIGIN"),
    ("Referrer-Policy", "same-origin"),
    ("X-Content-Type-Options", "nosniff"),
    ("Cache-Control", "no-store"),
)
THEMES = ("auto", "light", "dark")
THEME_COOKIE = "sandtable_theme"


def show(
    transaction: Transaction,
    visitor: Visitor | None,
    template: str,
    *,
    title: str,
    status: int = 200,
    form_action: str = "'self'",
    **context: Any,
) -> Response:
    """Return a page drawn from a template of the console, inside the frame when somebody is signed in.

    `form_action` is where forms on it may lead, a redirect of the answer included.
    """
    base = _base(transaction, visitor, title)
    text = render_template(f"console/{template}", **base, **context)
    answer = Response(text.encode("utf-8", "replace"), status=status, content_type="text/html;charset=UTF-8")
    return protect(answer, form_action)


def part(transaction: Transaction, visitor: Visitor, template: str, **context: Any) -> Response:
    """Return a piece of a page, for a script that puts it into its place."""
    text = render_template(
        f"console/{template}", root=request.script_root, token=visitor.live.user_token, visitor=visitor, **context
    )
    return protect(Response(text.encode("utf-8", "replace"), content_type="text/html;charset=UTF-8"))


def protect(answer: Response, form_action: str = "'self'") -> Response:
    """Add what keeps foreign scripts, frames and caches away from a page."""
    policy = POLICY + (f"; form-action {form_action}" if form_action else "")
    answer.headers["Content-Security-Policy"] = policy
    for name, value in HEADERS:
        answer.headers[name] = value
    return answer


def _base(transaction: Transaction, visitor: Visitor | None, title: str) -> dict[str, Any]:
    instance = transaction.instance
    theme = request.cookies.get(THEME_COOKIE, "auto")
    base: dict[str, Any] = {
        "title": title,
        "instance_name": instance.name,
        "root": request.script_root,
        "theme": theme if theme in THEMES else "auto",
        "assets": assets_version(),
        "visitor": visitor,
        "bare": "sysparm_nostack" in request.args or request.args.get("sandtable_frame") == "none",
        "here": address_of_this_page(),
        "plane": transaction.settings.plane,
        "token": "",
        "messages": [],
    }
    if visitor is None:
        return base
    with instance.transaction():
        base |= {
            "token": visitor.live.user_token,
            "messages": _taken(visitor),
            "menu": _menu(visitor, workshop=transaction.settings.plane),
            "favourites": navigator.favourites_of(visitor.session),
            "visits": list(visitor.live.visits),
            "scopes": scopes(visitor),
        }
    return base


def _menu(visitor: Visitor, *, workshop: bool) -> str:
    """Return the applications and modules of the navigator, drawn once for all who see the same."""
    session, root = visitor.session, request.script_root

    def draw() -> str:
        menu = navigator.menu_for(session, workshop=workshop)
        return render_template("console/menu.html", menu=menu, root=root)

    key = ("console menu", session.roles, session.enforced, workshop, root)
    return session.instance.cached(key, ("sys_metadata",), draw)


def _taken(visitor: Visitor) -> list[tuple[str, str]]:
    taken, visitor.live.messages[:] = list(visitor.live.messages), []
    return taken


def scopes(visitor: Visitor) -> list[tuple[str, str, bool]]:
    """Return sys_id, name and whether it is picked of each application that an administrator may work in."""
    session = visitor.session
    instance = session.instance
    if not session.is_admin or not instance.dictionary.has("sys_scope"):
        return []
    picked = preference(session, SCOPE_PICKED, "global")
    listed = instance.cached(
        ("console scopes",),
        ("sys_package",),
        lambda: [
            (each.sys_id, each["name"] or each["scope"], each["scope"])
            for each in instance.system().table("sys_scope").query("ORDERBYname")
        ],
    )
    return [(sys_id, name, picked in (sys_id, scope)) for sys_id, name, scope in listed]


@cache
def assets_version() -> str:
    """Return a short text that is another when a static file is another, so that browsers may keep them for ever."""
    digest = hashlib.sha256()
    for path in sorted(STATIC.iterdir()):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:12]
