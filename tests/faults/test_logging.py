"""The request log has a line for each request, those included that a fault kept from the instance."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest

from sandtable.library.in_process import session_for
from sandtable.web.app import create_app
from sandtable.web.journal.request_log import RequestLog
from sandtable.web.worlds.worlds import World, Worlds

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


def test_no_form_of_a_secret_is_in_a_line(world: World, worlds: Worlds) -> None:
    parameter = {"type": "query_param", "parameter_name": "Ident"}
    world.instance.system().table("sys_token_auth_parameter").insert(parameter)
    stream = io.StringIO()
    url = "http://dev00000.example.com"
    names = ("password", "Access_Token", "apiKey", "x-api-key", "api_key", "client%5Fsecret", "ident", "code", "pwd")
    query = "sysparm_query=active%3Dtrue%5Euser_password%3Dhidden%5EORDERBYname"
    with session_for(create_app(worlds, log=RequestLog("text", stream)), url) as session:
        for name in names:
            session.get(f"{url}/api/now/table/incident?{name}=hidden&sysparm_limit=1")
        session.get(f"{url}/api/now/table/sys_user?{query}")
    lines = stream.getvalue().splitlines()
    assert len(lines) == len(names) + 1
    assert [line for line in lines if "hidden" in line] == []
    assert all("=********&sysparm_limit=1" in line for line in lines[: len(names)])
    assert "user_password=********^ORDERBYname" in lines[-1]
