"""Addresses into an instance, old and new, encoded or not, and the pages that they mean."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import quote, unquote

from flask import Response, request
from werkzeug.exceptions import NotFound

from sandtable.core.values.errors import RecordNotFound
from sandtable.web.console import navigator
from sandtable.web.console.frame import show
from sandtable.web.console.sign_in import redirect, required
from sandtable.web.environ import parts_of

if TYPE_CHECKING:
    from sandtable.core.platform.record import Record
    from sandtable.web.console.visitor import Visitor
    from sandtable.web.transaction import Transaction

TARGET = "nav/ui/classic/params/target/"
DEEPEST = 4  # links inside links
# /now/sow/record/incident/ID, /now/workspace/agent/record/incident/ID, with whatever stands behind.
_RECORD = re.compile(r"(?:.*/)?record/(?P<table>\w+)/(?P<sys_id>[A-Za-z0-9_-]+)(?:/.*)?")
_LIST = re.compile(r"(?:.*/)?(?:list|simplelist)/(?P<table>\w+)(?:/.*)?")
_SAFE_PATH, _SAFE_QUERY = "/$._-~", "=&%^.,:@/+-_~*!'()"
SEARCHED = (
    "incident",
    "problem",
    "change_request",
    "kb_knowledge",
    "sn_si_incident",
    "sc_request",
    "sys_user",
    "cmdb_ci",
)
NUMBER = re.compile(r"[A-Za-z]{2,6}\d{4,10}")


def nav_to(transaction: Transaction, uri: str) -> Response:
    """Lead on to the page that `nav_to.do?uri=` names; an address of another site leads to the start page."""
    query = request.query_string.decode("latin-1")
    # An unencoded link: what stands behind its own ampersands belongs to it.
    raw = query.partition("uri=")[2] if query.startswith("uri=") and "%" not in query.partition("&")[0] else ""
    return _to(raw if raw and "&" in raw and "%3F" not in raw.upper() else uri)


def from_modern(transaction: Transaction, path: str) -> Response:
    """Lead an address below /now on. Raises NotFound for one that means nothing here."""
    if path.startswith(TARGET):
        target = path.removeprefix(TARGET)
        query = request.query_string.decode("latin-1")
        return _to(f"{target}?{query}" if query else target)
    found = _RECORD.fullmatch(path)
    if found is not None:
        return _to(f"{found['table']}.do?sys_id={found['sys_id']}")
    found = _LIST.fullmatch(path)
    if found is not None:
        return _to(f"{found['table']}_list.do")
    if path.rstrip("/") in ("nav/ui/classic", "nav/ui", "nav", "home", "sow/home", "workspace/agent/home"):
        return _to("")
    transaction.instance.ledger.note("path", request.path)
    raise NotFound


def clean(wanted: str) -> str:
    """Return an address as path and query of this instance, decoded as often as it was encoded; empty for others."""
    for _ in range(DEEPEST):
        parts = parts_of(wanted)
        if parts.scheme or parts.netloc or "\\" in wanted or parts.path.startswith("//"):
            return ""
        # A path that still has its question mark encoded is a whole address in an envelope.
        if "%" in parts.path and not parts.query:
            wanted = unquote(wanted)
            continue
        if parts.path.strip("/") == "nav_to.do" and parts.query.startswith("uri="):
            wanted = unquote(parts.query.removeprefix("uri="))
            continue
        path = parts.path.lstrip("/")
        if any(ord(each) < 32 for each in wanted):
            return ""
        query = quote(parts.query, safe=_SAFE_QUERY)
        return quote(path, safe=_SAFE_PATH) + (f"?{query}" if path and query else "")
    return ""


def _to(wanted: str) -> Response:
    return redirect(f"{request.script_root}/{clean(wanted)}")


# pages with names of their own ---------------------------------------------------------------------------------------


def special(transaction: Transaction, name: str) -> Response:
    """Show an article, a record named in a portal's address, a search, or what the navigator was asked for."""
    visitor = required(transaction)
    if isinstance(visitor, Response):
        return visitor
    if name == "navigate":
        return _navigate(transaction, visitor)
    if name == "textsearch":
        return _search(transaction, visitor, request.args.get("sysparm_search") or request.args.get("q") or "")
    if name == "kb_view":
        return _article(transaction, visitor)
    return _portal(transaction, visitor)


def _navigate(transaction: Transaction, visitor: Visitor) -> Response:
    text = request.args.get("q", "")
    address = navigator.typed_address(transaction.instance, text)
    if address:
        return redirect(request.script_root + address)
    found = [
        (menu.title, [each for each in menu.modules if text.lower() in f"{menu.title} {each.title}".lower()])
        for menu in navigator.menu_for(visitor.session, workshop=transaction.settings.plane)
    ]
    return show(
        transaction,
        visitor,
        "search.html",
        title=f"All: {text}",
        wanted=text,
        modules=[(title, modules) for title, modules in found if modules],
        tables=navigator.tables_like(visitor.session, text),
        groups=[],
    )


def _search(transaction: Transaction, visitor: Visitor, text: str) -> Response:
    """Look for a number, else for a text in what people search."""
    text = text.strip()
    instance, session = transaction.instance, visitor.session
    groups: list[tuple[str, str, list[Record]]] = []
    with instance.transaction():
        if NUMBER.fullmatch(text) and instance.dictionary.has("task"):
            found = session.table("task").first(filters={"number": text.upper()})
            if found is not None:
                return redirect(f"{request.script_root}/{found.table}.do?sys_id={quote(found.sys_id)}")
        for table in SEARCHED if text else ():
            if not instance.dictionary.has(table) or not instance.access.can(session, "read", table):
                continue
            name = instance.dictionary.display_column(table)
            wanted = text.replace("^", "^^")
            query = f"{name}LIKE{wanted}"
            for column in ("short_description", "user_name"):
                if column in instance.dictionary.columns(table):
                    query += f"^OR{column}LIKE{wanted}"
            records = session.table(table).page(query, limit=8, offset=0, count=False).records
            if records:
                groups.append((table, navigator.plural_of(instance, table), records))
    return show(
        transaction,
        visitor,
        "search.html",
        title=f"Search: {text}",
        wanted=text,
        modules=[],
        tables=navigator.tables_like(session, text),
        groups=groups,
        display={table: instance.dictionary.display_column(table) for table, _, _ in groups},
    )


def _article(transaction: Transaction, visitor: Visitor) -> Response:
    """Show an article of the knowledge base by number or sys_id. Raises RecordNotFound."""
    instance = transaction.instance
    number = request.args.get("sysparm_article") or request.args.get("number") or ""
    sys_id = request.args.get("sys_kb_id") or request.args.get("sys_id") or ""
    if not instance.dictionary.has("kb_knowledge"):
        raise RecordNotFound
    with instance.transaction():
        access = visitor.session.table("kb_knowledge")
        found = access.first(filters={"number": number}) if number else access.find(sys_id)
    if found is None:
        raise RecordNotFound
    here = f"/kb_view.do?sys_kb_id={quote(found.sys_id)}"
    visitor.visit(here, f"{found['number']} {found['short_description']}")
    return show(
        transaction, visitor, "article.html", title=found["short_description"] or found["number"], article=found
    )


def _portal(transaction: Transaction, visitor: Visitor) -> Response:
    """Lead a portal's address on: its pages that show a record become the form, an article the article."""
    page, table = request.args.get("id", ""), request.args.get("table") or "incident"
    sys_id = request.args.get("sys_id", "")
    if page in ("kb_article", "kb_article_view", "kb_view"):
        number = request.args.get("sysparm_article")
        wanted = f"sysparm_article={quote(number)}" if number else f"sys_kb_id={quote(sys_id)}"
        return redirect(f"{request.script_root}/kb_view.do?{wanted}")
    if page == "sc_cat_item":
        return redirect(f"{request.script_root}/sc_cat_item.do?sys_id={quote(sys_id)}")
    if page and sys_id:
        return redirect(f"{request.script_root}/{quote(table)}.do?sys_id={quote(sys_id)}")
    if page in ("list", "lists") and "table" in request.args:
        return redirect(f"{request.script_root}/{quote(table)}_list.do")
    if page not in ("", "index", "sc_home", "csm_index", "landing"):
        transaction.instance.ledger.note("portal page", page)
    return redirect(f"{request.script_root}/navpage.do")
