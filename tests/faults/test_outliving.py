"""No request, and nothing that it leaves behind, outlives the state of the world that it came to."""

from __future__ import annotations

import select
import socket
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from types import SimpleNamespace
from typing import Any

import pytest
import requests
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
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
SOON, LATE = 0.02, 0.06  # seconds after which clients give up, and faults let go


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


# every way in and out -------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def live() -> Iterator[SimulatedInstance]:
    with live_servicenow(Settings(port=0, log="off", random_seed=1)) as instance:
        yield instance


@pytest.fixture(scope="module")
def in_process() -> Iterator[SimulatedInstance]:
    with mock_servicenow("https://outliving.service-now.com", random_seed=1, pass_through="127.0.0.1") as instance:
        yield instance


def ask(instance: SimulatedInstance, what: str) -> None:
    """Send a request as a client that does not wait for long."""
    item = {"id": "1", "url": TABLE, "method": "POST", "body": "e30="}
    asked: dict[str, tuple[str, str, Any]] = {
        "insert": ("POST", TABLE, {"short_description": "left behind"}),
        "import": ("POST", "/api/now/import/x_elas2_inc_int_elastic_incident", {"u_short_description": "left behind"}),
        "batch": ("POST", "/api/now/v1/batch", {"batch_request_id": "1", "rest_requests": [item]}),
        "unsimulated": ("GET", f"{TABLE}?sysparm_nothing=1", None),
        "refused": ("POST", "/oauth_token.do", None),
    }
    method, path, body = asked[what]
    with requests.Session() as session, suppress(requests.RequestException):
        session.trust_env = False
        session.request(method, instance.url + path, json=body, auth=instance.admin, timeout=SOON)


FAULTS: dict[str, dict[str, Any]] = {
    "latency": {"seconds": LATE},
    "slow-semaphores": {"seconds": LATE, "semaphores": 0},
    "lost-answer": {"seconds": LATE},
    "clock-jump": {"seconds": 60, "moment": "after"},
    "duplicate-delivery": {"deliveries": 2},
    "server-error": {},
}


def by_snapshot(instance: SimulatedInstance) -> Callable[[], None]:
    snapshot = instance.snapshot()
    return lambda: instance.restore(snapshot)


def by_image(instance: SimulatedInstance) -> Callable[[], None]:
    image = instance.instance.image()
    return lambda: instance.world.become(image)


WAYS_BACK: dict[str, Callable[[SimulatedInstance], Callable[[], None]]] = {
    "reset": lambda instance: instance.reset,
    "reset of the world": lambda instance: instance.world.reset,
    "restore": by_snapshot,
    "load of an image": by_image,
    "reset over HTTP": lambda instance: (
        lambda: requests.post(f"{instance.url}/_sandtable/reset", json={}).raise_for_status()
    ),
}


WRITTEN = (
    "task",
    "sys_import_set",
    "sys_import_set_row",
    "syslog",
    "sys_audit",
    "oauth_credential",
    "sys_number_counter",
)


def state(instance: SimulatedInstance, *, whole: bool) -> dict[str, Any]:
    """Return everything of an instance that a request can leave something in.

    Of records those that changed since the start, unless the `whole` was replaced: then how many there are.
    """
    core = instance.instance
    changed = [] if whole else [(each.operation, each.row.table, each.row.sys_id) for each in instance.changes()]
    return {
        "records": changed or [core.system().table(name).count() for name in WRITTEN],
        "ids": instance.instance.random.getstate(),
        "clock": instance.clock.state(),
        "sessions": instance.world.sessions.count(),
        "deferred": len(instance.instance._deferred),
    }


@pytest.mark.parametrize("door", ["live", "in_process"])
@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(
    requested=st.lists(
        st.tuples(
            st.sampled_from(["insert", "import", "batch", "unsimulated", "refused"]),
            st.lists(st.sampled_from(sorted(FAULTS)), max_size=2, unique=True),
        ),
        min_size=1,
        max_size=3,
    ),
    way_back=st.sampled_from(sorted(WAYS_BACK)),
    at_once=st.booleans(),
)
@example(requested=[("insert", ["latency"])], way_back="reset", at_once=True)
@example(requested=[("insert", ["slow-semaphores", "duplicate-delivery"])], way_back="reset over HTTP", at_once=True)
@example(requested=[("batch", ["clock-jump", "latency"])], way_back="restore", at_once=True)
@example(requested=[("insert", ["lost-answer"])], way_back="load of an image", at_once=False)
def test_requests_faults_and_ways_back_in_any_order(
    request: pytest.FixtureRequest,
    door: str,
    requested: list[tuple[str, list[str]]],
    way_back: str,
    at_once: bool,
) -> None:
    instance: SimulatedInstance = request.getfixturevalue(door)
    instance.reset()
    whole = way_back in ("load of an image", "reset of the world", "reset over HTTP")
    before = state(instance, whole=whole)
    go_back = WAYS_BACK[way_back](instance)
    with ThreadPoolExecutor(3) as pool:
        asking = []
        for what, faults in requested:
            for fault in faults:
                instance.faults.add({"fault": fault, "with": FAULTS[fault], "times": 1})
            asking.append(pool.submit(ask, instance, what))
            if not at_once:
                asking[-1].result()
        for each in asking:
            each.result()
    # All clients have given up or have their answer; this is where the next test begins.
    go_back()
    assert state(instance, whole=whole) == before
    threading.Event().wait(LATE)
    assert state(instance, whole=whole) == before
    if way_back == "reset":
        assert (list(instance.journal), bool(instance.faults), instance.unsimulated) == ([], False, [])
    instance.reset()
    made = [instance.table("incident").insert({"short_description": "next"}) for _ in range(2)]
    assert [record["number"] for record in made] == ["INC0010001", "INC0010002"]


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
