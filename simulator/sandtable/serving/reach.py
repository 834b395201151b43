"""What one process listens on: the instance's own port, and the proxy when it is asked for."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

from sandtable.core.values.texts import comma_list
from sandtable.serving.server import Server, ServerError
from sandtable.settings.settings import Settings
from sandtable.settings.unanswered import bare_reason

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

    from sandtable.serving.proxy import ConnectProxy
    from sandtable.serving.tls.authority import DevelopmentAuthority
    from sandtable.serving.tls.contexts import Asking
    from sandtable.serving.workers.post import Post


class Reach:
    """The listeners of one application, by its settings; `stop` ends them all.

    `trusted` returns the authorities whose certificates clients are asked for over TLS (PEM), or nothing. One process
    of several is given the `listener` of the port, and the `post` between the processes.

    Raises ServerError for an address that is taken or a certificate that cannot be used, and AuthorityError of
    `sandtable.serving.tls.errors` for a development CA that cannot.
    """

    def __init__(
        self,
        app: WSGIApplication,
        settings: Settings,
        trusted: Callable[[], str] = str,
        *,
        listener: socket.socket | None = None,
        post: Post | None = None,
    ) -> None:
        self._app = app
        self._settings = settings
        self._trusted = trusted
        self._open = ExitStack()
        self.authority: DevelopmentAuthority | None = None
        self.proxy: ConnectProxy | None = None
        self._asking: Asking | None = None
        self.server = Server(
            app,
            settings.host,
            settings.port,
            self._context(),
            threads=settings.threads,
            listener=listener,
            post=post,
        )

    def start(self) -> Reach:
        """Begin to listen everywhere; when one address is taken, none is kept."""
        with ExitStack() as starting:
            starting.enter_context(self.server)
            if self._settings.proxy is not None:
                self.proxy = self._start_proxy(starting, self._settings.proxy)
            self._open = starting.pop_all()
        return self

    def stop(self) -> None:
        """End the listeners, the proxy first; requests that are being answered finish."""
        self._open.close()

    def _context(self) -> Callable[[], ssl.SSLContext] | None:
        settings = self._settings
        if settings.tls_certificate:
            from sandtable.serving.tls.contexts import Asking, context_from_files

            try:
                return Asking(
                    lambda asking: context_from_files(settings.tls_certificate, settings.tls_key, asking), self._trusted
                )
            except OSError as error:
                is_no_pem = isinstance(error, ssl.SSLError)
                reason = "they are no certificate in PEM and its key" if is_no_pem else bare_reason(error)
                files = f"tls_certificate {settings.tls_certificate} and tls_key {settings.tls_key}"
                raise ServerError(f"{files} cannot be used: {reason}") from None
        return self._made() if settings.tls else None

    def _made(self) -> Asking:
        """Return contexts with certificates of the development CA, one set for the server and the proxy."""
        from sandtable.serving.tls.authority import open_authority
        from sandtable.serving.tls.contexts import Asking, HostCertificates, names_of

        if self._asking is None:
            settings = self._settings
            hosts = comma_list(settings.proxy_hosts)
            # A client that connects to an address names no host in its hello, so the one certificate must have it.
            plain = (host for host in hosts if not host.startswith("*"))
            authority = open_authority(Path(settings.ca_folder) if settings.ca_folder else None)
            names = names_of(settings.name, settings.host, [*comma_list(settings.tls_names), *plain])
            self.authority = authority
            self._asking = Asking(
                lambda asking: HostCertificates(authority, names, hosts, asking=asking).context, self._trusted
            )
        return self._asking

    def _start_proxy(self, starting: ExitStack, port: int) -> ConnectProxy:
        from sandtable.serving.proxy import ConnectProxy

        settings = self._settings
        inner = starting.enter_context(Server(self._app, "127.0.0.1", 0, self._made(), threads=settings.threads))
        proxy = ConnectProxy(("127.0.0.1", inner.port), settings.host, port, comma_list(settings.proxy_hosts))
        return starting.enter_context(proxy)
