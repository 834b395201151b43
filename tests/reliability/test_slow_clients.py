"""Clients that stop in the middle of a request keep nobody waiting but themselves."""

from __future__ import annotations

import contextlib
import resource
import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack

import pytest
from tests.reliability.raw import BASIC, INCIDENTS, connected, exchanged, statuses

from sandtable.serving.server import Server

HALVES = {
    "nothing at all": b"",
    "half a request line": b"GET /api/no",
    "half a head": f"POST {INCIDENTS} HTTP/1.1\r\nHost: localhost\r\n{BASIC}Content-Le".encode(),
    "half a body": (
        f"POST {INCIDENTS} HTTP/1.1\r\nHost: localhost\r\n{BASIC}Content-Type: application/json\r\n"
        'Content-Length: 100\r\n\r\n{"short_'
    ).encode(),
    "half a chunk": (
        f"POST {INCIDENTS} HTTP/1.1\r\nHost: localhost\r\n{BASIC}Content-Type: application/json\r\n"
        'Transfer-Encoding: chunked\r\n\r\n20\r\n{"short_'
    ).encode(),
}
SLOW = 60  # several times the threads there are
QUICK = f"GET {INCIDENTS}?sysparm_limit=1 HTTP/1.1\r\nHost: localhost\r\n{BASIC}Connection: close\r\n\r\n".encode()
HEALTH = b"GET /_sandtable/health/live HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"


@contextlib.contextmanager
def slow_clients(url: str, half: bytes, number: int = SLOW) -> Iterator[list[socket.socket]]:
    """Have clients that have sent half a request, and send no more of it."""
    with ExitStack() as stack:
        opened = [stack.enter_context(connected(url)) for _ in range(number)]
        for each in opened:
            each.sendall(half)
        yield opened


@pytest.mark.parametrize("name", HALVES)
@pytest.mark.ours("half-sent requests, however many, hold no place that a whole one needs")
def test_others_are_answered(running: Server, name: str) -> None:
    with slow_clients(running.url, HALVES[name]):
        for asked in (QUICK, HEALTH):
            assert statuses(exchanged(running.url, asked)) == [200]


@pytest.mark.ours("a slow client that goes on is answered like any other")
def test_a_slow_client_is_answered_in_the_end(running: Server) -> None:
    whole = QUICK
    with slow_clients(running.url, whole[:40], 3) as clients:
        for each in clients:
            each.sendall(whole[40:])
            assert each.recv(65536).startswith(b"HTTP/1.1 200")


@pytest.mark.ours("a server that is told to stop does not wait for clients that stopped speaking")
def test_stopping_does_not_wait(kept_instance: object, running: Server) -> None:
    from sandtable.web.app import create_app
    from sandtable.web.worlds.worlds import Worlds

    server = Server(create_app(Worlds(kept_instance))).start()  # type: ignore[arg-type]
    with slow_clients(server.url, HALVES["half a head"], 5), slow_clients(server.url, HALVES["half a body"], 5):
        before = time.monotonic()
        server.stop()
        assert time.monotonic() - before < 8


@pytest.mark.ours("a thousand slow clients leave room for a quick one")
def test_a_thousand_slow_clients(running: Server) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard != resource.RLIM_INFINITY and hard < 2500:
        pytest.skip("too few files may be open here")
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, 2500), hard))
    try:
        with slow_clients(running.url, HALVES["half a head"], 1000):
            assert statuses(exchanged(running.url, QUICK)) == [200]
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
