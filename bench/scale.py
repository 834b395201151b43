"""Many worlds over one process and over several: the CPU of the busiest process is the limit.

A model, since the load comes from the same machine: with a core for each process, the busiest one is the limit. The
cost of the load generator is in none of the figures. The servers take turns, so that what else the machine does falls
on all of them.
"""

from __future__ import annotations

import base64
import contextlib
import http.client
import json
import statistics
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

from bench.over_the_wire import cpu_seconds

WORLDS, ROUNDS = 100, 10
PROCESSES = (1, 2, 4)
HEADERS = {
    "Authorization": "Basic " + base64.b64encode(b"admin:admin").decode(),
    "Content-Type": "application/json",
}
LIST = "/api/now/table/incident?sysparm_limit=20&sysparm_fields=number,short_description"


def run(*, most: int = 0) -> None:
    """Print CPU per request in all and in the busiest process, and the throughput that leaves beside one process."""
    with contextlib.ExitStack() as open_:
        servers = [open_.enter_context(served(count)) for count in PROCESSES]
        clients = [_clients(url, count) for count, (url, _) in zip(PROCESSES, servers, strict=True)]
        pids = [_pids(url, process) for url, process in servers]
        spent: list[list[list[float]]] = [[] for _ in servers]
        for turn in range(ROUNDS + 1):
            for index, mine in enumerate(clients):
                before = [cpu_seconds(pid) for pid in pids[index]]
                requests = _turn(mine, turn)
                if turn:  # the first one makes routes and statements
                    after = [cpu_seconds(pid) for pid in pids[index]]
                    spent[index].append([(b - a) / requests for a, b in zip(before, after, strict=True)])
    print("processes  CPU ms a request  in the busiest  throughput")
    alone = [max(turn) for turn in spent[0]]
    for count, turns in zip(PROCESSES, spent, strict=True):
        total = statistics.median(sum(turn) for turn in turns)
        busiest = statistics.median(max(turn) for turn in turns)
        ratio = statistics.median(one / max(turn) for one, turn in zip(alone, turns, strict=True))
        print(f"{count:9}  {total * 1e3:16.3f}  {busiest * 1e3:14.3f}  x{ratio:.2f}")


def _clients(url: str, count: int) -> list[tuple[http.client.HTTPConnection, str]]:
    """Make the worlds, and return a connection and the beginning of all paths for each.

    Those of one process come one after the other: with a core of its own it keeps what it needs in its cache.
    """
    for number in range(WORLDS):
        called(url, "POST", "/_sandtable/worlds", {"name": f"job-{number}"})
    numbers = sorted(range(WORLDS), key=lambda number: number % count)
    return [(http.client.HTTPConnection(urlsplit(url).netloc), f"/_worlds/job-{number}") for number in numbers]


def _pids(url: str, process: int) -> list[int]:
    health = called(url, "GET", "/_sandtable/health/ready")
    return [each["pid"] for each in health.get("workers", ())] or [process]


def _turn(clients: list[tuple[http.client.HTTPConnection, str]], turn: int) -> int:
    """Let each client make an incident, change it, read it and list; return the number of requests."""
    done = 0
    for client, prefix in clients:
        made = _ask(client, "POST", f"{prefix}/api/now/table/incident", {"short_description": f"turn {turn}"})
        record = f"{prefix}/api/now/table/incident/{made['result']['sys_id']}"
        _ask(client, "PATCH", record, {"work_notes": "looked at"})
        _ask(client, "GET", record)
        _ask(client, "GET", prefix + LIST)
        client.close()  # the next turn begins with a connection that may come to any process
        done += 4
    return done


def _ask(client: http.client.HTTPConnection, method: str, path: str, body: Any = None) -> Any:
    client.request(method, path, None if body is None else json.dumps(body), HEADERS)
    answer = client.getresponse()
    data = answer.read()
    assert answer.status < 300, (method, path, answer.status, data)
    return json.loads(data)


def called(url: str, method: str, path: str, body: Any = None) -> Any:
    """Return what the test plane answers, over a connection of its own."""
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(url + path, data, HEADERS, method=method)
    with urllib.request.urlopen(request) as answer:
        return json.load(answer)


@contextlib.contextmanager
def served(count: int) -> Iterator[tuple[str, int]]:
    """Serve from so many processes, and yield the address and the first process."""
    command = [sys.executable, "-m", "sandtable.cli", "serve", "--port", "0", "--log", "off", "--workers", str(count)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        url = process.stdout.readline().split()[2]
        yield url, process.pid
    finally:
        process.terminate()
        process.communicate()
