"""Ordinary work for as long as one likes: memory stays flat once everything is warm, and lists stay as quick."""

from __future__ import annotations

import random
import statistics
import time

import requests
from tests.reliability.soak.served import ADMIN, Served

SAMPLES = 40
# What is kept by intent grows with the records: an incident's row, and the newest requests of the journal.
BYTES_A_RECORD = 6_000
TOLERATED_MB = 60.0


def grow(minutes: float, seed: int) -> tuple[str, bool]:
    """Return how memory and lists fared in that many minutes of work."""
    chance = random.Random(seed)
    memory: list[float] = []
    lists: list[float] = []
    failures = written = done = 0
    with Served() as served, requests.Session() as session:
        session.auth = ADMIN
        incidents = f"{served.url}/api/now/table/incident"
        begin = time.monotonic()
        made: list[str] = []
        for sample in range(SAMPLES):
            until = begin + (sample + 1) * minutes * 60 / SAMPLES
            times: list[float] = []
            while time.monotonic() < until:
                kind = chance.random()
                if kind < 0.2 or not made:
                    answer = session.post(incidents, json={"short_description": f"soak {done}", "impact": "2"})
                    made.append(answer.json()["result"]["sys_id"])
                    written += 1
                elif kind < 0.4:
                    answer = session.patch(f"{incidents}/{chance.choice(made)}", json={"work_notes": f"note {done}"})
                elif kind < 0.5:
                    form = {"u_correlation_id": f"soak-{chance.randrange(500)}", "u_short_description": "imported"}
                    answer = session.post(f"{served.url}/api/now/import/x_elas2_inc_int_elastic_incident", json=form)
                elif kind < 0.8:
                    answer = session.get(f"{incidents}/{chance.choice(made)}")
                else:
                    start = time.perf_counter()
                    answer = session.get(f"{incidents}?sysparm_limit=20&sysparm_query=active=true^ORDERBYDESCnumber")
                    times.append(time.perf_counter() - start)
                failures += answer.status_code >= 500
                done += 1
            memory.append(served.memory())
            lists.append(statistics.median(times or [0.0]) * 1000)
    middle = len(memory) // 4
    grown = memory[-1] - memory[middle]
    allowed = TOLERATED_MB + written * BYTES_A_RECORD / 1024**2
    line = (
        f"{minutes:g} minutes: {done} requests, {written} incidents, {failures} answers of 5xx; memory "
        f"{memory[middle]:.0f} MB after a quarter, {memory[-1]:.0f} MB at the end ({allowed:.0f} MB more allowed); "
        f"a list of 20 took {lists[middle]:.1f} ms, and {lists[-1]:.1f} ms at the end"
    )
    return line, not failures and grown <= allowed
