"""Who may use the test plane: nobody when it is switched off, and then those with the token, if there is one."""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import Response, request

from sandtable.web.environ import is_for_the_plane
from sandtable.web.plane.plane_answers import refusal
from sandtable.web.transaction import Transaction
from sandtable.web.worlds.sessions import same_text

TOKEN = "X-Sandtable-Token"  # noqa: S105 - the name of a header
# Container health checks know no token, and what they learn is no secret.
OPEN = ("/_sandtable/health/",)


def guard_the_plane(transaction: Transaction) -> Response | None:
    """Refuse a request to the test plane that it may not serve; None for all others."""
    if not is_for_the_plane(request.environ) or request.path.startswith(OPEN):
        return None
    settings = transaction.settings
    if not settings.plane:
        return refusal(404, "path", "the test plane is switched off", "start the server with --plane")
    origin = request.headers.get("Origin")
    if origin and urlsplit(origin).netloc.lower() != (request.environ.get("HTTP_HOST") or "").lower():
        problem = f"a page of {origin} may not use the test plane"
        return refusal(403, "Origin", problem, "call it from a program, which sends no Origin, or from its own pages")
    if settings.plane_token and not same_text(_token(), settings.plane_token):
        problem = "the token is missing" if not _token() else "the token is wrong"
        return refusal(401, TOKEN, problem, f"send the control token of this server in the header {TOKEN}")
    return None


def _token() -> str:
    given = request.headers.get(TOKEN)
    if given is not None:
        return given
    word, _, token = request.headers.get("Authorization", "").partition(" ")
    return token.strip() if word.lower() == "bearer" else ""
