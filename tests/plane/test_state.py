"""Reset, clock and ids of a world over the test plane."""

from __future__ import annotations

from typing import Any

import pytest

from sandtable.library.plane_client import PlaneRefusal

pytestmark = pytest.mark.ours("the test plane puts a world where a test wants it")


def test_info_says_what_answers(plane: Any) -> None:
    info = plane.control.info()
    assert info["product"] == "sandtable"
    assert info["world"] == info["instance"] == "dev00000"
    assert info["durable"] is False
    assert plane.control.is_ready()


def test_reset_puts_everything_back(plane: Any) -> None:
    start = plane.incidents()
    plane.create()
    plane.instance.set_property("glide.sys.date_format", "dd/MM/yyyy")
    plane.control.add_fault("latency", {"seconds": 0})
    plane.control.advance(86400)
    plane.call("GET", "/api/now/table/incident?sysparm_nonsense=1")
    cookie = plane.session.cookies.copy()
    assert plane.control.reset()["reset"] is True
    info = plane.control.info()
    assert plane.incidents() == start
    assert plane.instance.property("glide.sys.date_format") != "dd/MM/yyyy"
    assert (info["planned_faults"], info["journalled_requests"]) == (0, 0)
    assert info["clock"]["follows_real_time"] is True
    assert plane.control.unsimulated() == []
    plane.session.cookies = cookie
    answer = plane.session.get(plane.base_url + "/api/now/table/incident")
    assert answer.status_code == 401, "sessions end with the users they belong to"


def test_ids_repeat_by_seed(plane: Any) -> None:
    def made() -> list[str]:
        return [plane.create() for _ in range(3)]

    plane.control.reset(random_seed=7)
    first = made()
    plane.control.reset(random_seed=7)
    assert made() == first
    plane.control.reset()
    plane.control.set_ids(7)
    plane.control.info()
    assert made() == first, "asking the plane something takes no id away"
    plane.control.reset(random_seed=8)
    assert made() != first


def test_the_clock_freezes_moves_and_runs(plane: Any) -> None:
    frozen = plane.control.freeze("2026-03-01T09:30:00+01:00")
    assert frozen["now"] == "2026-03-01T08:30:00.000Z"
    assert frozen["frozen"] is True
    assert plane.control.advance(90)["now"] == "2026-03-01T08:31:30.000Z"
    sys_id = plane.create()
    assert plane.control.record("incident", sys_id)["sys_created_on"] == "2026-03-01 08:31:30"
    assert plane.control.clock(set="2020-01-01")["now"] == "2020-01-01T00:00:00.000Z"
    running = plane.control.clock(unfreeze=True, rate=1000.0)
    assert (running["frozen"], running["rate"]) == (False, 1000.0)
    assert plane.control.clock()["now"] > "2020-01-01T00:00:00.000Z"
    assert plane.control.clock(follow=True)["follows_real_time"] is True


@pytest.mark.parametrize(
    "body, field",
    [
        ({"set": "yesterday"}, "set"),
        ({"set": "1900-01-01"}, "set"),
        ({"freeze": "noon"}, "freeze"),
        ({"freeze": 5}, "freeze"),
        ({"freeze": True, "unfreeze": True}, "unfreeze"),
        ({"rate": 0}, "rate"),
        ({"rate": "fast"}, "rate"),
        ({"set": "9999-12-31"}, "set"),
        ({"freeze": "9000-01-02"}, "freeze"),
        ({"advance": 4e9, "set": "8990-01-01", "rate": 5, "unfreeze": True}, "advance"),
        ({"follow": True, "advance": -4e9}, "advance"),
        ({"advance": True}, "advance"),
        ({"advanse": 1}, "advanse"),
        ([], "body"),
    ],
)
def test_a_bad_clock_is_refused_by_field_and_nothing_moves(plane: Any, body: Any, field: str) -> None:
    plane.control.freeze("2026-03-01T08:00:00Z")
    answer = plane.raw("PUT", "/clock", json=body)
    error = answer.json()["error"]
    assert answer.status_code == 422
    assert error["field"] == field
    assert error["problem"]
    assert error["fix"]
    kept = {"now": "2026-03-01T08:00:00.000Z", "frozen": True, "rate": 1.0, "follows_real_time": False}
    assert plane.control.clock() == kept


@pytest.mark.parametrize("at, text", [("9000-01-01", "9000-01-01 00:00:00"), ("1970-01-01", "1970-01-01 00:00:00")])
def test_an_instance_works_at_both_ends_of_its_time(plane: Any, at: str, text: str) -> None:
    plane.control.freeze(at)
    plane.control.add_fault("clock-jump", {"seconds": 3e9 if at > "5" else -3e9})
    sys_id = plane.create()
    assert plane.control.record("incident", sys_id)["sys_created_on"] == text
    assert plane.call("GET", "/api/now/table/incident?sysparm_display_value=true").status_code == 200
    assert plane.control.reset()["reset"] is True


def test_what_is_no_json_is_refused(plane: Any) -> None:
    answer = plane.raw("PUT", "/clock", data="{", headers={"Content-Type": "application/json"})
    assert answer.status_code == 400
    assert answer.json()["error"]["field"] == "body"
    assert plane.raw("POST", "/reset?hard=1").json()["error"]["field"] == "hard"
    with pytest.raises(PlaneRefusal, match="did you mean random_seed"):
        plane.control.call("POST", "/reset", {"random_sed": 1})
