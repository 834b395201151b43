"""What questions cost among very many incidents: run by `bench.beside` with the interpreter of each build.

Each question comes after a write to the table, which ends what was remembered of it; what a build keeps up to date
while others write, it may use. Prints one JSON object: CPU milliseconds by question.
"""

from __future__ import annotations

import contextlib
import json
import sys
import threading
import time
from collections.abc import Callable, Iterator
from itertools import count
from typing import Any

from probe import STAGING, TABLE, Probe

WORDS = ["disk", "server", "network", "user", "mail", "slow", "printer", "database", "error", "full", "restart"]
ROUNDS = 3
GETS = 400


def fill(probe: Probe, incidents: int) -> None:
    """Put incidents straight into the store, like the first one but for what questions are about."""
    system = probe.instance.system()
    users = [user.sys_id for user in system.table("sys_user").query()]
    pattern = system.table("incident").first("ORDERBYnumber").values_copy()

    def rows() -> Iterator[tuple[str, dict[str, str]]]:
        for number in range(incidents):
            words = (WORDS[number * step % len(WORDS)] for step in (1, 5, 7))
            yield (
                f"{number * 2_654_435_761 % 2**128:032x}",
                {
                    **pattern,
                    "number": f"INC{number + 2_000_000:07}",
                    "correlation_id": f"rule-{number % 97}:{number:032x}",
                    "short_description": f"{' '.join(words)} {number}",
                    "state": str(1 + number % 3),
                    "priority": str(1 + number % 5),
                    "active": "true" if number % 3 else "false",
                    "caller_id": users[number % len(users)],
                    "sys_created_on": f"2024-{number % 12 + 1:02}-{number % 28 + 1:02} {number % 24:02}:07:00",
                },
            )

    with probe.instance.transaction():
        probe.instance.store.insert_many("incident", rows())


def questions(incidents: int) -> dict[str, str]:
    """Return the queries of the Table API by what they ask."""
    middle = incidents // 2
    return {
        "first page": "",
        "active ones": "sysparm_query=active=true",
        "by number": f"sysparm_query=number=INC{middle + 2_000_000:07}",
        "by correlation ID": f"sysparm_query=correlation_id=rule-{middle % 97}:{middle:032x}",
        "newest first": "sysparm_query=ORDERBYDESCsys_created_on",
        "by priority": "sysparm_query=ORDERBYpriority",
        "by caller": "sysparm_query=ORDERBYcaller_id",
        "far down": f"sysparm_offset={incidents * 9 // 10}",
        "LIKE with hits": "sysparm_query=short_descriptionLIKEdatabase full",
        "LIKE without": "sysparm_query=short_descriptionLIKEzeppelin",
    }


def waits(probe: Probe, sys_id: str) -> list[float]:
    """Return how long each of many GETs of one record takes, in milliseconds of a clock on the wall."""
    found = []
    for _ in range(GETS):
        began = time.perf_counter()
        probe.send("GET", f"{TABLE}/{sys_id}")
        found.append((time.perf_counter() - began) * 1e3)
        time.sleep(0.002)  # or whoever asks all the time would keep the interpreter
    return found


@contextlib.contextmanager
def slow_questions(probe: Probe) -> Iterator[None]:
    """Have another thread ask for what needs the whole table, again and again, each time for something else."""
    over = threading.Event()

    def ask() -> None:
        for number in count():
            if over.is_set():
                return
            probe.send("GET", TABLE, None, f"sysparm_limit=10&sysparm_query=descriptionLIKE{number}^ORDERBYstate")

    thread = threading.Thread(target=ask)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def quantile(found: list[float], share: float) -> float:
    """Return what a share of some figures is below."""
    return sorted(found)[int(len(found) * share)]


def main() -> None:
    incidents = int(sys.argv[1])
    probe = Probe()
    began = time.process_time()
    fill(probe, incidents)
    figures: dict[str, float] = {"load": (time.process_time() - began) * 1e3}
    touched = json.loads(probe.send("GET", TABLE, None, "sysparm_limit=1"))["result"][0]["sys_id"]

    def measure(what: str, ask: Callable[[], Any]) -> None:
        taken = []
        for _ in range(ROUNDS):
            probe.send("PATCH", f"{TABLE}/{touched}", {"description": f"number {probe.next()}"})
            began = time.process_time()
            ask()
            taken.append((time.process_time() - began) * 1e3)
        figures[what] = min(taken)

    for what, query in questions(incidents).items():
        measure(what, lambda query=query: probe.send("GET", TABLE, None, f"sysparm_limit=10&{query}"))
    grouped = "sysparm_count=true&sysparm_group_by=caller_id&sysparm_display_value=true"
    measure("counts by caller", lambda: probe.send("GET", "/api/now/stats/incident", None, grouped))
    row = {"u_short_description": "x", "u_urgency": "1"}
    measure("an import", lambda: probe.send("POST", STAGING, {**row, "u_correlation_id": f"m:{probe.next()}"}))
    measure("a copy of all", probe.instance.image)
    measure("a fork", lambda: probe.instance.fork("fork").close() if hasattr(probe.instance, "fork") else None)
    alone = waits(probe, touched)
    with slow_questions(probe):
        beside = waits(probe, touched)
    for which, share in (("half", 0.5), ("99 of 100", 0.99)):
        figures[f"a get beside slow questions, {which} wait less"] = quantile(beside, share)
        figures[f"a get alone, {which} wait less"] = quantile(alone, share)
    print(json.dumps(figures))


if __name__ == "__main__":
    main()
