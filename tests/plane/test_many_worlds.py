"""Many worlds in one server: made, forked and dropped on demand, and never in each other's way."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import apsw
import pytest
import requests

from sandtable.library.plane_client import PlaneClient, PlaneRefusal
from sandtable.serving.server import Server

pytestmark = [pytest.mark.ours("worlds share a server and nothing else"), pytest.mark.sockets]

CLIENTS = 40


def test_a_world_is_reached_by_path_and_by_host(plane: Any) -> None:
    made = plane.control.create_world("alpha")
    assert made["path"] == "/_worlds/alpha"
    inside = plane.call("POST", "/_worlds/alpha/api/now/table/incident", json={"correlation_id": "in alpha"})
    assert inside.status_code == 201
    query = "/api/now/table/incident?sysparm_query=correlation_id=in alpha"
    assert plane.call("GET", query).json()["result"] == []
    for host in ("alpha.example.com", "ALPHA.localhost:8080", "alpha"):
        by_host = plane.call("GET", query, headers={"Host": host})
        assert [each["correlation_id"] for each in by_host.json()["result"]] == ["in alpha"]
    assert plane.call("GET", query, headers={"Host": "alphabet.example.com"}).json()["result"] == []
    assert {each["name"] for each in plane.control.worlds()} == {"dev00000", "alpha"}


def test_a_fork_has_everything_and_goes_its_own_way(plane: Any) -> None:
    plane.control.freeze("2026-01-01T00:00:00Z")
    plane.create(correlation_id="before")
    plane.control.create_world("copy", fork="dev00000")
    copy = PlaneClient(plane.base_url, world="copy", session=plane.session)
    assert copy.clock()["now"] == "2026-01-01T00:00:00.000Z"
    assert len(copy.records("incident", "correlation_id=before")) == 1
    copy.insert("incident", {"correlation_id": "after"})
    copy.advance(60)
    assert plane.control.records("incident", "correlation_id=after") == []
    assert plane.control.clock()["now"] == "2026-01-01T00:00:00.000Z"
    copy.reset()
    assert copy.records("incident", "correlation_id=after") == []
    assert len(copy.records("incident", "correlation_id=before")) == 1, "a copy began as a copy"


def test_a_fork_shares_neither_faults_nor_requests_nor_snapshots(plane: Any) -> None:
    plane.create()
    plane.control.snapshot("of the original")
    plane.control.add_fault("unavailable")
    plane.control.create_world("copy", fork="dev00000")
    copy = PlaneClient(plane.base_url, world="copy", session=plane.session)
    assert (copy.faults(), copy.requests(), copy.snapshots()) == ([], [], [])
    assert plane.call("GET", "/_worlds/copy/api/now/table/incident").status_code == 200
    copy.add_fault("rate-limited")
    copy.snapshot("of the copy")
    assert plane.call("GET", "/_worlds/copy/api/now/table/incident").status_code == 429
    assert plane.call("GET", "/api/now/table/incident").status_code == 503
    assert [each["fault"] for each in plane.control.faults()] == ["unavailable"]
    assert [each["name"] for each in plane.control.snapshots()] == ["of the original"]
    assert len(copy.requests()) == 2


def test_made_worlds_differ_in_ids_unless_a_seed_says_otherwise(plane: Any) -> None:
    ids = {}
    for name, options in (("a", {}), ("b", {}), ("c", {"random_seed": 5}), ("d", {"random_seed": 5})):
        plane.control.create_world(name, **options)
        client = PlaneClient(plane.base_url, world=name, session=plane.session)
        ids[name] = client.insert("incident", {"short_description": "x"})["sys_id"]
    assert ids["a"] != ids["b"]
    assert ids["c"] == ids["d"]
    for name, first in ids.items():
        client = PlaneClient(plane.base_url, world=name, session=plane.session)
        client.reset()
        assert client.insert("incident", {"short_description": "x"})["sys_id"] == first, "it goes back to its own ids"


def test_an_empty_world_lacks_the_applications(plane: Any) -> None:
    plane.control.create_world("bare", empty=True)
    path = "/_worlds/bare/api/now/table/x_elas2_inc_int_elastic_incident"
    assert plane.call("GET", path).status_code == 400
    assert plane.call("GET", path.replace("/_worlds/bare", "")).status_code == 200


def test_a_dropped_world_gives_its_memory_back_at_once(plane: Any) -> None:
    plane.control.create_world("copy", fork="dev00000")
    dropped = plane.worlds.world("copy").instance
    assert dropped.store.roots()
    plane.control.drop_world("copy")
    with pytest.raises(apsw.ConnectionClosedError):
        list(dropped.store.rows("sys_user"))


def test_a_dropped_world_is_gone(plane: Any) -> None:
    name = plane.control.create_world()["name"]
    plane.control.drop_world(name)
    with pytest.raises(PlaneRefusal) as caught:
        plane.control.drop_world(name)
    assert caught.value.status == 404
    assert [each["name"] for each in plane.control.worlds()] == ["dev00000"]


@pytest.mark.parametrize(
    "body, field",
    [
        ({"name": "dev00000"}, "name"),
        ({"name": "a b"}, "name"),
        ({"name": "x" * 64}, "name"),
        ({"name": "a", "fork": "nothing"}, "name"),
        ({"name": "a", "fork": "dev00000", "random_seed": 1}, "random_seed"),
        ({"name": 7}, "name"),
    ],
)
def test_a_bad_world_is_refused_and_none_is_made(plane: Any, body: dict[str, Any], field: str) -> None:
    answer = plane.raw("POST", "/worlds", json=body)
    assert answer.status_code == 422
    assert answer.json()["error"]["field"] == field
    assert len(plane.control.worlds()) == 1


def test_the_default_world_stays(plane: Any) -> None:
    with pytest.raises(PlaneRefusal, match="default world"):
        plane.control.drop_world("dev00000")


def story(url: str, number: int) -> tuple[int, list[str], int, str, str]:
    """Make a world, work in it and on it as a test would, and return what it looks like from inside."""
    with requests.Session() as session:
        session.trust_env = False
        base = PlaneClient(url, session=session)
        name = base.create_world(f"client-{number}", random_seed=number)["name"]
        control = PlaneClient(url, world=name, session=session)
        api = f"{url}/_worlds/{name}/api/now/table/incident"

        def create() -> requests.Response:
            session.cookies.clear()
            return session.post(api, json={"correlation_id": f"of {number}"}, auth=("admin", "admin"))

        control.freeze("2026-01-01T00:00:00Z")
        control.advance(number)
        control.snapshot("start")
        statuses = [create().status_code]
        control.restore("start")
        control.add_fault("unavailable", {"status": 500 + number % 99}, times=1)
        statuses += [create().status_code for _ in range(3)]
        found = control.records("incident", "correlation_idSTARTSWITHof ")
        times = {each["sys_created_on"] for each in found}
        entries = len(control.requests(path="*/incident"))
        base.drop_world(name)
        owners = sorted({each["correlation_id"] for each in found})
        return len(found), owners, entries, ",".join(map(str, statuses)), times.pop()


def test_forty_parallel_clients_do_not_meet(server: Server, worlds: Any) -> None:
    with ThreadPoolExecutor(max_workers=CLIENTS) as pool:
        stories = list(pool.map(lambda number: story(server.url, number), range(CLIENTS)))
    for number, (count, owners, entries, statuses, created) in enumerate(stories):
        assert (count, owners, entries) == (2, [f"of {number}"], 4)
        assert statuses == f"201,{500 + number % 99},201,201"
        assert created == f"2026-01-01 00:{number // 60:02d}:{number % 60:02d}"
    assert worlds.names() == ["dev00000"]
