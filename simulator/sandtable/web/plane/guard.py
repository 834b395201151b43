"""Who may use the test plane: nobody when it is switched off, and then those with the token, if there is one.

Pages of other sites may not, by whatever name they reach it.
"""

from __future__ import annotations

from collections.abc import Collection
from ipaddress import ip_address
from urllib.parse import urlsplit

from flask import Response, request

from sandtable.core.values.texts import comma_list
from sandtable.settings.settings import LOOPBACK_NAMES, Settings
from sandtable.web.environ import is_for_the_plane, parts_of
from sandtable.web.plane.plane_answers import refusal
from sandtable.web.transaction import Transaction
from sandtable.web.worlds.sessions import same_text

TOKEN = "X-Sandtable-Token"  # noqa: S105 - the name of a header
# Container health checks know no token, and what they learn is no secret.
OPEN = ("/_sandtable/health/",)


def guard_the_plane(transaction: Transaction) -> Response | None:
    """Refuse a request to the test plane that it may not serve; None for all others."""
    if not is_for_the_plane(transaction.environ) or request.path.startswith(OPEN):
        return None
    settings = transaction.settings
    if not settings.plane:
        return refusal(404, "path", "the test plane is switched off", "start the server with --plane")
    host = request.environ.get("HTTP_HOST") or ""
    if not _is_expected(host, settings, request.environ["sandtable.web.worlds.worlds"].names()):
        problem = f"{host!r} is no name of this server, which listens for this machine alone"
        return refusal(403, "Host", problem, "call it as localhost, or start it with --base-url or --proxy-hosts")
    origin = request.headers.get("Origin")
    if origin and parts_of(origin).netloc.lower() != (request.environ.get("HTTP_HOST") or "").lower():
        problem = f"a page of {origin} may not use the test plane"
        return refusal(403, "Origin", problem, "call it from a program, which sends no Origin, or from its own pages")
    if settings.plane_token and not same_text(_token(), settings.plane_token):
        problem = "the token is missing" if not _token() else "the token is wrong"
        return refusal(401, TOKEN, problem, f"send the control token of this server in the header {TOKEN}")
    return None


def _is_expected(authority: str, settings: Settings, worlds: Collection[str]) -> bool:
    """Tell whether a server that only this machine reaches goes by the name that it was called by.

    Any other one was made to lead here by somebody else, whose page would then share its origin with the test plane.
    A request that came by no socket came from nobody's page.
    """
    if settings.host not in LOOPBACK_NAMES or _is_in_process():
        return True
    host = host_of(authority)
    base = (urlsplit(settings.base_url).hostname or "") if settings.base_url else ""
    label, _, rest = host.partition(".")
    return any(
        _is_local(each) or each == base or any(_covers(pattern, each) for pattern in _named(settings))
        for each in ([host, rest] if label in {name.lower() for name in worlds} and rest else [host])
    )


def _is_in_process() -> bool:
    """Tell whether a request came from a client in this process; the connection of a socket does not say so."""
    return bool(getattr(request.environ.get("sandtable.connection"), "in_process", False))


def host_of(authority: str) -> str:
    """Return the host of a `Host` header, without port, brackets and a dot at the end, in small letters."""
    host = authority.strip().lower()
    if host.startswith("["):
        return host[1:].partition("]")[0]
    return host.partition(":")[0].rstrip(".")


def _is_local(host: str) -> bool:
    if not host or host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def _named(settings: Settings) -> tuple[str, ...]:
    """Return the names that its owner gave the server, some of them as `*.domain`."""
    proxied = comma_list(settings.proxy_hosts) if settings.proxy is not None else ()
    return tuple(each.lower() for each in (*proxied, *comma_list(settings.tls_names)))


def _covers(pattern: str, host: str) -> bool:
    return host.endswith(pattern[1:]) if pattern.startswith("*.") else host == pattern


def _token() -> str:
    given = request.headers.get(TOKEN)
    if given is not None:
        return given
    word, _, token = request.headers.get("Authorization", "").partition(" ")
    return token.strip() if word.lower() == "bearer" else ""
