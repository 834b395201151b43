"""No request, and nothing that it leaves behind, outlives the state of the world that it came to."""

from __future__ import annotations

import select
import socket
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from types import SimpleNamespace
from typing import Any

import pytest
import requests
from tests.faults.conftest import ADMIN, Client

from sandtable.core.values.visits import Outlived, Visits
from sandtable.library.live import live_servicenow
from sandtable.library.mock import mock_servicenow
from sandtable.library.simulated import SimulatedInstance
from sandtable.serving.http.exchange import SocketConnection
from sandtable.serving.server import Server
from sandtable.settings.settings import Settings
from sandtable.web.app import create_app
from sandtable.web.worlds.worlds import Worlds

pytestmark = [pytest.mark.ours("nothing of one test is in the next"), pytest.mark.sockets]

TABLE = "/api/now/table/incident"
SOON = 0.02  # seconds after which clients give up


def test_what_a_client_has_given_up_happens_later_and_not_at_once(client: Client) -> None:
    client.plan("latency", {"seconds": 0.2})
    with pytest.raises(requests.ReadTimeout):
        client.create(timeout=0.05)
    assert client.incidents() == 0
    assert client.world.journal.entries()[-1].status is None
    client.settle()
    assert client.incidents() == 1
    assert client.world.journal.entries()[-1].status == 201


@pytest.mark.parametrize("fault", ["latency", "slow-semaphores"])
def test_a_client_that_still_waits_is_told_by_its_connection(client: Client, fault: str) -> None:
    client.plan(fault, {"seconds": 30})
    image = client.instance.image()
    with ThreadPoolExecutor(1) as pool:
        answer = pool.submit(client.create)
        while not client.world.journal.entries():
            threading.Event().wait(0.002)
        client.world.become(image)
        with pytest.raises(requests.ConnectionError):
            answer.result(timeout=5)
    entry = client.world.journal.entries()[-1]
    assert (entry.status, entry.ending) == (None, "reset")
    assert entry.shown()["explanations"] == [
        "the instance was reset or restored before this request was carried out, which ended it"
    ]
    client.world.reset()
    assert client.incidents() == 0


# one after the other --------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def live() -> Iterator[SimulatedInstance]:
    with live_servicenow(Settings(port=0, log="off", random_seed=1)) as instance:
        yield instance


def test_worlds_of_one_test_are_not_there_in_the_next(live: SimulatedInstance) -> None:
    live.reset()
    made = requests.post(f"{live.url}/_sandtable/worlds", json={"name": "mine"})
    assert made.status_code == 201, made.text
    live.worlds.world("mine").faults.add({"fault": "latency", "with": {"seconds": 30}})
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(requests.post, f"{live.url}/_worlds/mine{TABLE}", json={}, auth=ADMIN)
        while not live.worlds.world("mine").journal.entries():
            threading.Event().wait(0.002)
        live.reset()
        with pytest.raises(requests.ConnectionError):
            waiting.result(timeout=5)
    assert live.worlds.names() == [live.instance.name]


def test_the_end_of_a_mock_ends_what_waits_in_it() -> None:
    with mock_servicenow("https://ending.service-now.com") as instance:
        instance.faults.add({"fault": "latency", "with": {"seconds": 30}})
        with pytest.raises(requests.ReadTimeout):
            requests.get(f"{instance.url}{TABLE}", auth=instance.admin, timeout=SOON)
        waiting = [each for each in threading.enumerate() if each.name == "sandtable-answer"]
        assert waiting
    for thread in waiting:
        thread.join(5)
        assert not thread.is_alive()


# sockets --------------------------------------------------------------------------------------------------------------


def half_sent(url: str, length: int) -> socket.socket:
    host, port = url.removeprefix("http://").split(":")
    connection = socket.create_connection((host, int(port)))
    head = f"POST {TABLE} HTTP/1.1\r\nHost: {host}\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n"
    connection.sendall(f"{head}Authorization: Basic YWRtaW46YWRtaW4=\r\n\r\n".encode() + b"{")
    return connection


def test_a_body_that_does_not_come_holds_up_no_reset_and_is_not_written(live: SimulatedInstance) -> None:
    live.reset()
    with half_sent(live.url, length=2) as connection:
        threading.Event().wait(0.05)
        start = time.perf_counter()
        live.reset()
        assert time.perf_counter() - start < 2
        with suppress(OSError):
            connection.sendall(b"}")
            connection.settimeout(5)
            assert b" 201 " not in connection.recv(1000)
    assert live.table("incident").count() == 0


def test_a_request_that_waited_for_a_worker_is_not_carried_out_when_its_client_has_left(
    live: SimulatedInstance,
) -> None:
    from sandtable.serving.assembly import create_instance

    instance = create_instance(random_seed=1)
    worlds = Worlds(instance)
    world = worlds.world(instance.name)
    with Server(create_app(worlds), threads=2) as server, ThreadPoolExecutor(8) as pool:
        world.faults.add({"fault": "latency", "with": {"seconds": 30}, "times": 2})

        def insert(text: str, timeout: float) -> Any:
            with requests.Session() as session:
                session.trust_env = False
                body = {"short_description": text}
                return session.post(server.url + TABLE, json=body, auth=ADMIN, timeout=timeout).status_code

        waiting = [pool.submit(insert, "in a fault", 20) for _ in range(2)]
        while len(world.journal) < 2:
            threading.Event().wait(0.002)
        left = [pool.submit(insert, "given up", SOON) for _ in range(3)]
        for each in left:
            with suppress(requests.RequestException):
                each.result()
        stays = pool.submit(insert, "still there", 20)
        threading.Event().wait(0.05)
        world.reset()
        assert stays.result() == 201
        for each in waiting:
            with pytest.raises(requests.ConnectionError):
                each.result()
        found = [record["short_description"] for record in instance.system().table("incident").query()]
        assert found.count("still there") <= 1
        assert set(found) <= {"still there"}
    instance.close()


# visits by themselves -------------------------------------------------------------------------------------------------


def test_going_back_lets_those_at_work_finish_and_keeps_others_out() -> None:
    visits = Visits()
    at_work, may_finish, order = threading.Event(), threading.Event(), []

    def work() -> None:
        with visits.visit():
            at_work.set()
            may_finish.wait(5)
            visits.check()
            order.append("worked")

    def come_later() -> None:
        with visits.visit():
            order.append("came later")

    with ThreadPoolExecutor(2) as pool:
        working = pool.submit(work)
        at_work.wait(5)
        threading.Timer(0.05, may_finish.set).start()
        with visits.going_back(), visits.going_back():
            order.append("went back")
            later = pool.submit(come_later)
            threading.Event().wait(0.02)
            order.append("done")
        working.result()
        later.result()
    assert order == ["worked", "went back", "done", "came later"]


def test_a_visit_that_goes_back_itself_goes_on() -> None:
    visits = Visits()
    with visits.visit():
        with visits.visit(), visits.going_back():
            visits.check()
        visits.check()
        with visits.receiving():
            pass


def test_a_wait_ends_when_the_instance_goes_back() -> None:
    visits, waits = Visits(), threading.Event()

    def wait() -> bool:
        with visits.visit(), visits.waiting() as let_pass:
            waits.set()
            return let_pass(30)

    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(wait)
        waits.wait(5)
        with visits.going_back():
            pass
        with pytest.raises(Outlived):
            waiting.result(timeout=5)


def test_who_came_before_and_left_does_not_get_in() -> None:
    visits, now = Visits(), iter(range(1, 100))
    visits.moment = lambda: float(next(now))
    with visits.visit(arrived=0.5, has_left=lambda: True):
        pass
    with visits.going_back():
        pass
    with visits.visit(arrived=0.5, has_left=lambda: False):
        pass
    with visits.visit(arrived=1.5, has_left=lambda: True):
        pass
    with pytest.raises(Outlived), visits.visit(arrived=0.5, has_left=lambda: True):
        pass


@pytest.mark.skipif(not hasattr(socket, "TCP_INFO"), reason="only some systems tell when a client was last heard")
def test_what_lay_unread_while_the_instance_went_back_counts_as_sent_before() -> None:
    visits = Visits()
    visits.moment = time.monotonic
    with socket.create_server(("127.0.0.1", 0)) as listener, socket.create_connection(listener.getsockname()) as client:
        served, _ = listener.accept()
        with served:
            client.sendall(b"GET / HTTP/1.1")
            assert select.select([served], [], [], 5)[0]
            threading.Event().wait(0.05)
            with visits.going_back():
                pass
            threading.Event().wait(0.05)
            arrived = time.monotonic()  # read only now
            heard = SocketConnection(SimpleNamespace(connection=SimpleNamespace(sock=served))).heard_at()  # type: ignore[arg-type]
    assert visits.moved_shortly_before(arrived)
    assert not visits.moved_shortly_before(arrived + 60)
    with pytest.raises(Outlived), visits.visit(min(arrived, heard), lambda: True):
        pass
    with visits.visit(arrived, lambda: True):
        pass


@pytest.mark.skipif(not hasattr(socket, "TCP_INFO"), reason="only some systems tell when a client was last heard")
def test_what_is_sent_just_after_counts_as_sent_after_although_the_system_counts_in_ticks() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener, socket.create_connection(listener.getsockname()) as client:
        served, _ = listener.accept()
        connection = SocketConnection(SimpleNamespace(connection=SimpleNamespace(sock=served)))  # type: ignore[arg-type]
        with served:
            for _ in range(200):
                back = time.monotonic()
                client.sendall(b"G")
                assert select.select([served], [], [], 5)[0]
                assert connection.heard_at() >= back
                assert served.recv(1)
