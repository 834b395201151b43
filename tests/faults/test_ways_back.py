"""Requests, faults and ways back in any order: nothing of one test is in the next, whichever way both have come.

What may be left behind is looked for in the instance itself, and in what it answers once it has gone back.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any

import pytest
import requests
from hypothesis import HealthCheck, Phase, example, given, settings
from hypothesis import strategies as st
from tests.reach.several import Several

from sandtable.core.store import reading
from sandtable.core.store.aside import Aside
from sandtable.core.store.sqlite.in_memory import MemoryDatabase
from sandtable.core.values import visits
from sandtable.library.live import live_servicenow
from sandtable.library.mock import mock_servicenow
from sandtable.library.simulated import SimulatedInstance
from sandtable.serving.assembly import create_instance
from sandtable.settings.settings import Settings

pytestmark = [pytest.mark.ours("nothing of one test is in the next"), pytest.mark.sockets]

PLANE = "/_sandtable"
INCIDENTS = "/api/now/table/incident"
SOON, LATE = 0.02, 0.06  # seconds after which clients give up, and faults and slow questions let go
LEFT = "left behind"

# How requests come -----------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def live() -> Iterator[SimulatedInstance]:
    with live_servicenow(Settings(port=0, log="off", random_seed=1)) as instance:
        yield instance


@pytest.fixture(scope="module")
def in_process() -> Iterator[SimulatedInstance]:
    with mock_servicenow("https://outliving.service-now.com", random_seed=1, pass_through="127.0.0.1") as instance:
        yield instance


@pytest.fixture(scope="module")
def one_of_several(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SimulatedInstance]:
    """The default world of `serve --workers`: half of the connections are passed on to where it lives."""
    running = Several(create_instance(random_seed=1), tmp_path_factory.mktemp("several"))
    yield SimulatedInstance(running.worlds[0], running.url, Settings(random_seed=1))
    running.stop()


class _All(set[str]):
    """Each statement is known to take long."""

    def __contains__(self, statement: object) -> bool:
        return True


@pytest.fixture(scope="module", autouse=True)
def slow_questions() -> Iterator[None]:
    """Have lists asked of a copy, and take long where they name what may be left behind."""
    copied, made = MemoryDatabase.copied, Aside.__init__

    def slowly(database: MemoryDatabase) -> MemoryDatabase:
        copy = copied(database)
        execute = copy.execute

        def asked(sql: str, parameters: Any = ()) -> Any:
            if any(LEFT in str(each) for each in parameters):
                threading.Event().wait(LATE)
            return execute(sql, parameters)

        copy.execute = asked
        return copy

    def always(aside: Aside, *given: Any) -> None:
        made(aside, *given)
        aside._slow = _All()

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(reading, "LARGE", 1)
        patch.setattr(MemoryDatabase, "copied", slowly)
        patch.setattr(Aside, "__init__", always)
        yield


# What is asked ---------------------------------------------------------------------------------------------------

ITEM = {"id": "1", "url": INCIDENTS, "method": "POST", "body": "e30="}
SLOW = f"{INCIDENTS}?sysparm_query=short_descriptionLIKE{LEFT}^ORDERBYshort_description&sysparm_limit=5"
ASKED: dict[str, tuple[str, str, Any]] = {
    "insert": ("POST", INCIDENTS, {"short_description": LEFT}),
    "import": ("POST", "/api/now/import/x_elas2_inc_int_elastic_incident", {"u_short_description": LEFT}),
    "batch": ("POST", "/api/now/v1/batch", {"batch_request_id": "1", "rest_requests": [ITEM]}),
    "change": ("PATCH", "/api/now/table/sys_user/ADMIN", {"title": LEFT}),
    "event": ("POST", "/api/now/table/sysevent", {"name": LEFT, "state": "ready"}),  # a job of the next request's
    "slow question": ("GET", SLOW, None),
    "fork": ("POST", f"{PLANE}/worlds", {"fork": "NAME"}),
    "unsimulated": ("GET", f"{INCIDENTS}?sysparm_nothing=1", None),
    "refused": ("POST", "/oauth_token.do", None),
}
FAULTS: dict[str, dict[str, Any]] = {
    "latency": {"seconds": LATE},
    "slow-semaphores": {"seconds": LATE, "semaphores": 0},
    "lost-answer": {"seconds": LATE},
    "clock-jump": {"seconds": 60, "moment": "after"},
    "duplicate-delivery": {"deliveries": 2},
    "server-error": {},
}


def admin_of(instance: SimulatedInstance) -> str:
    found = instance.instance.system().table("sys_user").first(filters={"user_name": "admin"})
    assert found is not None
    return found.sys_id


def send(url: str, method: str, body: Any = None, *, timeout: float | None = None) -> requests.Response:
    with requests.Session() as session:
        session.trust_env = False
        return session.request(method, url, json=body, auth=("admin", "admin"), timeout=timeout)


def ask(instance: SimulatedInstance, what: str) -> None:
    """Send a request as a client that does not wait for long."""
    method, path, body = ASKED[what]
    path = path.replace("ADMIN", admin_of(instance))
    if what == "fork":
        body = {"fork": instance.instance.name}
    with suppress(requests.RequestException):
        send(instance.url + path, method, body, timeout=SOON)


def told(instance: SimulatedInstance) -> list[bytes]:
    """Return what clients are told: records and lists, whose answers are remembered, and counts."""
    admin = f"/api/now/table/sys_user/{admin_of(instance)}?sysparm_fields=user_name,title"
    counted = "/api/now/stats/incident?sysparm_count=true"
    return [send(instance.url + path, "GET").content for path in (admin, INCIDENTS, counted, SLOW) for _ in range(2)]


WRITTEN = (
    "task", "sys_import_set", "sys_import_set_row", "syslog", "sys_audit", "oauth_credential", "sys_number_counter",
    "sysevent", "sys_user",
)  # fmt: skip


def state(instance: SimulatedInstance, *, whole: bool) -> dict[str, Any]:
    """Return everything of an instance that a request can leave something in.

    Of records those that changed since the start, unless the `whole` was replaced: then how many there are.
    """
    core = instance.instance
    changed = [] if whole else [(each.operation, each.row.table, each.row.sys_id) for each in instance.changes()]
    return {
        "records": changed or [core.system().table(name).count() for name in WRITTEN],
        "title": core.system().table("sys_user").first(filters={"user_name": "admin"})["title"],  # type: ignore[index]
        "ids": core.random.getstate(),
        "clock": instance.clock.state(),
        "sessions": instance.world.sessions.count(),
        "deferred": len(core._deferred),
        "under way": core.level,
    }


# Ways back -------------------------------------------------------------------------------------------------------


def by_snapshot(instance: SimulatedInstance) -> Callable[[], None]:
    snapshot = instance.snapshot()
    return lambda: instance.restore(snapshot)


def by_image(instance: SimulatedInstance) -> Callable[[], None]:
    image = instance.instance.image()
    return lambda: instance.world.become(image)


def by_saved_snapshot(instance: SimulatedInstance) -> Callable[[], None]:
    assert send(f"{instance.url}{PLANE}/snapshots", "POST", {"name": "before"}).status_code == 201
    return lambda: send(f"{instance.url}{PLANE}/snapshots/before/restore", "POST", {}).raise_for_status()


WAYS_BACK: dict[str, Callable[[SimulatedInstance], Callable[[], None]]] = {
    "reset": lambda instance: instance.reset,
    "reset of the world": lambda instance: instance.world.reset,
    "restore": by_snapshot,
    "load of an image": by_image,
    "restore over HTTP": by_saved_snapshot,
    "reset over HTTP": lambda instance: lambda: send(f"{instance.url}{PLANE}/reset", "POST", {}).raise_for_status(),
}
IN_PART = ("reset", "restore")  # what is not written is not replaced


@st.composite
def stories(draw: st.DrawFn) -> tuple[list[tuple[str, list[str]]], str, bool, float]:
    """What is asked under which faults, the way back, whether at once, and how long it waits for who is at work."""
    faults = st.lists(st.sampled_from(sorted(FAULTS)), max_size=2, unique=True)
    requested = draw(st.lists(st.tuples(st.sampled_from(sorted(ASKED)), faults), min_size=1, max_size=3))
    return requested, draw(st.sampled_from(sorted(WAYS_BACK))), draw(st.booleans()), draw(st.sampled_from([0.01, 5.0]))


def play(
    instance: SimulatedInstance, requested: list[tuple[str, list[str]]], way_back: str, at_once: bool, patience: float
) -> None:
    """Tell one story, and look at what is there afterwards."""
    instance.reset()
    for name in instance.worlds.names()[1:]:  # in another process
        send(f"{instance.url}{PLANE}/worlds/{name}", "DELETE").raise_for_status()
    expected = told(instance)
    instance.reset()
    whole = way_back not in IN_PART
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
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(visits, "PATIENCE_SECONDS", patience)
        go_back()
    assert state(instance, whole=whole) == before
    threading.Event().wait(LATE)
    assert state(instance, whole=whole) == before
    if way_back == "reset":
        assert (list(instance.journal), bool(instance.faults), instance.unsimulated) == ([], False, [])
        assert [each.name for each in instance.worlds.here()] == [instance.instance.name]
    instance.faults.clear()
    assert told(instance) == expected
    instance.reset()
    made = [instance.table("incident").insert({"short_description": "next"}) for _ in range(2)]
    assert [record["number"] for record in made] == ["INC0010001", "INC0010002"]


# A story takes a while, and is short: it is told as it was found.
STORIES = settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
    phases=[Phase.explicit, Phase.generate],
)


@pytest.mark.parametrize("door", ["live", "in_process"])
@settings(STORIES, max_examples=20)
@given(story=stories())
@example(story=([("insert", ["latency"])], "reset", True, 5.0))
@example(story=([("insert", ["slow-semaphores", "duplicate-delivery"])], "reset over HTTP", True, 5.0))
@example(story=([("batch", ["clock-jump", "latency"])], "restore", True, 5.0))
@example(story=([("insert", ["lost-answer"])], "load of an image", False, 5.0))
@example(story=([("slow question", []), ("insert", [])], "restore", True, 0.01))
@example(story=([("change", []), ("event", []), ("fork", [])], "restore", False, 5.0))
def test_whatever_is_asked_and_planned(
    request: pytest.FixtureRequest, door: str, story: tuple[list[tuple[str, list[str]]], str, bool, float]
) -> None:
    play(request.getfixturevalue(door), *story)


@settings(STORIES, max_examples=8)
@given(story=stories())
@example(story=([("insert", ["latency"]), ("change", [])], "reset over HTTP", True, 5.0))
def test_where_a_connection_is_passed_on(
    one_of_several: SimulatedInstance, story: tuple[list[tuple[str, list[str]]], str, bool, float]
) -> None:
    play(one_of_several, *story)
