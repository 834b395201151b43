"""The server and its in-process counterpart give an application the same request, and the client the same answer."""

from __future__ import annotations

import http.client
import json
import socket
import time
from collections.abc import Iterable, Iterator
from typing import Any

import pytest
import requests

from sandtable.library.in_process import session_for
from sandtable.serving.server import Server, ServerError

pytestmark = [pytest.mark.ours("a request is the same in process and over a socket"), pytest.mark.sockets]

ECHOED = ("REQUEST_METHOD", "PATH_INFO", "QUERY_STRING", "RAW_URI", "CONTENT_TYPE", "CONTENT_LENGTH", "HTTP_X_ONE")


def echo(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
    """An application that says what it was asked, or breaks the connection."""
    connection = environ["sandtable.connection"]
    path = environ["PATH_INFO"]
    if path in ("/reset", "/end"):
        connection.abort(reset=path == "/reset")
        start_response("200 OK", [])
        return [b"never seen"]
    if path in ("/half", "/half-chunked"):
        start_response("200 OK", [("Content-Length", "100")] if path == "/half" else [])
        return half(connection)
    body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 1000)) if path == "/body" else b""
    seen = {name: environ.get(name) for name in ECHOED} | {"body": body.decode("latin-1")}
    headers = [("Content-Type", "application/json"), ("Set-Cookie", "a=1"), ("Set-Cookie", "b=2; Path=/")]
    start_response("200 OK", headers)
    return [json.dumps(seen).encode()]


def half(connection: Any) -> Iterator[bytes]:
    yield b"half"
    connection.abort(reset=False)


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with Server(echo) as running:
        yield running


@pytest.fixture(params=["in-process", "live"])
def client(request: pytest.FixtureRequest, server: Server) -> Iterator[tuple[requests.Session, str]]:
    if request.param == "live":
        with requests.Session() as session:
            yield session, server.url
    else:
        yield session_for(echo, "http://dev00000.example.com"), "http://dev00000.example.com"


@pytest.mark.parametrize(
    "target",
    ["/a/b?x=a^b|{c}+d%5E&y=", "/a%2Fb%20c", "/%C3%A4?q=%C3%A4", "/?", "/a?b?c", "/a//b", "/a;b=c", "/%25%32%46"],
)
def test_the_target_arrives_as_sent(client: tuple[requests.Session, str], target: str) -> None:
    session, url = client
    prepared = session.prepare_request(requests.Request("GET", url))
    prepared.url = url + target
    seen = session.send(prepared).json()
    path, _, query = target.partition("?")
    assert seen["RAW_URI"].partition("#")[0].rstrip("?") in (
        target.rstrip("?"),
        requests.utils.requote_uri(target).rstrip("?"),
    )
    assert requests.utils.unquote(seen["QUERY_STRING"]) == requests.utils.unquote(query)
    assert seen["PATH_INFO"].encode("latin-1").decode() == requests.utils.unquote(path)


@pytest.mark.parametrize(
    "body, length",
    [(b"bytes", "5"), ("t\u00e4xt", "5"), ((b"two ", b"chunks"), None), (None, None), (b"", None)],
    ids=["bytes", "text", "chunks", "none", "empty"],
)
def test_bodies(client: tuple[requests.Session, str], body: Any, length: str | None) -> None:
    session, url = client
    sent = iter(body) if isinstance(body, tuple) else body
    seen = session.post(url + "/body" if body else url, data=sent, headers={"X-One": "1"}).json()
    assert seen["REQUEST_METHOD"] == "POST"
    assert seen["HTTP_X_ONE"] == "1"
    if body:
        assert seen["CONTENT_LENGTH"] == length
        assert seen["body"] in ("bytes", "t\u00c3\u00a4xt", "two chunks")


def test_two_cookies_are_two(client: tuple[requests.Session, str]) -> None:
    session, url = client
    answer = session.get(url)
    assert answer.cookies.get_dict() == {"a": "1", "b": "2"}
    assert session.cookies.get_dict() == {"a": "1", "b": "2"}


@pytest.mark.parametrize("path", ["/reset", "/end"])
def test_a_cut_connection(client: tuple[requests.Session, str], path: str) -> None:
    session, url = client
    with pytest.raises(requests.ConnectionError):
        session.get(url + path)
    assert session.get(url).status_code == 200


@pytest.mark.parametrize("path", ["/half", "/half-chunked"])
def test_a_truncated_body(client: tuple[requests.Session, str], path: str) -> None:
    session, url = client
    with pytest.raises((requests.exceptions.ChunkedEncodingError, requests.ConnectionError)):
        session.get(url + path)
    assert session.get(url).status_code == 200


def test_other_hosts_are_refused_in_process() -> None:
    with pytest.raises(requests.ConnectionError, match="not the simulated instance"):
        session_for(echo, "http://dev00000.example.com").get("http://other.example.com/")


def test_connections_are_kept_open(server: Server) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", server.port)
    local = []
    for _ in range(3):
        connection.request("GET", "/")
        answer = connection.getresponse()
        assert answer.getheader("Keep-Alive") == "timeout=20"
        assert answer.getheader("Transfer-Encoding") == "chunked"
        answer.read()
        local.append(connection.sock.getsockname())
    assert len(set(local)) == 1
    connection.close()


def test_a_body_that_nobody_reads_does_not_become_the_next_request(server: Server) -> None:
    with socket.create_connection(("127.0.0.1", server.port)) as raw:
        smuggled = b"GET /smuggled HTTP/1.1\r\nHost: x\r\n\r\n"
        head = b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n" % len(smuggled)
        raw.sendall(head + smuggled + b"GET /next HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        received = b"".join(iter(lambda: raw.recv(65536), b""))
    assert received.count(b"HTTP/1.1 200") == 2
    assert b"/smuggled" not in received
    assert b"/next" in received


def test_a_second_authorization_header_is_seen(server: Server) -> None:
    def saw(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        start_response("200 OK", [])
        return [environ["HTTP_AUTHORIZATION"].encode()]

    with Server(saw) as running, socket.create_connection(("127.0.0.1", running.port)) as raw:
        raw.sendall(
            b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAuthorization: one\r\nauthorization: two\r\n\r\n"
        )
        received = b"".join(iter(lambda: raw.recv(65536), b""))
    assert b"one, two" in received


def test_a_taken_port_is_named_with_the_fix(server: Server) -> None:
    with pytest.raises(ServerError, match=rf"port {server.port}.*--port"):
        Server(echo, port=server.port).start()


def test_requests_in_flight_are_finished_on_stop() -> None:
    def slow(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        time.sleep(0.2)
        start_response("200 OK", [])
        return [b"finished"]

    server = Server(slow).start()
    with socket.create_connection(("127.0.0.1", server.port)) as raw:
        raw.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        time.sleep(0.05)
        server.stop()
        raw.settimeout(5)
        received = b""
        while b"finished" not in received and (data := raw.recv(65536)):
            received += data
    assert b"finished" in received
    with pytest.raises(OSError):
        socket.create_connection(("127.0.0.1", server.port))
