"""What a request costs through the whole pipeline, in process and over a socket, beside the same work in the core."""

from __future__ import annotations

import time
from collections.abc import Callable

import requests

from sandtable.library.in_process import app_for, session_for
from sandtable.serving.assembly import create_instance
from sandtable.serving.server import Server

ROUNDS = 300
URL = "http://dev00000.example.com"


def run(*, most: int = 0) -> None:
    """Print milliseconds for each way of reading and writing one incident, and ratios to the core's own."""
    instance = create_instance(random_seed=1)
    incidents = instance.acting_as("admin").table("incident")
    made = incidents.insert({"short_description": "x"})
    app = app_for(instance)
    inside = session_for(app, URL)
    inside.auth = ("admin", "admin")
    with Server(app) as server, requests.Session() as outside:
        outside.auth = ("admin", "admin")
        core = cost(lambda: incidents.get(made.sys_id)), cost(lambda: incidents.insert({"short_description": "x"}))
        rows = [("the core", *core)]
        for name, session, base in (("in process", inside, URL), ("over a socket", outside, server.url)):
            table = f"{base}/api/now/table/incident"
            read = cost(lambda s=session, t=table: s.get(f"{t}/{made.sys_id}").raise_for_status())  # type: ignore[misc]
            write = cost(lambda s=session, t=table: s.post(t, json={"short_description": "x"}).raise_for_status())  # type: ignore[misc]
            rows.append((name, read, write))
    for name, read, write in rows:
        ratios = f"x{read / core[0]:<7.1f} x{write / core[1]:<7.1f}"
        print(f"{name:16} read {read:7.3f} ms  insert {write:7.3f} ms   {ratios}")


def cost(action: Callable[[], object]) -> float:
    """Return the best mean of three series, in milliseconds."""
    best = float("inf")
    for _ in range(3):
        began = time.perf_counter()
        for _ in range(ROUNDS):
            action()
        best = min(best, (time.perf_counter() - began) / ROUNDS * 1e3)
    return best
