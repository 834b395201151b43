"""Whatever is sent to the test plane, it does what was asked for or names the field and the fix; it never breaks."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import fields
from typing import Any

import pytest
import requests
from hypothesis import given, settings
from hypothesis import strategies as st

from sandtable.library.in_process import session_for
from sandtable.serving.assembly import make_worlds
from sandtable.settings.settings import Settings
from sandtable.web.app import create_app
from sandtable.web.plane.catalogue import OPERATIONS
from sandtable.web.worlds.worlds import Worlds

pytestmark = pytest.mark.ours("bad input to the test plane is refused by field, and never breaks it")

URL = "http://dev00000.example.com"


@pytest.fixture(scope="module")
def fuzzed() -> Worlds:
    return make_worlds(Settings(random_seed=2))


@pytest.fixture(scope="module")
def session(fuzzed: Worlds) -> Iterator[requests.Session]:
    with session_for(create_app(fuzzed), URL) as made:
        yield made


NAMES = st.sampled_from(["incident", "sys_user", "dev00000", "fault-1", "snapshot-1", "0", "x"]) | st.text(
    st.characters(codec="utf-8", exclude_characters="/"), min_size=1, max_size=6
)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 5) | st.floats(-10, 10) | st.text(max_size=6) | NAMES,
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(NAMES, inner, max_size=2),
    max_leaves=5,
)


def quoted(text: str) -> str:
    return requests.utils.quote(text, safe="")


@given(st.data())
@settings(max_examples=150)
def test_anything_to_any_operation(session: requests.Session, fuzzed: Worlds, data: st.DataObject) -> None:
    operation = data.draw(st.sampled_from(OPERATIONS))
    path = operation.path
    for name in operation.placeholders:
        path = path.replace(f"{{{name}}}", quoted(data.draw(NAMES)))
    options: dict[str, Any] = {}
    known = [item.name for item in fields(operation.query)] if operation.query else ["x"]
    if data.draw(st.booleans()):
        options["params"] = data.draw(st.dictionaries(st.sampled_from(known), st.text(max_size=5), max_size=2))
    if operation.method not in ("GET", "DELETE"):
        named = [item.name for item in fields(operation.body)] if operation.body else []
        named = named or ["incident", "fault"]
        body = data.draw(st.dictionaries(st.sampled_from(named), VALUES, max_size=3) | VALUES)
        options["data"] = data.draw(st.sampled_from([json.dumps(body).encode(), b"\xff{", b"a,b\n1,2\n", b"<unload/>"]))
        kind = data.draw(st.sampled_from(["application/json", "text/csv", "application/xml", "application/zip", ""]))
        options["headers"] = {"Content-Type": kind}
    answer = session.request(operation.method, f"{URL}/_sandtable{path}", **options)
    assert answer.status_code < 500, answer.text
    if answer.status_code >= 400:
        error = answer.json()["error"]
        assert error["field"]
        assert error["problem"]
        assert error["fix"]
    for name in fuzzed.names()[1:]:
        fuzzed.drop(name)
    assert session.get(f"{URL}/_sandtable/info").status_code == 200


@pytest.mark.parametrize(
    "method, path, status, field, problem, fix",
    [
        ("GET", "/snapshot", 404, "path", "there is no /_sandtable/snapshot", "did you mean /_sandtable/snapshots?"),
        ("POST", "/~~/~~/~~/~~", 404, "path", "there is no /_sandtable/~~/~~/~~/~~", "openapi.json lists"),
        ("GET", "", 404, "path", "there is no /_sandtable/", "/_sandtable/"),
        ("DELETE", "/info", 405, "method", "DELETE is not for /_sandtable/info", "send GET, HEAD"),
        ("GET", "/reset", 405, "method", "GET is not for /_sandtable/reset", "send POST"),
        (
            "POST",
            "/requests/verify",
            405,
            "method",
            "POST is not for /_sandtable/requests/verify",
            "send GET, HEAD; did you mean POST /_sandtable/verify?",
        ),
        ("TRACE", "/clock", 405, "method", "TRACE is not for /_sandtable/clock", "send GET, HEAD, PUT"),
        ("TRACE", "/health/live", 405, "method", "TRACE is not for /_sandtable/health/live", "send GET, HEAD"),
        ("PUT", "/health/ready", 405, "method", "PUT is not for /_sandtable/health/ready", "send GET, HEAD"),
        ("GET", "/a%0Ab", 404, "path", "there is no /_sandtable/a\nb", "openapi.json lists"),
        ("GET", "/records/%0Ar", 404, "table", "there is no table '\\nr'", "lists the tables"),
        ("GET", "/requests?table=incident&table=problem", 422, "table", "is given 2 times", "give it once"),
        ("GET", "/info?x=1", 422, "x", "is no query parameter here", "leave it out"),
    ],
)
def test_what_the_plane_does_not_have_is_refused_in_its_own_form(
    session: requests.Session, method: str, path: str, status: int, field: str, problem: str, fix: str
) -> None:
    answer = session.request(method, f"{URL}/_sandtable{path}")
    error = answer.json()["error"]
    assert (answer.status_code, error["field"], error["problem"]) == (status, field, problem)
    assert fix in error["fix"]
    if status == 405:
        assert answer.headers["Allow"] == error["fix"].removeprefix("send ").partition(";")[0]


@pytest.mark.parametrize("path", ["/api/now/table/incident", "/_sandtable/info", ""])
def test_a_world_that_is_not_there_is_named(session: requests.Session, path: str) -> None:
    answer = session.get(f"{URL}/_worlds/nowhere{path}")
    fix = "POST /_sandtable/worlds makes one"
    assert answer.status_code == 404
    assert answer.json() == {"error": {"field": "world", "problem": "there is no world 'nowhere'", "fix": fix}}


@pytest.mark.parametrize("name", [".", "..", " . ", "a/b", "x" * 101, "a\nb"])
def test_a_name_that_no_address_can_hold_is_refused(session: requests.Session, name: str) -> None:
    error = session.post(f"{URL}/_sandtable/snapshots", json={"name": name}).json()["error"]
    assert error["field"] == "name"
    assert "not dots alone" in error["fix"]


def test_nothing_can_be_chosen_about_a_restore(session: requests.Session) -> None:
    session.post(f"{URL}/_sandtable/snapshots", json={"name": "whole"})
    answer = session.post(f"{URL}/_sandtable/snapshots/whole/restore", json={"clock": False})
    error = {"field": "clock", "problem": "is no field here", "fix": "there are no fields"}
    assert (answer.status_code, answer.json()) == (422, {"error": error})
    assert session.post(f"{URL}/_sandtable/snapshots/whole/restore").status_code == 200
