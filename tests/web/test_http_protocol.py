"""HTTP as clients speak it: whole addresses as targets, pipelined requests, bodies that come late or not at all."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest

from sandtable.serving.server import Server

if TYPE_CHECKING:
    from sandtable.core.platform.instance import Instance

pytestmark = [
    pytest.mark.documented("RFC 9110 and RFC 9112: what a server does with what clients may send"),
    pytest.mark.sockets,
]

ADMIN = "Authorization: Basic YWRtaW46YWRtaW4=\r\n"  # admin:admin, for tests only
USER = "/api/now/table/sys_user?user_name=admin&sysparm_fields=user_name"
INCIDENTS = "/api/now/table/incident"
SHOWN = b'{"result":[{"user_name":"admin"}]}'
LAST = "Connection: close\r\n"


def conversation(server: Server, *parts: str, until: bytes = b"") -> bytes:
    """Send the parts over one connection; return what comes back up to `until`, or until the server ends it."""
    address = urlsplit(server.url)
    with socket.create_connection((address.hostname, address.port)) as connection:
        for part in parts:
            connection.sendall(part.encode("latin-1"))
        received = b""
        while data := connection.recv(65536):
            received += data
            if until and until in received:
                break
    return received


def asked(method: str, target: str, *headers: str, body: str = "", version: str = "1.1") -> str:
    return f"{method} {target} HTTP/{version}\r\nHost: here.example.com\r\n{ADMIN}{''.join(headers)}\r\n{body}"


def statuses(received: bytes) -> list[int]:
    return [int(part[2:5]) for part in received.split(b"HTTP/1.")[1:]]


@pytest.mark.parametrize(
    "address", ["http://there.example.com:99", "HTTPS://there.example.com:99", "http://u@there.example.com:99"]
)
def test_a_whole_address_as_the_target(server: Server, instance: Instance, address: str) -> None:
    received = conversation(server, asked("GET", address + USER, LAST))
    assert SHOWN in received
    assert b"Link: <http://there.example.com:99/api/now/table/sys_user?" in received


def test_a_tunnel_is_refused(server: Server, instance: Instance) -> None:
    assert statuses(conversation(server, asked("CONNECT", "there.example.com:443"))) == [405]


def test_the_connection_goes_on_after_head(server: Server, instance: Instance) -> None:
    received = conversation(server, asked("HEAD", USER), asked("GET", USER, LAST))
    assert statuses(received) == [200, 200]
    assert received.count(SHOWN) == 1


def test_pipelined_requests_are_answered_in_order(server: Server, instance: Instance) -> None:
    post = asked("POST", f"{INCIDENTS}?sysparm_fields=order", "Content-Length: 13\r\n", body='{{"order":"{}"}}')
    sent = [post.format(number) for number in range(1, 4)]
    received = conversation(server, "".join(sent), asked("GET", USER, LAST))
    assert statuses(received) == [201, 201, 201, 200]
    places = [received.index(b'{"result":{"order":"%d"}}' % number) for number in range(1, 4)]
    assert places == sorted(places)


@pytest.mark.parametrize("header", ["", "Connection: keep-alive\r\n"])
def test_http_1_0(server: Server, instance: Instance, header: str) -> None:
    received = conversation(server, asked("GET", USER, header, version="1.0"))
    assert received.endswith(SHOWN)
    assert b"chunked" not in received


def test_a_client_that_waits_to_be_told_to_go_on(server: Server, instance: Instance) -> None:
    address = urlsplit(server.url)
    with socket.create_connection((address.hostname, address.port)) as connection:
        head = asked(
            "POST", f"{INCIDENTS}?sysparm_fields=order", LAST, "Expect: 100-continue\r\n", "Content-Length: 13\r\n"
        )
        connection.sendall(head.encode())
        told = connection.recv(65536)
        assert told.startswith(b"HTTP/1.1 100 ")
        connection.sendall(b'{"order":"7"}')
        received = b""
        while data := connection.recv(65536):
            received += data
    assert b'{"result":{"order":"7"}}' in received


@pytest.mark.parametrize("length", [11_000_000, 10**14, 10**30])
@pytest.mark.parametrize("known", [True, False])
def test_the_answer_does_not_wait_for_a_body_that_is_refused(
    server: Server, instance: Instance, length: int, known: bool
) -> None:
    before = instance.system().table("incident").count()
    head = asked("POST", INCIDENTS, f"Content-Length: {length}\r\n")
    received = conversation(server, head if known else head.replace(ADMIN, ""), "{", until=b"\r\n0\r\n\r\n")
    assert statuses(received) == [400 if known else 401]
    assert b"Connection: close" in received
    assert instance.system().table("incident").count() == before


def test_a_refusal_does_not_wait_for_a_small_body(server: Server, instance: Instance) -> None:
    head = asked("POST", INCIDENTS, "Content-Length: 50\r\n").replace(ADMIN, "")
    assert statuses(conversation(server, head, until=b"\r\n0\r\n\r\n")) == [401]


@pytest.mark.parametrize("trailers", ["", "X-Sum: 1\r\n", "X-Sum: 1\r\nX-More: 2\r\n"])
def test_what_follows_the_chunks_is_no_request(server: Server, instance: Instance, trailers: str) -> None:
    chunks = f"1\r\n{{\r\n1;named=1\r\n}}\r\n0\r\n{trailers}\r\n"
    received = conversation(
        server, asked("POST", INCIDENTS, "Transfer-Encoding: chunked\r\n", body=chunks), asked("GET", USER, LAST)
    )
    assert statuses(received) == [201, 200]


@pytest.mark.parametrize(
    "sent, status",
    [
        (f"GET {USER} HTTP/2.0\r\nHost: x\r\n\r\n", 505),
        (f"GET {USER}\r\n\r\n", 400),
        (f"GET {USER}#part HTTP/1.1\r\nHost: x\r\n\r\n", 400),
        (f"GET {USER}&a=b c HTTP/1.1\r\nHost: x\r\n\r\n", 400),
        (f"GET {USER} HTTP/1.1\r\nno colon\r\n\r\n", 400),
        (asked("POST", INCIDENTS, LAST, "Content-Length: -5\r\n"), 400),
        (asked("POST", INCIDENTS, "Content-Length: many\r\n"), 400),
        (asked("POST", INCIDENTS, "Content-Length: 2\r\n", "Content-Length: 3\r\n", body="{}"), 400),
        (asked("POST", INCIDENTS, "Transfer-Encoding: chunked\r\n", body="ZZ\r\n{}\r\n"), 400),
        (asked("POST", INCIDENTS, "Transfer-Encoding: gzip, chunked\r\n", body="0\r\n\r\n"), 501),
        ("\x16\x03\x01\x02\r\n\r\n", 400),
        ("\x16\x03\x01\x02", 400),  # TLS, whose handshake is not one line
    ],
)
def test_what_is_no_request_is_refused(server: Server, instance: Instance, sent: str, status: int) -> None:
    before = instance.system().table("incident").count()
    assert statuses(conversation(server, sent, until=b"\r\n\r\n")) == [status]
    assert instance.system().table("incident").count() == before


def test_connections_that_say_nothing_keep_nobody_waiting(app: Any, instance: Instance) -> None:
    with Server(app, threads=1) as narrow:
        address = urlsplit(narrow.url)
        silent = [socket.create_connection((address.hostname, address.port)) for _ in range(5)]
        assert SHOWN in conversation(narrow, asked("GET", USER, LAST))
        for connection in silent:
            # Each is still good, and answered as soon as it speaks.
            connection.sendall(asked("GET", USER, LAST).encode())
            received = b""
            while data := connection.recv(65536):
                received += data
            connection.close()
            assert SHOWN in received
