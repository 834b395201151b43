"""Opening a connection along a `Route`: straight, through a plain proxy, or through a CONNECT tunnel.

The failures have the words and codes of Node.
"""

from __future__ import annotations

import errno
import re
import socket
import ssl
from collections.abc import Callable
from typing import cast

from urllib3.util.ssltransport import SSLTransport

from sandtable_connector.errors import ConnectionFailed, ConnectorError, ProxyRefused, ResponseTimeout
from sandtable_connector.settings.networking import Route
from sandtable_connector.settings.proxies import ProxyHop
from sandtable_connector.settings.tls import TlsSettings, refusal

LONGEST_PROXY_ANSWER = 65536


def open_socket(route: Route, *, timeout: float, context_for: Callable[[TlsSettings], ssl.SSLContext]) -> socket.socket:
    """Return a connected socket on which the HTTP exchange of a route can begin.

    Raises ConnectionFailed, ResponseTimeout, CertificateRefused or ProxyRefused, with nothing left open.
    """
    host, port = (route.proxy.host, route.proxy.port) if route.proxy else (route.host, route.port)
    sock = _connect(host, port, timeout)
    try:
        if route.proxy and route.proxy.tls is not None:
            sock = _secured(sock, route.proxy.tls, route.proxy.host, context_for)
        if route.proxy and route.tunnel:
            _tunnel(sock, route, route.proxy)
        if route.tls is not None:
            sock = _secured(sock, route.tls, route.host, context_for)
    except ConnectorError:
        sock.close()
        raise
    except OSError as error:
        sock.close()
        raise connection_error(error, timeout) from error
    return sock


def connection_error(error: OSError, timeout: float) -> ConnectorError:
    """Return the error for a connection that broke or stayed silent before an answer began."""
    if isinstance(error, TimeoutError):
        return ResponseTimeout(f"timeout of {round(timeout * 1000)}ms exceeded", code="ECONNABORTED")
    return ConnectionFailed("socket hang up", code="ECONNRESET")


def _connect(host: str, port: int, timeout: float) -> socket.socket:
    try:
        return socket.create_connection((host, port), timeout=timeout)
    except TimeoutError as error:
        raise connection_error(error, timeout) from error
    except socket.gaierror as error:
        code = "EAI_AGAIN" if error.errno == socket.EAI_AGAIN else "ENOTFOUND"
        raise ConnectionFailed(f"getaddrinfo {code} {host}", code=code) from error
    except UnicodeError as error:
        raise ConnectionFailed(f"getaddrinfo ENOTFOUND {host}", code="ENOTFOUND") from error
    except OSError as error:
        code = errno.errorcode.get(error.errno or 0, "EIO")
        raise ConnectionFailed(f"connect {code} {_address(host, port)}", code=code) from error


def _address(host: str, port: int) -> str:
    try:
        return f"{socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][4][0]}:{port}"
    except OSError:
        return f"{host}:{port}"


def _secured(
    sock: socket.socket, settings: TlsSettings, host: str, context_for: Callable[[TlsSettings], ssl.SSLContext]
) -> socket.socket:
    context = context_for(settings)
    try:
        if isinstance(sock, ssl.SSLSocket):
            return cast(socket.socket, SSLTransport(sock, context, server_hostname=host))
        return context.wrap_socket(sock, server_hostname=host)
    except ssl.SSLEOFError as error:
        raise ConnectionFailed(
            "Client network socket disconnected before secure TLS connection was established", code="ECONNRESET"
        ) from error
    except ssl.SSLError as error:
        raise refusal(error, host) from error


def _tunnel(sock: socket.socket, route: Route, proxy: ProxyHop) -> None:
    target = f"[{route.host}]:{route.port}" if ":" in route.host else f"{route.host}:{route.port}"
    host = target.removesuffix(":443" if route.tls is not None else ":80")
    lines = [f"CONNECT {target} HTTP/1.1", *(f"{name}: {value}" for name, value in proxy.headers.items())]
    lines += [f"Host: {host}", "Connection: close"]
    sock.sendall("\r\n".join([*lines, "", ""]).encode("latin-1", "replace"))
    answer = b""
    while not answer.endswith(b"\r\n\r\n"):
        # One byte at a time: whatever follows the blank line belongs to the target.
        byte = sock.recv(1)
        if not byte or len(answer) >= LONGEST_PROXY_ANSWER:
            raise ConnectionFailed("Proxy connection ended before receiving CONNECT response", code="ECONNRESET")
        answer += byte
    first = answer.partition(b"\r\n")[0].decode("latin-1").split(" ", 2)
    if len(first) < 2 or first[1] != "200":
        status = first[1] if len(first) > 1 else "without a status"
        raise ProxyRefused(
            f"the proxy answered CONNECT with {status}; it does not let requests to {target} through",
            status=int(status) if re.fullmatch(r"[1-5][0-9][0-9]", status) else None,
        )
