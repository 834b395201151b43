"""A reverse proxy that passes requests on to an instance and writes down what both sides said, redacted."""

from __future__ import annotations

import json
import logging
import re
import threading
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

import urllib3

from sandtable.recording.exchanges import Exchange, RecordingError, file_name, last_number
from sandtable.recording.redactor import Redactor, path_of
from sandtable.settings.unanswered import innermost_reason
from sandtable.web.journal.observing import observing

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

HOP_BY_HOP = frozenset(
    {
        "connection",
        "content-encoding",
        "content-length",
        "keep-alive",
        "proxy-authenticate",
        "proxy-authorization",
        "proxy-connection",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
    }
)
_REWRITTEN = ("text/", "application/json", "application/xml")
_COOKIE_BOUND = re.compile(r";\s*(?:Domain=[^;]*|Secure)(?=;|$)", re.IGNORECASE)
OWN_PREFIX = "/_sandtable/health/"
_log = logging.getLogger("sandtable.recording")


class RecordingProxy:
    """A WSGI application in front of the instance at `upstream`; every exchange becomes a file in `folder`.

    Links that lead to the instance lead to the proxy instead, so that a client stays with it. `tell` is called with
    each exchange that was written, `complain` with a line for each that could not be: its client gets the answer of
    the instance all the same. Raises RecordingError for an address that is none and a folder that cannot be made.
    """

    def __init__(
        self,
        upstream: str,
        folder: Path | str,
        redactor: Redactor | None = None,
        *,
        ca_file: str = "",
        timeout: float = 60.0,
        tell: Callable[[Exchange], None] | None = None,
        complain: Callable[[str], None] | None = None,
    ) -> None:
        self.upstream = upstream.rstrip("/")
        parts = urlsplit(self.upstream)
        if parts.username or parts.password:
            raise RecordingError("the upstream has credentials in it; leave them out, the client sends its own")
        if parts.scheme not in ("http", "https") or not parts.hostname or parts.path or parts.query:
            raise RecordingError(f"the upstream must be like https://acme.service-now.com, not {upstream!r}")
        self.folder = Path(folder)
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            self._number = last_number(self.folder)
        except OSError as error:
            reason = "it is a file; name a folder" if isinstance(error, FileExistsError) else error.strerror or error
            raise RecordingError(f"{folder} cannot be used for recordings: {reason}") from None
        self.redactor = redactor or Redactor(self.upstream)
        self._tell = tell or (lambda exchange: None)
        self._complain = complain or _log.warning
        self._pool = _pool(parts.scheme, parts.hostname, ca_file)
        self._timeout = timeout
        self._lock = threading.Lock()

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Pass one request on and answer what the instance answered; 502 says that it did not."""
        if environ.get("PATH_INFO", "").startswith(OWN_PREFIX):
            start_response("200 OK", [("Content-Type", "application/json"), ("Content-Length", "15")])
            return [b'{"status":"ok"}']
        with self._lock:
            self._number += 1
            number = self._number
        body = _body_of(environ)
        headers = _headers_of(environ)
        target = environ.get("RAW_URI") or environ.get("PATH_INFO", "/")
        method = environ["REQUEST_METHOD"]
        try:
            answer = self._pool.request(
                method,
                self.upstream + target,
                body=body or None,
                headers=_forwarded(headers),
                redirect=False,
                retries=False,
                timeout=self._timeout,
                preload_content=True,
            )
        except urllib3.exceptions.HTTPError as error:
            return _refused(start_response, f"{self.upstream} does not answer: {innermost_reason(error)}")
        data = answer.data
        kept = [(name, value) for name, value in answer.headers.items() if name.lower() not in HOP_BY_HOP]
        try:
            self._write(number, method, target, headers, body, answer.status, answer.reason or "", kept, data)
        except Exception as error:
            with observing("an exchange that could not be recorded"):
                self._complain(f"{method} {path_of(target)[0]} is not recorded: {type(error).__name__}: {error}")
        here = f"{environ['wsgi.url_scheme']}://{environ.get('HTTP_HOST') or _own_host(environ)}"
        sent, passed = self._led_here(data, kept, here, answer.headers.get("Content-Type", ""))
        length = answer.headers.get("Content-Length") if method == "HEAD" else str(len(sent))
        if length is not None and answer.status not in (204, 304):
            passed.append(("Content-Length", length))
        start_response(f"{answer.status} {answer.reason or ''}", passed)
        return [sent]

    def _write(
        self,
        number: int,
        method: str,
        target: str,
        headers: list[tuple[str, str]],
        body: bytes,
        status: int,
        reason: str,
        kept: list[tuple[str, str]],
        data: bytes,
    ) -> None:
        path, query = path_of(target)
        exchange = Exchange(
            file_name(number, method, path),
            self.redactor.request(method, path, query, headers, body),
            self.redactor.answer(status, reason, kept, data),
        )
        # Under another name first, so that a reader never finds half a file.
        part = self.folder / f".{exchange.name}.part"
        part.write_text(exchange.as_json(), encoding="utf-8")
        part.replace(self.folder / exchange.name)
        with observing("an exchange that was recorded"):
            self._tell(exchange)

    def _led_here(
        self, data: bytes, headers: list[tuple[str, str]], here: str, content_type: str
    ) -> tuple[bytes, list[tuple[str, str]]]:
        secure = here.startswith("https:")
        passed = []
        for name, value in headers:
            text = value.replace(self.upstream, here)
            if name.lower() == "set-cookie":
                text = (
                    re.sub(r";\s*Domain=[^;]*", "", text, flags=re.IGNORECASE)
                    if secure
                    else _COOKIE_BOUND.sub("", text)
                )
            passed.append((name, text))
        if content_type.lower().startswith(_REWRITTEN):
            data = data.replace(self.upstream.encode(), here.encode())
        return data, passed


def _pool(scheme: str, host: str, ca_file: str) -> urllib3.PoolManager:
    options: dict[str, Any] = {"cert_reqs": "CERT_REQUIRED", "maxsize": 16}
    if ca_file:
        if not Path(ca_file).is_file():
            raise RecordingError(f"there is no certificate file {ca_file}")
        options["ca_certs"] = ca_file
    proxy = getproxies().get(scheme)
    if proxy and not proxy_bypass(host):
        return urllib3.ProxyManager(proxy, **options)
    return urllib3.PoolManager(**options)


def _headers_of(environ: WSGIEnvironment) -> list[tuple[str, str]]:
    headers = [
        ("-".join(word.capitalize() for word in key[5:].split("_")), str(value))
        for key, value in environ.items()
        if key.startswith("HTTP_")
    ]
    if environ.get("CONTENT_TYPE"):
        headers.append(("Content-Type", environ["CONTENT_TYPE"]))
    return headers


def _forwarded(headers: list[tuple[str, str]]) -> dict[str, str]:
    kept = {name: value for name, value in headers if name.lower() not in HOP_BY_HOP | {"host", "accept-encoding"}}
    # A recording is text; compressed, it would have to be unpacked first.
    return {**kept, "Accept-Encoding": "identity"}


def _body_of(environ: WSGIEnvironment) -> bytes:
    stream = environ["wsgi.input"]
    length = environ.get("CONTENT_LENGTH") or ""
    if length.isdigit():
        data: bytes = stream.read(int(length))
        return data
    chunked = "chunked" in environ.get("HTTP_TRANSFER_ENCODING", "").lower()
    return stream.read() if chunked or environ.get("wsgi.input_terminated") else b""


def _own_host(environ: WSGIEnvironment) -> str:
    return f"{environ.get('SERVER_NAME', 'localhost')}:{environ.get('SERVER_PORT', '80')}"


def _refused(start_response: StartResponse, reason: str) -> list[bytes]:
    text = json.dumps({"error": {"message": "The recording proxy has no answer", "detail": reason}}).encode()
    start_response("502 Bad Gateway", [("Content-Type", "application/json"), ("Content-Length", str(len(text)))])
    return [text]
