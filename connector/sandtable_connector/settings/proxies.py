"""Which requests go through the proxy, and how (source: Kibana docs, xpack.actions.proxy* settings)."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import unquote, urlsplit

from sandtable_connector.settings.tls import TlsSettings


@dataclass(frozen=True, slots=True)
class ProxyHop:
    """The proxy one request goes through: its address, the headers of CONNECT, its own TLS or None.

    `authorization` is what a plain request carries for the proxy where its URL has a user.
    """

    host: str
    port: int
    tls: TlsSettings | None
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    authorization: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class ProxySettings:
    """A proxy and the hosts it is for; host names are compared exactly, without the port."""

    url: str = field(repr=False)
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    bypass_hosts: frozenset[str] | None = None
    only_hosts: frozenset[str] | None = None

    def serves(self, hostname: str) -> bool:
        """Return whether a request to the host goes through the proxy; bypass wins when both lists are set."""
        if self.bypass_hosts is not None:
            return hostname not in self.bypass_hosts
        return self.only_hosts is None or hostname in self.only_hosts

    def hop(self, tls: TlsSettings) -> ProxyHop:
        """Return the proxy's address, with the given TLS settings if its URL is https."""
        parts = urlsplit(self.url)
        secure = parts.scheme.lower() == "https"
        host = parts.hostname or ""
        port = parts.port or (443 if secure else 80)
        user = f"{unquote(parts.username or '')}:{unquote(parts.password or '')}"
        basic = f"Basic {base64.b64encode(user.encode()).decode('ascii')}" if user != ":" else None
        return ProxyHop(host, port, tls if secure else None, self.headers, basic)


def is_proxy_url(url: str) -> bool:
    """Return whether the text is an http or https URL with a host and a sensible port."""
    try:
        parts = urlsplit(url)
        return parts.scheme.lower() in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False
