"""A server that is killed while it writes has kept each incident that it acknowledged, once."""

from __future__ import annotations

import random
import tempfile
import threading
import time
from collections import Counter
from pathlib import Path

import requests
from tests.reliability.soak.served import ADMIN, Served

WRITERS = 2
PAGE = 10_000


def kill(times: int, seed: int) -> tuple[str, bool]:
    """Return what came of killing a server that often in the middle of its writes."""
    chance = random.Random(seed)
    acknowledged: list[str] = []
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder) / "instance.db"
        for number in range(times):
            served = Served(data)
            stop = threading.Event()
            writers = [
                threading.Thread(target=_write, args=(served.url, f"{number}-{each}", stop, acknowledged))
                for each in range(WRITERS)
            ]
            for each in writers:
                each.start()
            time.sleep(chance.uniform(0.05, 0.5))
            served.kill()
            stop.set()
            for each in writers:
                each.join()
        with Served(data) as served:
            kept = Counter(_kept(served.url))
    lost = [each for each in acknowledged if not kept[each]]
    doubled = [each for each, count in kept.items() if count > 1]
    line = f"{times} kills: {len(acknowledged)} acknowledged, {len(lost)} lost, {len(doubled)} doubled"
    return line, not lost and not doubled


def _write(url: str, name: str, stop: threading.Event, acknowledged: list[str]) -> None:
    number = 0
    with requests.Session() as session:
        session.auth = ADMIN
        while not stop.is_set():
            number += 1
            text = f"kill {name}-{number}"
            try:
                answer = session.post(f"{url}/api/now/table/incident", json={"short_description": text}, timeout=10)
            except requests.RequestException:
                return
            if answer.status_code == 201:
                acknowledged.append(text)


def _kept(url: str) -> list[str]:
    found: list[str] = []
    with requests.Session() as session:
        session.auth = ADMIN
        while True:
            asked = {
                "sysparm_query": "short_descriptionSTARTSWITHkill ^ORDERBYsys_id",
                "sysparm_fields": "short_description",
                "sysparm_limit": str(PAGE),
                "sysparm_offset": str(len(found)),
            }
            page = session.get(f"{url}/api/now/table/incident", params=asked, timeout=120).json()["result"]
            found += [each["short_description"] for each in page]
            if len(page) < PAGE:
                return found
