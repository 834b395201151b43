"""The test plane while an instance is busy: nothing is torn, nothing grows without end."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import requests

from sandtable.library.plane_client import PlaneClient
from sandtable.serving.assembly import create_instance, make_worlds
from sandtable.serving.server import Server
from sandtable.settings.settings import Settings
from sandtable.web.journal.request_journal import BETWEEN_TRIMS, RequestJournal
from sandtable.web.worlds.worlds import Worlds

pytestmark = pytest.mark.ours("a restore falls between two requests, never into one")


def test_restoring_in_the_middle_of_traffic(server: Server, worlds: Worlds) -> None:
    world = worlds.world(worlds.default.name)
    world.reset()
    start = world.instance.system().table("incident").count()

    def traffic(number: int) -> set[int]:
        with requests.Session() as session:
            session.trust_env = False
            statuses = set()
            for _ in range(15):
                session.cookies.clear()
                answer = session.post(
                    f"{server.url}/api/now/import/x_elas2_inc_int_elastic_incident",
                    json={"short_description": "busy", "correlation_id": f"of {number}"},
                    auth=("elastic.integration", "elastic-integration"),
                )
                statuses.add(answer.status_code)
                assert answer.json()["result"][0]["status"] in ("inserted", "updated", "ignored")
            return statuses

    with PlaneClient(server.url) as control, ThreadPoolExecutor(max_workers=6) as pool:
        control.snapshot("start")
        running = [pool.submit(traffic, number) for number in range(6)]
        while not all(each.done() for each in running):
            control.restore("start")
        assert [each.result() for each in running] == [{201}] * 6
        control.restore("start")
        control.delete_snapshot("start")
    assert world.instance.system().table("incident").count() == start
    world.reset()


def test_the_journal_gives_up_the_oldest_when_bodies_are_large() -> None:
    instance = create_instance(random_seed=1)
    journal = RequestJournal(instance, most_bytes=100_000)
    for _ in range(BETWEEN_TRIMS):
        entry = journal.begin({"REQUEST_METHOD": "POST", "PATH_INFO": "/x"})
        entry.request_body.add(b"x" * 10_000)
        journal.trim()
    kept = journal.entries()
    assert 0 < sum(each.size for each in kept) <= 100_000
    assert kept[-1] is entry
    instance.close()


def test_an_instance_in_a_file_is_reset_to_a_fresh_one_and_stays_so(tmp_path: Path) -> None:
    place = str(tmp_path / "kept.db")
    worlds = make_worlds(Settings(data=place))
    instance: Any = worlds.default
    fresh = instance.system().table("incident").count()
    instance.system().table("incident").insert({"short_description": "before"})
    worlds.world(instance.name).reset()
    assert instance.system().table("incident").count() == fresh
    instance.system().table("incident").insert({"short_description": "after"})
    instance.close()
    again = create_instance(data=place)
    found = [
        each["short_description"] for each in again.system().table("incident").query("short_descriptionINbefore,after")
    ]
    assert found == ["after"]
    again.close()
