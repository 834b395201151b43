"""The head of a request: its request line and headers, read as strictly as RFC 9112 asks of a server."""

from __future__ import annotations

import re
import sys
from dataclasses import dataclass
from functools import lru_cache
from http import HTTPStatus
from typing import Any
from urllib.parse import unquote_to_bytes

LONGEST_LENGTH = 40  # digits of a Content-Length; more say nothing that fewer do not
_TOKEN = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+")
_LINE = re.compile(r"([!#$%&'*+\-.^_`|~0-9A-Za-z]+) ([\x21-\x7e\x80-\xff]+) HTTP/(\d)\.(\d)")
# A tab may stand in a value; nothing else of this kind may stand anywhere.
_CONTROL = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")
_ABSOLUTE = re.compile(r"https?://(?:[^/?#@]*@)?([^/?#]*)(.*)", re.IGNORECASE | re.DOTALL)
_HOST = re.compile(r"(?:\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9.\-_~%!$&'()*+;=]*)(?::(\d{0,5}))?")


class BadRequestHead(Exception):
    """What came is no request that can be answered; `status` and `text` say why, and the connection ends."""

    def __init__(self, status: int, text: str) -> None:
        self.status, self.text = status, text
        super().__init__(f"{status} {text}")


@dataclass(slots=True)
class Head:
    """What the head says of what follows: `length` in bytes, or None without one; `chunked`; whether the client waits
    to be told to go on; whether the connection may be kept; and the WSGI environment, complete but for the body."""

    environ: dict[str, Any]
    method: str
    is_1_1: bool
    length: int | None
    chunked: bool
    expects: bool
    keeps: bool

    @property
    def has_body(self) -> bool:
        """Whether a body follows."""
        return self.chunked or bool(self.length)


def common_environ(port: int, scheme: str) -> dict[str, Any]:
    """Return what the WSGI environments of all requests have in common."""
    common: dict[str, Any] = {
        "SCRIPT_NAME": "",
        "SERVER_NAME": "ServiceNow",
        "SERVER_PORT": str(port),
        "SERVER_SOFTWARE": "ServiceNow",
        "wsgi.errors": sys.stderr,
        "wsgi.multiprocess": False,
        "wsgi.multithread": True,
        "wsgi.run_once": False,
        "wsgi.url_scheme": scheme,
        "wsgi.version": (1, 0),
    }
    return common if scheme == "http" else {**common, "HTTPS": "on"}


def parse_head(data: bytes, environ: dict[str, Any]) -> Head:
    """Return the head in `data`, without the empty line at its end; `environ` is filled.

    Header names with an underscore are left out, since the environment could not tell them from dashed ones; values
    sent more than once are joined. Raises BadRequestHead.
    """
    text = data.decode("latin-1")
    lines = text.split("\r\n")
    asked = _LINE.fullmatch(lines[0])
    if asked is None:
        raise BadRequestHead(400, "The request line is not a method, a target and a version")
    method, target, major, minor = asked.groups()
    if major != "1":
        raise BadRequestHead(505, "This server speaks version 1.1 of HTTP")
    if _CONTROL.search("".join(lines)):
        raise BadRequestHead(400, "Control character in a header")
    is_1_1 = minor != "0"
    hosts = 0
    for index in range(1, len(lines)):
        name, colon, value = lines[index].partition(":")
        if not colon:
            raise BadRequestHead(400, "A header line has no colon")
        key = _key(name)
        value = value.strip(" \t")
        if key == "HTTP_HOST":
            hosts += 1
        if not key:
            continue
        if key in environ:
            value = f"{environ[key]}{'; ' if key == 'HTTP_COOKIE' else ', '}{value}"
        environ[key] = value
    method = method.upper()
    if method == "CONNECT":
        raise BadRequestHead(405, "This server is no proxy")
    _check_host(environ, hosts, is_1_1)
    environ["REQUEST_METHOD"] = method
    environ["SERVER_PROTOCOL"] = "HTTP/1.1" if is_1_1 else "HTTP/1.0"
    _put_target(method, target, environ)
    chunked = _is_chunked(environ, is_1_1)
    connection = environ.get("HTTP_CONNECTION", "").lower()
    keeps = "close" not in connection if is_1_1 else "keep-alive" in connection
    expects = is_1_1 and environ.get("HTTP_EXPECT", "").lower() == "100-continue"
    environ["wsgi.input_terminated"] = chunked
    return Head(environ, method, is_1_1, _length(environ, chunked=chunked), chunked, expects, keeps)


@lru_cache(maxsize=1_000)
def _key(name: str) -> str:
    """Return the name of a header in the environment, empty for one that is dropped. Raises BadRequestHead."""
    if not _TOKEN.fullmatch(name):
        raise BadRequestHead(400, "A header name is no token")
    if "_" in name:
        return ""
    key = name.upper().replace("-", "_")
    return key if key in ("CONTENT_TYPE", "CONTENT_LENGTH") else f"HTTP_{key}"


def _check_host(environ: dict[str, Any], hosts: int, is_1_1: bool) -> None:  # noqa: FBT001
    if hosts > 1 or (is_1_1 and not hosts):
        raise BadRequestHead(400, "A request has one Host header")
    if hosts and not is_host(environ["HTTP_HOST"]):
        raise BadRequestHead(400, "The Host header is no host")


@lru_cache(maxsize=1_000)
def is_host(text: str) -> bool:
    """Tell whether a text is a host with or without a port, or empty, as a Host header may be."""
    found = _HOST.fullmatch(text)
    return found is not None and (not found[1] or int(found[1]) <= 65535)


def _put_target(method: str, target: str, environ: dict[str, Any]) -> None:
    environ["REQUEST_URI"] = target
    if "#" in target:
        raise BadRequestHead(400, "A request target has no fragment")
    if not target.startswith("/"):
        absolute = _ABSOLUTE.fullmatch(target)
        if absolute is not None:
            # RFC 9112, 3.2.2: a server takes the whole address as well, whose host then is the one that counts.
            host, rest = absolute.groups()
            target = rest if rest.startswith("/") else f"/{rest}"
            if host:
                if not is_host(host):
                    raise BadRequestHead(400, "The address has no host")
                environ["HTTP_HOST"] = host
        elif not (target == "*" and method == "OPTIONS"):
            raise BadRequestHead(400, "The request target is no path and no address")
    path, _, environ["QUERY_STRING"] = target.partition("?")
    environ["PATH_INFO"] = unquote_to_bytes(path).decode("latin-1") if "%" in path else path
    environ["RAW_URI"] = target


def _is_chunked(environ: dict[str, Any], is_1_1: bool) -> bool:  # noqa: FBT001
    coding = environ.get("HTTP_TRANSFER_ENCODING")
    if coding is None:
        return False
    if "CONTENT_LENGTH" in environ or not is_1_1:
        raise BadRequestHead(400, "Transfer-Encoding stands beside Content-Length, or in an old version of HTTP")
    if coding.lower() != "chunked":
        raise BadRequestHead(501, "The only transfer coding that is understood is chunked")
    return True


def _length(environ: dict[str, Any], *, chunked: bool) -> int | None:
    declared = environ.get("CONTENT_LENGTH")
    if declared is None:
        return None
    if chunked or not (declared.isascii() and declared.isdigit()) or len(declared) > LONGEST_LENGTH:
        raise BadRequestHead(400, "Content-Length is not a number")
    return int(declared)


@lru_cache(maxsize=64)
def status_line(status: int) -> str:
    """Return the status with its reason: `404 Not Found`."""
    try:
        return f"{status} {HTTPStatus(status).phrase}"
    except ValueError:
        return f"{status} Unknown"


def refusal(status: int, text: str) -> bytes:
    """Return a whole answer in plain text that ends the connection."""
    body = f"{text}\n".encode("latin-1", "replace")
    return (
        f"HTTP/1.1 {status_line(status)}\r\nContent-Type: text/plain\r\nContent-Length: {len(body)}\r\n"
        "Connection: close\r\n\r\n"
    ).encode("latin-1") + body
