"""Two servers on one database, each with an application of its own: what one has done the other knows at once."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from sandtable.core.values.visits import Outlived
from sandtable.serving.assembly import make_worlds
from sandtable.settings.settings import Settings
from sandtable.web.app import create_app
from sandtable.web.worlds.worlds import Worlds

pytestmark = pytest.mark.ours("any number of servers on one database answer as one")

ADMIN = ("admin", "admin")
INCIDENTS = "/api/now/table/incident"
PLANE = "/_sandtable"


@pytest.fixture(scope="module")
def servers(postgresql: str) -> Iterator[tuple[Worlds, Worlds]]:
    settings = Settings(data=postgresql, name="pair")
    made = make_worlds(settings), make_worlds(settings)
    yield made
    for worlds in made:
        worlds.default.close()


@pytest.fixture(scope="module")
def pair(servers: tuple[Worlds, Worlds]) -> tuple[Any, Any]:
    one, other = (create_app(worlds, Settings()).test_client() for worlds in servers)
    return one, other


def _create(client: Any, **values: str) -> dict[str, str]:
    answer = client.post(INCIDENTS, json=values, auth=ADMIN)
    assert answer.status_code == 201, answer.text
    found: dict[str, str] = answer.json["result"]
    return found


def _at_once(*works: Any) -> None:
    threads = [threading.Thread(target=work) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def test_numbers_have_no_gap_and_no_twin(pair: tuple[Any, Any]) -> None:
    numbers: list[int] = []
    _at_once(*(lambda c=client: numbers.extend(int(_create(c)["number"][3:]) for _ in range(6)) for client in pair))
    assert sorted(numbers) == list(range(min(numbers), min(numbers) + 12))


def test_one_correlation_id_makes_one_incident(pair: tuple[Any, Any]) -> None:
    """The Import Set API coalesces on it, and both send the same ones at the same time."""
    statuses: list[str] = []

    def send(client: Any) -> None:
        for number in range(4):
            answer = client.post(
                "/api/now/import/x_elas2_inc_int_elastic_incident",
                json={"u_short_description": "down", "u_correlation_id": f"Same-{number}"},
                auth=("elastic.integration", Settings.integration_password),
            )
            statuses.append(answer.json["result"][0]["status"])

    _at_once(*(lambda c=client: send(c) for client in pair))
    found = pair[0].get(f"{INCIDENTS}?sysparm_query=correlation_idSTARTSWITHSame-", auth=ADMIN).json["result"]
    assert len(found) == 4
    assert len(statuses) == 8
    assert statuses.count("inserted") == 4


def test_each_write_counts(pair: tuple[Any, Any]) -> None:
    made = _create(pair[0])
    address = f"{INCIDENTS}/{made['sys_id']}"

    def write(client: Any, name: str) -> None:
        for number in range(5):
            assert client.patch(address, json={"work_notes": f"{name} {number}"}, auth=ADMIN).status_code == 200

    _at_once(*(lambda c=client, n=str(n): write(c, n) for n, client in enumerate(pair)))
    assert pair[0].get(address, auth=ADMIN).json["result"]["sys_mod_count"] == "10"
    query = f"element_id={made['sys_id']}^ORDERBYsys_created_on"
    notes = pair[1].get(f"/api/now/table/sys_journal_field?sysparm_query={query}", auth=ADMIN).json["result"]
    for name in "01":
        assert [each["value"] for each in notes if each["value"].startswith(name)] == [f"{name} {n}" for n in range(5)]


def test_configuration_is_right_at_once(pair: tuple[Any, Any], servers: tuple[Worlds, Worlds]) -> None:
    one, other = pair
    name = "glide.ui.session_timeout"
    for value in ("11", "12"):
        assert other.get(f"{INCIDENTS}?sysparm_limit=1", auth=ADMIN).status_code == 200  # it remembers what is now
        servers[0].default.set_property(name, value)
        seen = other.get(f"/api/now/table/sys_properties?sysparm_query=name={name}", auth=ADMIN).json["result"]
        assert [each["value"] for each in seen] == [value]
        assert servers[1].default.property(name) == value


def test_a_column_made_here_is_there(pair: tuple[Any, Any]) -> None:
    one, other = pair
    column = {"name": "incident", "element": "u_floor", "internal_type": "integer", "column_label": "Floor"}
    assert one.post("/api/now/table/sys_dictionary", json=column, auth=ADMIN).status_code == 201
    assert _create(other, u_floor="7")["u_floor"] == "7"


def test_who_signed_in_here_is_signed_in_there(pair: tuple[Any, Any]) -> None:
    one, other = pair
    answer = one.get(INCIDENTS, query_string={"sysparm_limit": 1}, auth=ADMIN)
    cookie = next(each for each in answer.headers.getlist("Set-Cookie") if each.startswith("JSESSIONID"))
    headers = {"Cookie": cookie.partition(";")[0]}
    fresh = other.application.test_client(use_cookies=False)
    assert fresh.get(f"{INCIDENTS}?sysparm_limit=1", headers=headers).status_code == 200
    assert fresh.get(f"{INCIDENTS}?sysparm_limit=1", headers={"Cookie": "JSESSIONID=nobody"}).status_code == 401


def test_the_next_three_answers_are_three(pair: tuple[Any, Any]) -> None:
    one, other = pair
    planned = one.post(f"{PLANE}/faults", json={"fault": "unavailable", "times": 3})
    assert planned.status_code == 201, planned.text
    statuses = [
        client.get(f"{INCIDENTS}?sysparm_limit=1", auth=ADMIN).status_code for client in (other, one, other, one)
    ]
    assert statuses == [503, 503, 503, 200]
    assert other.delete(f"{PLANE}/faults").status_code == 204
    assert one.get(f"{PLANE}/faults").json["faults"] == []


def test_the_clock_is_one(pair: tuple[Any, Any]) -> None:
    one, other = pair
    assert one.put(f"{PLANE}/clock", json={"freeze": "2031-05-01T10:00:00Z"}).status_code == 200
    assert _create(other)["sys_created_on"] == "2031-05-01 10:00:00"
    assert other.put(f"{PLANE}/clock", json={"advance": 60}).status_code == 200
    assert _create(one)["sys_created_on"] == "2031-05-01 10:01:00"
    assert one.post(f"{PLANE}/reset", json={}).status_code == 200
    assert not _create(other)["sys_created_on"].startswith("2031")


def test_what_waits_in_one_is_not_carried_out_when_the_other_has_gone_back(
    pair: tuple[Any, Any], servers: tuple[Worlds, Worlds]
) -> None:
    one, other = pair
    fault = {"fault": "latency", "with": {"seconds": 600}, "when": {"method": "PATCH"}}
    assert one.post(f"{PLANE}/faults", json=fault).status_code == 201
    (admin,) = servers[0].default.system().table("sys_user").query("user_name=admin")
    address, title = f"/api/now/table/sys_user/{admin.sys_id}", admin["title"]
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(other.patch, address, json={"title": "left behind"}, auth=ADMIN)
        while not any(each["fired"] for each in one.get(f"{PLANE}/faults").json["faults"]):
            pass
        assert one.post(f"{PLANE}/reset", json={}).status_code == 200
        told = [client.get(address, auth=ADMIN).json["result"]["title"] for client in pair]
        with pytest.raises(Outlived):  # not in ten minutes: the other has heard of it
            waiting.result()
    assert told == [title, title]
    assert other.get(address, auth=ADMIN).json["result"]["title"] == title


def test_requests_and_what_is_not_simulated_are_told_by_both(pair: tuple[Any, Any]) -> None:
    one, other = pair
    one.delete(f"{PLANE}/requests")
    one.get(f"{INCIDENTS}?sysparm_limit=1&sysparm_nonsense=1", auth=ADMIN)
    other.get(f"{INCIDENTS}?sysparm_limit=2&sysparm_nonsense=1", auth=ADMIN)
    for client in pair:
        entries = client.get(f"{PLANE}/requests").json["requests"]
        assert [each["query"].partition("&")[0] for each in entries] == ["sysparm_limit=1", "sysparm_limit=2"]
        assert [each["user"] for each in entries] == ["admin", "admin"]
        notes = client.get(f"{PLANE}/unsimulated").json["unsimulated"]
        assert [each["count"] for each in notes if each["name"] == "sysparm_nonsense"] == [2]


def test_snapshots_and_stubs_are_of_both(pair: tuple[Any, Any]) -> None:
    one, other = pair
    assert one.post(f"{PLANE}/snapshots", json={"name": "before"}).status_code == 201
    made = _create(one)
    assert other.post(f"{PLANE}/snapshots/before/restore", json={}).status_code == 200
    assert one.get(f"{INCIDENTS}/{made['sys_id']}", auth=ADMIN).status_code == 404
    stub = {"method": "GET", "path": "/api/x_acme/thing", "json": {"a": 1}, "authentication": False}
    assert one.post(f"{PLANE}/stubs", json=stub).status_code == 201
    assert other.get("/api/x_acme/thing").json == {"a": 1}


def test_each_answers_for_every_world(pair: tuple[Any, Any]) -> None:
    one, other = pair
    assert one.post(f"{PLANE}/worlds", json={"name": "blue"}).status_code == 201
    made = other.post("/_worlds/blue" + INCIDENTS, json={"short_description": "blue"}, auth=ADMIN)
    assert made.status_code == 201
    assert other.post(f"{PLANE}/worlds", json={"name": "copy", "fork": "blue"}).status_code == 201
    address = f"{INCIDENTS}/{made.json['result']['sys_id']}"
    assert one.get("/_worlds/copy" + address, auth=ADMIN).status_code == 200
    assert one.get(address, auth=ADMIN).status_code == 404
    assert [each["name"] for each in one.get(f"{PLANE}/worlds").json["worlds"]] == ["pair", "blue", "copy"]
    for name in ("blue", "copy"):
        assert one.delete(f"{PLANE}/worlds/{name}").status_code == 204
    assert other.get("/_worlds/blue" + INCIDENTS, auth=ADMIN).status_code == 404


def test_a_name_that_another_server_has_freed_is_free(pair: tuple[Any, Any], servers: tuple[Worlds, Worlds]) -> None:
    one, other = pair
    assert one.post(f"{PLANE}/worlds", json={"name": "again"}).status_code == 201
    made = other.post("/_worlds/again" + INCIDENTS, json={}, auth=ADMIN).json["result"]["sys_id"]
    assert one.delete(f"{PLANE}/worlds/again").status_code == 204
    assert other.post(f"{PLANE}/worlds", json={"name": "again"}).status_code == 201
    assert one.get(f"/_worlds/again{INCIDENTS}/{made}", auth=ADMIN).status_code == 404
    assert one.post("/_worlds/again" + INCIDENTS, json={}, auth=ADMIN).status_code == 201
    assert other.post(f"{PLANE}/worlds", json={"name": "Again"}).status_code == 422
    assert one.delete(f"{PLANE}/worlds/again").status_code == 204


def test_of_two_who_make_a_world_at_once_one_does(pair: tuple[Any, Any]) -> None:
    statuses: list[int] = []
    _at_once(*(lambda c=c: statuses.append(c.post(f"{PLANE}/worlds", json={"name": "once"}).status_code) for c in pair))
    assert sorted(statuses) == [201, 422]
    assert pair[0].delete(f"{PLANE}/worlds/once").status_code == 204
