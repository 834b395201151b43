"""Which calls a mock answers, which it lets through to the network, and what it says to the others."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import SplitResult, urlsplit

DEFAULT_PORTS = {"http": 80, "https": 443}
_HOST = re.compile(
    r"(\*\.)?[a-z0-9_]([a-z0-9._\-]*[a-z0-9_])?|\[[0-9a-f:.]+\]|[0-9a-f:.]*:[0-9a-f:.]*:[0-9a-f:.]*", re.I
)


@dataclass(frozen=True, slots=True)
class Address:
    """An address to be answered or let through; an empty scheme means http and https, no port the scheme's own.

    `any_port` takes every port. A host that begins with `*.` stands for all names below it, not for that name itself.
    """

    scheme: str
    host: str
    port: int | None
    any_port: bool = False

    def covers(self, url: str) -> bool:
        """Tell whether a URL is one of this address."""
        parts = _split(url)
        if parts is None or parts.scheme not in DEFAULT_PORTS or (self.scheme and parts.scheme != self.scheme):
            return False
        if not self.names(url):
            return False
        if self.any_port:
            return True
        asked = parts.port or DEFAULT_PORTS[parts.scheme]
        return asked == (self.port or DEFAULT_PORTS[parts.scheme])

    def names(self, url: str) -> bool:
        """Tell whether the host of a URL is one of this address, whatever its scheme and port."""
        parts = _split(url)
        host = (parts.hostname or "").lower().rstrip(".") if parts is not None else ""
        if self.host == "*":
            return True
        if self.host.startswith("*."):
            return host.endswith(self.host[1:]) and len(host) > len(self.host) - 1
        return host == self.host


def _split(url: str) -> SplitResult | None:
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        return None
    return parts


def instance_address(text: str) -> Address:
    """Return the address of an instance: `https://acme.service-now.com`, or a host such as `*.service-now.com`.

    Raises ValueError for a path, a query, a user or something that is no host.
    """
    if not isinstance(text, str):
        raise TypeError(f"the address of an instance is a text such as 'https://acme.service-now.com', not {text!r}")
    given = text.strip()
    scheme, colon, rest = given.partition("://")
    if not colon:
        scheme, rest = "", given
    if colon and scheme.lower() not in DEFAULT_PORTS:
        raise ValueError(f"the address of an instance begins with https:// or http://, not {scheme}:// ({text!r})")
    rest = rest.removesuffix("/")
    if any(mark in rest for mark in "/?#@"):
        raise ValueError(f"the address of an instance is scheme, host and port alone, not {text!r}")
    host, port = _host_and_port(rest, text)
    return Address(scheme.lower(), host, port)


def let_through(patterns: str | Iterable[str]) -> tuple[Address, ...]:
    """Return the addresses that a mock lets through: hosts, `*.names`, `host:port`, or `*` for everything.

    Without a port, every port of the host is meant. Raises ValueError for what is no host, TypeError for no text.
    """
    listed = [patterns] if isinstance(patterns, str) else list(patterns) if isinstance(patterns, Iterable) else [None]
    if not all(isinstance(pattern, str) for pattern in listed):
        raise TypeError(f"pass_through lists hosts, such as ['localhost', '*.example.com'], not {patterns!r}")
    addresses = []
    for pattern in listed:
        if pattern == "*":
            addresses.append(Address("", "*", None, any_port=True))
            continue
        if "/" in pattern:
            raise ValueError(f"pass_through lists hosts, such as 'localhost' or '*.example.com', not {pattern!r}")
        host, port = _host_and_port(pattern, pattern)
        addresses.append(Address("", host, port, any_port=port is None))
    return tuple(addresses)


def _host_and_port(text: str, whole: str) -> tuple[str, int | None]:
    host, colon, port = text.rpartition(":")
    if not colon or not port.isdigit():
        host, port = text, ""
    if not _HOST.fullmatch(host) or (port and not 0 < int(port) <= 65535):
        raise ValueError(f"{whole!r} names no host; an instance is at an address like 'https://acme.service-now.com'")
    return host.lower().strip("[]"), int(port) if port else None
