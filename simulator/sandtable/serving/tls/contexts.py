"""TLS contexts of a server: from given files, or with certificates of the development CA for whatever name is asked."""

from __future__ import annotations

import ipaddress
import logging
import os
import socket
import ssl
import tempfile
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sandtable.serving.tls.authority import DevelopmentAuthority

LOOPBACK = ("localhost", "127.0.0.1", "::1")
EVERY_ADDRESS = frozenset({"", "0.0.0.0", "::"})
# Certificates kept at the same time; a client that asks for ever new names must not fill the memory.
MOST_CERTIFICATES = 256

_log = logging.getLogger("sandtable.serving.server")


def new_context(asking: str = "") -> ssl.SSLContext:
    """Return a server context without a certificate: TLS 1.2 or newer, HTTP/1.1.

    With `asking` a client is asked for a certificate of these authorities (PEM), and may have none. Raises
    ssl.SSLError for what is no PEM text.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.set_alpn_protocols(["http/1.1"])
    if asking:
        context.load_verify_locations(cadata=asking)
        context.verify_mode = ssl.CERT_OPTIONAL
    return context


class Asking:
    """The context of the next connection: one that asks for the certificates of those who are trusted now.

    `trusted` returns their authorities (PEM), or nothing to ask nobody; `make` a context that asks for them.
    """

    def __init__(self, make: Callable[[str], ssl.SSLContext], trusted: Callable[[], str]) -> None:
        self._make = make
        self._trusted = trusted
        self._asked = trusted()
        self._context = make(self._asked)

    def __call__(self) -> ssl.SSLContext:
        trusted = self._trusted()
        if trusted != self._asked:
            self._asked = trusted
            try:
                self._context = self._make(trusted)
            except (OSError, ssl.SSLError) as error:
                _log.warning("clients are not asked for the certificates of the records' authorities: %s", error)
        return self._context


def context_from_files(certificate: str, key: str, asking: str = "") -> ssl.SSLContext:
    """Return a server context with a given certificate and key. Raises OSError or ssl.SSLError for unusable files."""
    context = new_context(asking)
    # Without a password of its own the library would ask for one on the terminal, and wait.
    context.load_cert_chain(certificate, key, password="")
    return context


def names_of(instance_name: str, host: str, more: Iterable[str] = ()) -> tuple[str, ...]:
    """Return the names for the certificate of a server that listens on `host`.

    Always the loopback names and `<instance_name>.service-now.com`; the address it listens on; the machine's own name
    when it listens on all; and `more`.
    """
    names = [*LOOPBACK, f"{instance_name.lower()}.service-now.com"]
    if host in EVERY_ADDRESS:
        own = socket.gethostname()
        names.append(own if _is_host_name(own) else "localhost")
    else:
        names.append(host)
    return tuple(dict.fromkeys([*names, *more]))


def matches(host: str, patterns: Iterable[str]) -> bool:
    """Tell whether a pattern means a host name: the name itself, `*.` with what the name ends in, or `*` for any."""
    name = host.lower().rstrip(".")
    for pattern in patterns:
        wanted = pattern.lower()
        if wanted in ("*", name) or (wanted.startswith("*.") and name.endswith(wanted[1:]) and name != wanted[1:]):
            return True
    return False


def _is_host_name(text: str) -> bool:
    if not text.isascii() or len(text) > 253:
        return False
    try:
        ipaddress.ip_address(text)
    except ValueError:
        labels = text.split(".")
        return all(label and len(label) <= 63 and label.replace("-", "").replace("_", "").isalnum() for label in labels)
    return False


class HostCertificates:
    """Makes a certificate for each host name that a client asks for, within `patterns`, and one for `names`.

    With `asking` clients are asked for a certificate of these authorities (PEM).

    `context` serves: it shows the certificate of the name in the client's hello, else that of `names`.
    """

    def __init__(
        self, authority: DevelopmentAuthority, names: Iterable[str], patterns: Iterable[str] = (), *, asking: str = ""
    ) -> None:
        self._authority = authority
        self._asking = asking
        self._names = tuple(names)
        self._patterns = tuple(patterns)
        self._made: OrderedDict[str, ssl.SSLContext] = OrderedDict()
        self._lock = threading.Lock()
        self.context = self._issued(self._names)
        self.context.sni_callback = self._choose

    def _choose(self, sock: ssl.SSLObject, name: str | None, _: ssl.SSLContext) -> int | None:
        host = (name or "").lower()
        if host and host not in self._names and _is_host_name(host) and matches(host, self._patterns):
            sock.context = self._for_host(host)
        return None

    def _for_host(self, host: str) -> ssl.SSLContext:
        with self._lock:
            context = self._made.pop(host, None) or self._issued((host,))
            self._made[host] = context
            while len(self._made) > MOST_CERTIFICATES:
                self._made.popitem(last=False)
        return context

    def _issued(self, names: Iterable[str]) -> ssl.SSLContext:
        context = new_context(self._asking)
        # The library reads certificates from files only; this one is gone before the first connection.
        handle, name = tempfile.mkstemp(prefix="sandtable-", suffix=".pem")
        try:
            with os.fdopen(handle, "w", encoding="ascii") as stream:
                stream.write(self._authority.issue(names))
            context.load_cert_chain(name)
        finally:
            Path(name).unlink()
        return context
