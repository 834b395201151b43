"""A thousand clients that stop in the middle of a request, ever new ones: what a quick one waits stays what it was."""

from __future__ import annotations

import contextlib
import random
import resource
import socket
import threading
import time

import requests
from tests.reliability.raw import BASIC, INCIDENTS, connected
from tests.reliability.soak.served import ADMIN, Served

CLIENTS = 1_000
FEWEST_FILES = 2_500
TOLERATED = 3.0  # times the wait of the slowest hundredth without them
# A wait below this is the machine's own unrest, not the slow clients'.
UNREST_MS = 5.0
HALVES = (
    b"",
    b"GET /api/no",
    f"POST {INCIDENTS} HTTP/1.1\r\nHost: localhost\r\n{BASIC}Content-Le".encode(),
    f"POST {INCIDENTS} HTTP/1.1\r\nHost: localhost\r\n{BASIC}Content-Length: 100\r\n\r\n{{".encode(),
)


def crowd(minutes: float, seed: int) -> tuple[str, bool]:
    """Return how long quick requests took, in turns with a thousand slow clients and without any."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard != resource.RLIM_INFINITY and hard < FEWEST_FILES:
        return f"slow clients: not tried, {hard} files may be open here and {FEWEST_FILES} are needed", True
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, FEWEST_FILES), hard))
    chance = random.Random(seed)
    alone: list[float] = []
    beside: list[float] = []
    failures = 0
    try:
        with Served() as served, requests.Session() as session:
            session.auth = ADMIN
            turns = max(2, round(minutes * 6))
            for turn in range(turns):
                until = time.monotonic() + minutes * 60 / turns
                if turn % 2:
                    with contextlib.ExitStack() as slow:
                        clients = [slow.enter_context(connected(served.url)) for _ in range(CLIENTS)]
                        for each in clients:
                            each.sendall(chance.choice(HALVES))
                        stop = threading.Event()
                        dripping = threading.Thread(target=_drip, args=(clients, stop, served.url, slow, seed))
                        dripping.start()
                        failures += _quick(session, served.url, until, beside)
                        stop.set()
                        dripping.join()
                else:
                    failures += _quick(session, served.url, until, alone)
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    before, among = _slowest(alone), _slowest(beside)
    line = (
        f"{CLIENTS} slow clients: p99 of {len(beside)} quick requests {among:.1f} ms, of {len(alone)} without them "
        f"{before:.1f} ms ({among / before:.1f} times), {failures} failures"
    )
    return line, not failures and among <= TOLERATED * max(before, UNREST_MS)


def _drip(clients: list[socket.socket], stop: threading.Event, url: str, slow: contextlib.ExitStack, seed: int) -> None:
    """Have one client after the other leave and another come in its place."""
    chance = random.Random(seed)
    while not stop.wait(0.05):
        place = chance.randrange(len(clients))
        clients[place].close()
        clients[place] = slow.enter_context(connected(url))
        clients[place].sendall(chance.choice(HALVES))


def _quick(session: requests.Session, url: str, until: float, times: list[float]) -> int:
    """Ask one request after another until a moment, note how long each took in ms; return how many failed."""
    failures = 0
    while time.monotonic() < until:
        start = time.perf_counter()
        answer = session.get(f"{url}{INCIDENTS}?sysparm_limit=1", timeout=60)
        times.append((time.perf_counter() - start) * 1000)
        failures += answer.status_code != 200
    return failures


def _slowest(times: list[float]) -> float:
    """Return what all but the slowest hundredth of them stay under."""
    return sorted(times)[len(times) * 99 // 100] if times else float("inf")
