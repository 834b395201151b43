"""Following redirects as axios does, one allowed hop at a time (source: observed with axios 1; RFC 9110, 15.4)."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from urllib.parse import urljoin, urlsplit

from sandtable_connector.errors import HostNotAllowed, InvalidAddress, TooManyRedirects
from sandtable_connector.transport.messages import Request, Response
from sandtable_connector.transport.urls import as_node_parses

MOST_HOPS = 21
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_FAILED = "Redirected request failed: "
_FAILED_CODE = "ERR_FR_REDIRECTION_FAILURE"
_CREDENTIALS = frozenset({"authorization", "proxy-authorization", "cookie"})


def follow(
    send: Callable[[Request], Response], request: Request, *, allows: Callable[[str], bool] | None = None
) -> Response:
    """Send a request and follow up to 21 redirects; ``allows`` says of each next host name whether it may be called.

    A POST that is answered 301 or 302, and anything but a GET answered 303, goes on as a GET without its body.
    Credentials are left behind when the host changes or TLS is lost. Raises HostNotAllowed or TooManyRedirects.
    """
    for _ in range(MOST_HOPS + 1):
        response = send(request)
        location = response.header("location")
        if response.status not in _REDIRECTS or not location:
            return response
        try:
            request = _next(request, response.status, location)
        except InvalidAddress as error:
            raise InvalidAddress(f"{_FAILED}{error.message}", code=_FAILED_CODE) from None
        host = urlsplit(request.url).hostname or ""
        if allows is not None and not allows(host):
            raise HostNotAllowed(
                f'{_FAILED}target hostname "{host}" is not added to the Kibana config xpack.actions.allowedHosts',
                code=_FAILED_CODE,
            )
    raise TooManyRedirects("Maximum number of redirects exceeded", code="ERR_FR_TOO_MANY_REDIRECTS")


def _next(request: Request, status: int, location: str) -> Request:
    # An address with a scheme is taken whole, so that one without a host is refused and not completed.
    scheme = re.match(r"[A-Za-z][A-Za-z0-9+.\-]*:", location.strip())
    try:
        whole = location if scheme else urljoin(request.url, location)
    except ValueError:
        raise InvalidAddress("Invalid URL", code="ERR_INVALID_URL") from None
    url = as_node_parses(whole)
    headers = dict(request.headers)
    method, body = request.method, request.body
    if (status in (301, 302) and method == "POST") or (status == 303 and method not in ("GET", "HEAD")):
        method, body = "GET", None
        headers = {name: value for name, value in headers.items() if not name.lower().startswith("content-")}
    if not _keeps_credentials(request.url, url):
        headers = {name: value for name, value in headers.items() if name.lower() not in _CREDENTIALS}
    return replace(request, method=method, url=url, headers=headers, body=body)


def _keeps_credentials(before: str, after: str) -> bool:
    old, new = urlsplit(before), urlsplit(after)
    if old.scheme == "https" and new.scheme != "https":
        return False
    return new.netloc == old.netloc or new.netloc.endswith(f".{old.netloc}")
