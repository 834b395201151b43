"""The request log has a line for each request, those included that a fault kept from the instance."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest

from sandtable.inprocess import session_for
from sandtable.web.app import create_app
from sandtable.web.request_log import RequestLog
from sandtable.worlds import World, Worlds

pytestmark = pytest.mark.ours("one line a request, whatever happens to it, and no secret in any")


def lines(world: World, worlds: Worlds, kind: str, faults: list[dict[str, Any]]) -> list[str]:
    stream = io.StringIO()
    url = "http://dev00000.example.com"
    with session_for(create_app(worlds, log=RequestLog(kind, stream)), url) as session:
        for fault in faults:
            world.faults.add(fault)
        session.get(f"{url}/api/now/table/incident?sysparm_limit=1&password=hidden", auth=("admin", "admin"))
    return stream.getvalue().splitlines()


def test_a_request_that_never_reached_the_instance(world: World, worlds: Worlds) -> None:
    (line,) = lines(world, worlds, "json", [{"fault": "unavailable"}])
    seen = json.loads(line)
    assert (seen["status"], seen["method"], seen["faults"], seen["world"]) == (503, "GET", "unavailable", "dev00000")
    assert seen["target"] == "/api/now/table/incident?sysparm_limit=1&password=********"


def test_a_request_that_reached_it(world: World, worlds: Worlds) -> None:
    (line,) = lines(world, worlds, "text", [{"fault": "latency", "with": {"seconds": 0}}, {"fault": "zero-rows"}])
    assert " 200 GET " in line
    assert "faults=latency,zero-rows" in line
    assert "hidden" not in line


def test_a_request_that_was_delivered_twice(world: World, worlds: Worlds) -> None:
    assert len(lines(world, worlds, "text", [{"fault": "duplicate-delivery"}])) == 2
