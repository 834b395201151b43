"""A proxy for clients that build `https://NAME.service-now.com` themselves: every CONNECT tunnel leads home.

The tunnel carries the client's own TLS to a server of this process, which shows a certificate of the development CA for
the name asked for. Nothing is ever passed on to another machine.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import re
import socket
import ssl
import struct
import threading
from collections.abc import Iterable
from types import TracebackType

from sandtable.serving.server import ServerError, url_of
from sandtable.serving.tls.contexts import matches
from sandtable.settings.unanswered import bare_reason

DEFAULT_HOSTS = ("*.service-now.com",)
LONGEST_HEAD = 16 * 1024
HEAD_SECONDS = 20
CHUNK = 64 * 1024
REASONS = {400: "Bad Request", 403: "Forbidden", 405: "Method Not Allowed", 431: "Request Header Fields Too Large"}

_log = logging.getLogger("sandtable.serving.proxy")
_REQUEST_LINE = re.compile(r"(?P<method>[A-Z]{1,16}) (?P<target>[\x21-\x7e]+) HTTP/1\.[01]")
_WHOLE = re.compile(
    r"https://(?P<host>\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._\-]{1,253})(?::\d{1,5})?(?:[/?]|$)", re.IGNORECASE
)
_AUTHORITY = re.compile(r"(?P<host>\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._\-]{1,253}):(?P<port>\d{1,5})")


class Refused(Exception):
    """The proxy does not do what was asked; `text` says why and what to do instead."""

    def __init__(self, status: int, text: str) -> None:
        self.status, self.text = status, text
        super().__init__(f"{status} {text}")


class ConnectProxy:
    """An HTTP proxy that answers CONNECT for `hosts` with tunnels to `backend`, and refuses all else.

    A request for a whole https address of those hosts is passed to the backend as it is.

    `backend` is (address, port) of a server that speaks TLS for those hosts. `port` 0 takes a free one. Raises
    ServerError from `start` when the address is taken.
    """

    def __init__(
        self,
        backend: tuple[str, int],
        host: str = "127.0.0.1",
        port: int = 0,
        hosts: Iterable[str] = DEFAULT_HOSTS,
    ) -> None:
        self.host = host
        self.hosts = tuple(hosts)
        self._backend = backend
        self._port = port
        self._thread: threading.Thread | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stopping: asyncio.Event | None = None
        self._tunnels: set[asyncio.Task[None]] = set()

    @property
    def port(self) -> int:
        """The port in use."""
        return self._port

    @property
    def url(self) -> str:
        """The value for HTTPS_PROXY of clients on this machine."""
        return url_of("http", self.host, self._port)

    def start(self) -> ConnectProxy:
        """Begin to listen, and return once connections are accepted."""
        family = socket.AF_INET6 if ":" in self.host else socket.AF_INET
        try:
            listener = socket.create_server((self.host, self._port), family=family, backlog=128)
        except (OSError, OverflowError) as error:
            reason = bare_reason(error) if isinstance(error, OSError) else str(error)
            raise ServerError(
                f"the proxy cannot listen on {self.host} port {self._port}: {reason}; "
                "choose another with --proxy (0 takes a free one)"
            ) from None
        self._port = int(listener.getsockname()[1])
        ready = threading.Event()
        self._thread = threading.Thread(
            target=lambda: asyncio.run(self._serve(listener, ready)), name="sandtable-proxy", daemon=True
        )
        self._thread.start()
        ready.wait()
        return self

    def stop(self) -> None:
        """Stop listening, and end every tunnel."""
        if self._thread is None or self._loop is None or self._stopping is None:
            return
        self._loop.call_soon_threadsafe(self._stopping.set)
        self._thread.join()
        self._thread = None

    def __enter__(self) -> ConnectProxy:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    # one connection --------------------------------------------------------------------------------------------

    async def _serve(self, listener: socket.socket, ready: threading.Event) -> None:
        self._loop = asyncio.get_running_loop()
        self._stopping = asyncio.Event()
        server = await asyncio.start_server(self._accepted, sock=listener, limit=LONGEST_HEAD)
        ready.set()
        await self._stopping.wait()
        server.close()
        for tunnel in self._tunnels:
            tunnel.cancel()
        await asyncio.gather(*self._tunnels, return_exceptions=True)

    async def _accepted(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tunnels.add(task)
        try:
            await self._answer(reader, writer)
        except (OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
            # The client has gone, or never said what it wanted; or the proxy stops, which is no error to be logged.
            pass
        finally:
            await _closed(writer)
            self._tunnels.discard(task)

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            head = await _head(reader)
            whole = self._check(head)
        except Refused as refusal:
            _log.warning("refused: %s", refusal.text)
            writer.write(_refusal(refusal))
            await writer.drain()
            return
        if whole:
            # Nobody else checks this certificate: it is this process's own, and the client sees none of it.
            secure = ssl.create_default_context()
            secure.check_hostname, secure.verify_mode = False, ssl.CERT_NONE
            server_reader, server_writer = await asyncio.open_connection(
                *self._backend, ssl=secure, server_hostname=whole
            )
        else:
            server_reader, server_writer = await asyncio.open_connection(*self._backend)
        try:
            if whole:
                server_writer.write(head.encode("latin-1"))
            else:
                writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
                await writer.drain()
            await asyncio.gather(_pump(reader, server_writer), _pump(server_reader, writer))
        except ConnectionError:
            # A reset on one side is a reset on the other: faults cut connections on purpose.
            _reset(writer)
            _reset(server_writer)
        finally:
            await _closed(server_writer)

    def _check(self, head: str) -> str:
        """Raise Refused for a request that is not a CONNECT to one of the hosts; return the host of a whole address.

        Older clients of Node (axios before 1.16) send `GET https://host/...` instead of CONNECT, and are served too.
        """
        line = head.partition("\r\n")[0]
        asked = _REQUEST_LINE.fullmatch(line)
        if asked is None:
            raise Refused(400, "this is an HTTP proxy, and the request is no HTTP request")
        shown = ", ".join(self.hosts)
        whole = _WHOLE.match(asked["target"])
        if asked["method"] != "CONNECT" and whole is not None:
            self._check_host(whole["host"].strip("[]"))
            return whole["host"].strip("[]")
        if asked["method"] != "CONNECT":
            raise Refused(405, f"this proxy answers CONNECT only, that is, https URLs of {shown}")
        target = _AUTHORITY.fullmatch(asked["target"])
        if target is None or not 0 < int(target["port"]) <= 65535:
            raise Refused(400, "CONNECT takes host:port")
        self._check_host(target["host"].strip("[]"))
        return ""

    def _check_host(self, host: str) -> None:
        shown = ", ".join(self.hosts)
        if not matches(host, self.hosts):
            raise Refused(
                403,
                f"{host} is not simulated here: this proxy answers for {shown} and passes nothing on; "
                "put the host into NO_PROXY, or name it with --proxy-hosts to simulate it",
            )


async def _head(reader: asyncio.StreamReader) -> str:
    try:
        data = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), HEAD_SECONDS)
    except asyncio.LimitOverrunError:
        raise Refused(431, f"the head of a proxy request may have {LONGEST_HEAD} bytes") from None
    return data.decode("latin-1")


def _refusal(refusal: Refused) -> bytes:
    body = f"{refusal.text}\n".encode("ascii", "replace")
    allow = "Allow: CONNECT\r\n" if refusal.status == 405 else ""
    # Many clients show the reason phrase of a refused CONNECT and nothing else, so the text is there as well.
    return (
        f"HTTP/1.1 {refusal.status} {REASONS[refusal.status]}: {refusal.text}\r\n"
        f"Content-Type: text/plain\r\nContent-Length: {len(body)}\r\n{allow}Connection: close\r\n\r\n"
    ).encode("ascii", "replace") + body


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while data := await reader.read(CHUNK):
        writer.write(data)
        await writer.drain()
    if writer.can_write_eof():
        writer.write_eof()


def _reset(writer: asyncio.StreamWriter) -> None:
    sock = writer.get_extra_info("socket")
    with contextlib.suppress(OSError):
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()


async def _closed(writer: asyncio.StreamWriter) -> None:
    writer.close()
    with contextlib.suppress(OSError):
        await writer.wait_closed()
