"""Outbound calls of scripts: to what a test has planted, to this machine when that is allowed, to nobody else."""

from __future__ import annotations

import base64
import threading
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode, urlsplit

if TYPE_CHECKING:
    from sandtable.core.platform.table_access import Record
    from sandtable.scripting.run import Run

LOOPBACK = "sandtable.script.outbound_loopback"
HOSTS = frozenset({"localhost", "127.0.0.1", "::1"})
SOCKET_TIMEOUT, UNREACHABLE = 1, 6
LARGEST = 10 * 1024 * 1024


def rest_message(run: Run, kind: str, name: str, function: str) -> dict[str, Any]:
    """Return what the record of a named message and its function say: address, method, headers, body."""
    table = "sys_rest_message" if kind == "rest" else "sys_soap_message"
    dictionary = run.instance.dictionary
    message = run.instance.system().table(table).first(filters={"name": name}) if dictionary.has(table) else None
    if message is None:
        run.instance.ledger.note("script", f"{kind} message {name}", f"there is no record of {table} with this name")
        return {}
    found: dict[str, Any] = {"endpoint": message["rest_endpoint"] or message["wsdl"], "method": "POST"}
    headers = _headers(run, "sys_rest_message_headers", "rest_message", message)
    own = _function(run, kind, message, function)
    if own is not None:
        found["endpoint"] = own["rest_endpoint"] or own["soap_endpoint"] or found["endpoint"]
        found["method"] = (own["http_method"] or ("POST" if kind == "soap" else "GET")).upper()
        found["body"] = own["content"] or own["envelope"] or None
        headers += _headers(run, "sys_rest_message_fn_headers", "rest_message_function", own)
        found["query"] = [
            [each["name"], each["value"]]
            for each in _lines(run, "sys_rest_message_fn_param_defs", "rest_message_function", own)
        ]
    found["headers"] = headers
    return found


def _function(run: Run, kind: str, message: Record, name: str) -> Record | None:
    table, reference = (
        ("sys_rest_message_fn", "rest_message") if kind == "rest" else ("sys_soap_message_function", "soap_message")
    )
    if not name or not run.instance.dictionary.has(table):
        return None
    for each in run.instance.system().table(table).query(f"{reference}={message.sys_id}"):
        if each["function_name"].casefold() == name.casefold():
            return each
    return None


def _lines(run: Run, table: str, reference: str, record: Record) -> list[Record]:
    if not run.instance.dictionary.has(table):
        return []
    return run.instance.system().table(table).query(f"{reference}={record.sys_id}")


def _headers(run: Run, table: str, reference: str, record: Record) -> list[list[str]]:
    return [[each["name"], each["value"]] for each in _lines(run, table, reference, record)]


def send(run: Run, message: Mapping[str, Any]) -> dict[str, Any]:
    """Answer an outbound call: by a stub, by a program on this machine, or with the error of an unreachable host."""
    url = message["endpoint"]
    if message["query"]:
        url += ("&" if "?" in url else "?") + urlencode([tuple(each) for each in message["query"]])
    headers = [(name, value) for name, value in message["headers"]]
    if message["user"]:
        token = base64.b64encode(f"{message['user']}:{message['password']}".encode()).decode("ascii")
        headers.append(("Authorization", f"Basic {token}"))
    method = message["method"] or "GET"
    run.outbound.calls.append((method, url, message["body"] or ""))
    for stub in reversed(run.outbound.stubs):
        if url.startswith(stub.url) and stub.method.upper() in ("", method):
            return _answer(stub.status, stub.body, stub.headers, stub.error, UNREACHABLE if stub.error else 0)
    try:
        host = urlsplit(url).hostname or ""
    except ValueError:
        host = ""
    if host in HOSTS and run.instance.property_is_true(LOOPBACK, False):
        return _over_loopback(run, method, url, headers, message)
    name = message["name"] or url
    run.instance.ledger.note(
        "outbound", f"{method} {host or url}", f"{name} is not called; plant an answer, or allow loopback"
    )
    run.instance.log("error", "RESTMessageV2", f"{method} {url} is not called: outbound calls need a planted answer")
    return _answer(0, "", (), f"Unknown host: {host or url}", UNREACHABLE)


def _answer(status: int, body: str, headers: Any, error: str, code: int) -> dict[str, Any]:
    return {
        "status": status, "body": body, "headers": [list(each) for each in headers], "error": error, "error_code": code,
        "query": "",
    }  # fmt: skip


def _over_loopback(
    run: Run, method: str, url: str, headers: list[tuple[str, str]], message: Mapping[str, Any]
) -> dict[str, Any]:
    seconds = float(message["timeout"] or 0) / 1000 or 10.0
    found: list[dict[str, Any]] = []

    def call() -> None:
        found.append(_request(method, url, headers, message["body"], seconds))

    # The instance is let go meanwhile: the program that is called may well be a client of it.
    condition = threading.Condition(run.instance.lock)  # type: ignore[arg-type]

    def work() -> None:
        call()
        _notify(condition)

    worker = threading.Thread(target=work, daemon=True)
    with condition:
        worker.start()
        condition.wait_for(lambda: bool(found), timeout=seconds + 1)
    return found[0] if found else _answer(0, "", (), "Read timed out", SOCKET_TIMEOUT)


def _notify(condition: threading.Condition) -> None:
    with condition:
        condition.notify_all()


def _request(method: str, url: str, headers: list[tuple[str, str]], body: str | None, seconds: float) -> dict[str, Any]:
    from http.client import HTTPConnection, HTTPException, HTTPSConnection

    parts = urlsplit(url)
    kind = HTTPSConnection if parts.scheme == "https" else HTTPConnection
    try:
        connection = kind(parts.hostname or "", parts.port, timeout=seconds)
    except (ValueError, HTTPException) as error:  # a port that is none
        return _answer(0, "", (), f"{type(error).__name__}: {error}", UNREACHABLE)
    try:
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        connection.request(method, path, body.encode() if body is not None else None, dict(headers))
        answer = connection.getresponse()
        text = answer.read(LARGEST).decode("utf-8", "replace")
        return _answer(answer.status, text, answer.getheaders(), "", 0)
    except TimeoutError:
        return _answer(0, "", (), "Read timed out", SOCKET_TIMEOUT)
    except (OSError, HTTPException) as error:
        return _answer(0, "", (), f"{type(error).__name__}: {error}", UNREACHABLE)
    finally:
        connection.close()


OPERATIONS: dict[str, Callable[..., Any]] = {"rest_message": rest_message, "send": send}
