"""Requests as they arrive: who, what, why, which records changed, and the same call as curl."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from flask import request

from sandtable.web.journal.request_journal import EntryPattern

if TYPE_CHECKING:
    from sandtable.web.console.visitor import Visitor
    from sandtable.web.journal.request_journal import JournalEntry
    from sandtable.web.transaction import Transaction

SHOWN = 60
ASKED = ("path", "user", "table", "method")
# A browser's own headers say nothing about the call.
UNSAID = frozenset({"host", "content-length", "connection", "accept-encoding", "cookie", "user-agent"})
LONGEST = 20_000


def content(transaction: Transaction, visitor: Visitor) -> dict[str, Any]:
    """Return the newest requests, newest first; those of people at a browser only when asked for."""
    entries = chosen(transaction)
    base = f"http{'s' if request.scheme == 'https' else ''}://{request.host}{request.script_root}"
    asked = {name: request.args.get(name, "") for name in ASKED}
    return {
        "entries": [_shown(each, base) for each in reversed(entries[-SHOWN:])],
        "total": len(entries),
        "asked": asked,
        "with_pages": "pages" in request.args,
        "version": version_of(entries),
        "live": urlencode({"requests": "1", **request.args}),
        "again": request.full_path.rstrip("?"),
    }


def chosen(transaction: Transaction) -> list[JournalEntry]:
    """Return the requests that the address asks for, oldest first; those of people at a browser only when told."""
    asked: dict[str, Any] = {name: request.args.get(name, "") for name in ASKED}
    pattern = EntryPattern(**asked)
    pages = "pages" in request.args
    return [each for each in transaction.world.journal.entries(pattern) if pages or not _is_page(each)]


def version_of(entries: list[JournalEntry]) -> str:
    """Return a text that is another when one of these requests arrived or was answered."""
    return f"{entries[-1].id if entries else 0}-{sum(1 for each in entries if each.status is not None)}"


def act(transaction: Transaction, visitor: Visitor) -> str:
    """Empty the journal."""
    transaction.world.journal.clear()
    return "The journal is empty."


def _is_page(entry: JournalEntry) -> bool:
    """Tell whether a request was one of a person who looks at pages."""
    agent = entry.headers.get("user-agent", "")
    return agent.startswith("Mozilla/") and not entry.path.startswith("/api/") and "oauth_token" not in entry.path


def _shown(entry: JournalEntry, base: str) -> dict[str, Any]:
    shown = entry.shown()
    status = shown["status"]
    shown["status_class"] = f"s{str(status)[:1]}xx" if status else "skipped"
    for name in ("request_body", "response_body"):
        text = shown[name]
        shown[name] = text if len(text) <= LONGEST else f"{text[:LONGEST]} [{len(text) - LONGEST} characters more]"
    shown["curl"] = curl(entry, base)
    return shown


def curl(entry: JournalEntry, base: str) -> str:
    """Return a request as a command; secrets are the stars that the journal keeps of them."""
    query = f"?{entry.query_string}" if entry.query_string else ""
    parts = ["curl", "-sS", "-X", entry.method, base + entry.path + query]
    for name, value in entry.headers.items():
        if name not in UNSAID:
            parts += ["-H", f"{name}: {value}"]
    if entry.body:
        parts += ["--data-binary", entry.body]
    return " ".join(shlex.quote(part) for part in parts)
