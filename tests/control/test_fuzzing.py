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

from sandtable.assembly import make_worlds
from sandtable.inprocess import session_for
from sandtable.settings import Settings
from sandtable.web.app import create_app
from sandtable.web.control.catalogue import OPERATIONS
from sandtable.worlds import Worlds

pytestmark = pytest.mark.ours("bad input to the test plane is refused by field, and never breaks it")

URL = "http://dev00000.example.com"


@pytest.fixture(scope="module")
def fuzzed() -> Worlds:
    return make_worlds(Settings(seed=2))


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
        named = [item.name for item in fields(operation.body)] if operation.body else ["incident", "fault"]
        body = data.draw(st.dictionaries(st.sampled_from(named), VALUES, max_size=3) | VALUES)
        options["data"] = data.draw(st.sampled_from([json.dumps(body).encode(), b"\xff{", b"a,b\n1,2\n", b"<unload/>"]))
        kind = data.draw(st.sampled_from(["application/json", "text/csv", "application/xml", "application/zip", ""]))
        options["headers"] = {"Content-Type": kind}
    answer = session.request(operation.method, f"{URL}/_sandtable{path}", **options)
    assert answer.status_code < 500, answer.text
    if answer.status_code >= 400 and answer.status_code not in (404, 405):
        error = answer.json()["error"]
        assert error["field"]
        assert error["problem"]
        assert error["fix"]
    for name in fuzzed.names()[1:]:
        fuzzed.drop(name)
    assert session.get(f"{URL}/_sandtable/info").status_code == 200
