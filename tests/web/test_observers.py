"""What observes a request can neither fail it nor change it, whatever the request holds and whatever fails in it."""

from __future__ import annotations

import base64
import gzip
import io
import json
import logging
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import requests
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from tests.web.conftest import ADMIN, IN_PROCESS_URL

from sandtable.core.values.secret_names import STARS, is_secret_name
from sandtable.faults.forms import read
from sandtable.library.in_process import WSGIAdapter
from sandtable.pytest.report import sections_of
from sandtable.recording import Exchange, Redactor
from sandtable.recording.redactor import RecordedAnswer
from sandtable.serving.assembly import create_instance
from sandtable.web.app import create_app
from sandtable.web.journal import redaction
from sandtable.web.journal import request_journal as journal
from sandtable.web.journal import request_log as request_logs
from sandtable.web.journal.redaction import UNSHOWN, body_shown
from sandtable.web.journal.request_journal import EntryPattern
from sandtable.web.journal.request_log import RequestLog
from sandtable.web.journal.verification import Expectation, verify
from sandtable.web.steps import journal_step
from sandtable.web.worlds.worlds import World, Worlds

pytestmark = pytest.mark.ours("no observer fails a request or changes it")

TABLE = "/api/now/table/incident"
SECRET = "s3cr3t-"
PACKED = base64.b64encode(json.dumps({"password": f"{SECRET}packed", "type": ["x"]}).encode()).decode()
# Names that mean something to those who look for secrets, beside any others.
NAMES = st.sampled_from(
    ["type", "value", "is_private", "headers", "url", "body", "name", "password", "token", "code", "link", "email"]
) | st.text(max_size=4)
LEAVES = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(), max_size=8)
    | st.sampled_from(["password2", "true", "a?password=x&b", "/x?sysparm_query=password=\ud800", PACKED, "eyJ", "{"])
)
VALUES = st.recursive(
    LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=4), max_leaves=20
)


def with_secrets(value: Any, name: str = "") -> Any:
    """Return a value of JSON in which each text that a secret name has is a secret."""
    if isinstance(value, dict):
        return {key: with_secrets(each, key) for key, each in value.items()}
    if isinstance(value, list):
        return [with_secrets(each, name) for each in value]
    return f"{SECRET}{value}" if isinstance(value, str) and value and is_secret_name(name) else value


@given(value=VALUES, spaced=st.booleans())
@example(value={"type": ["endpoint"], "value": 1}, spaced=False)
@example(value={"type": {"value": "password2"}, "value": {"value": f"{SECRET}1"}}, spaced=False)
@example(value={"is_private": {"display_value": "true"}, "value": [f"{SECRET}1", {"a": f"{SECRET}2"}]}, spaced=True)
@example(value={"password": [f"{SECRET}1"], "url": "?sysparm_query=password=\ud800", "headers": [1, {}]}, spaced=False)
def test_any_json_is_shown_and_recorded_without_its_secrets(value: Any, spaced: bool) -> None:
    value = with_secrets(value)
    text = json.dumps(value, indent=1 if spaced else None)
    shown = body_shown(text, "application/json")
    assert SECRET not in shown
    assert UNSHOWN not in shown
    shown.encode("utf-8")
    if isinstance(value, dict | list) and not any(word in text for word in (SECRET, "password", PACKED)):
        assert json.loads(shown) == value or STARS in shown
    redactor = Redactor("https://acme.service-now.com")
    asked = redactor.request("POST", "/x", "", [("Content-Type", "application/json")], text.encode())
    answered = redactor.answer(200, "OK", [("Content-Type", "application/json")], text.encode())
    file = Exchange("0001-POST-x.json", asked, answered).as_json()
    assert SECRET not in file
    json.loads(file.encode("utf-8"))


@pytest.mark.parametrize(
    "text",
    [
        '{"password": "s3cr3t-1", "password": ""}',
        '{"a": [{"token": "s3cr3t-1", "token": "s3cr3t-2"}]}',
        '{"type": "password2", "type": "string", "name": "a", "pwd": "s3cr3t-1"}',
        '{"a":' * 400 + '{"password": "s3cr3t-1"}' + "}" * 400,
        '{"a":' * 3000 + '"s3cr3t"' + "}" * 3000 + '{"password": "s3cr3t-1"}',
        "[" * 100_000,
        '{"password": "s3cr3t-1", "a": ' + "9" * 5000 + "}",
        '{"password": "s3cr3t-',
        '{"password": "s3cr3t-1", "b": "\\ud800"}',
    ],
)
@pytest.mark.parametrize("kind", ["application/json", "text/plain", ""])
def test_json_that_says_something_twice_or_is_deep_or_cut(text: str, kind: str) -> None:
    shown = body_shown(text, kind)
    assert "s3cr3t-" not in shown
    shown.encode("utf-8")
    recorded = Redactor("https://acme.service-now.com").request(
        "POST", "/", "", [("Content-Type", kind)], text.encode()
    )
    file = Exchange("0001-POST-x.json", recorded, RecordedAnswer(200, "OK")).as_json()
    assert "s3cr3t-" not in file
    file.encode("utf-8")


@pytest.fixture(scope="module")
def world() -> Iterator[tuple[World, Any, io.StringIO]]:
    instance = create_instance(random_seed=1)
    worlds = Worlds(instance)
    log = io.StringIO()
    yield worlds.world(instance.name), create_app(worlds, log=RequestLog("json", log)), log
    instance.close()


@pytest.fixture
def call(world: tuple[World, Any, io.StringIO]) -> Iterator[Any]:
    kept, app, _ = world
    with requests.Session() as session:
        session.mount("http://", WSGIAdapter(app))
        yield lambda method, path, **given: session.request(method, IN_PROCESS_URL + path, auth=ADMIN, **given)
    kept.reset()


@given(body=st.dictionaries(NAMES, VALUES, max_size=4))
@example(body={"type": ["endpoint", "connection"], "short_description": "an ECS event"})
@example(body={"type": {"body": PACKED}})
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
def test_requests_of_any_json_are_carried_out_and_seen(
    world: tuple[World, Any, io.StringIO], call: Any, body: dict[str, Any]
) -> None:
    kept, _, log = world
    kept.journal.restart()
    log.seek(0)
    log.truncate()
    answer = call("POST", TABLE, data=json.dumps(body), headers={"Content-Type": "application/json"})
    assert answer.status_code in (201, 400, 403, 405)
    (seen,) = call("GET", "/_sandtable/requests").json()["requests"]
    assert (seen["status"], seen["path"]) == (answer.status_code, TABLE)
    found = call("POST", "/_sandtable/verify", json={"match": {"body": body, "path": TABLE}, "exactly": 1})
    assert found.status_code == 200
    # What is struck out inside of a packed text leaves no stars that one could see.
    repacked = seen["request_body"].count(PACKED) < json.dumps(body).count(PACKED)
    if STARS not in seen["request_body"] and not repacked and body:
        assert found.json()["verified"] is True, found.json()
    assert json.loads(log.getvalue().splitlines()[0])["status"] == answer.status_code


def test_display_values_of_a_column_called_type(call: Any) -> None:
    asked = {"sysparm_display_value": "all", "sysparm_query": "typeISNOTEMPTY", "sysparm_limit": "3"}
    answer = call("GET", "/api/now/table/sys_properties", params=asked)
    assert answer.status_code == 200
    (seen,) = call("GET", "/_sandtable/requests").json()["requests"]
    assert seen["response_body"] == answer.text


class Broken(Exception):
    """What fails in an observer here."""


def broken(*arguments: Any, **named: Any) -> Any:
    raise Broken("an observer failed")


# What of an observer fails, and what is still known of the request afterwards.
FAILING = [
    (redaction, "is_secret_name"),
    (redaction, "_json_shown"),
    (redaction, "redacted"),
    (request_logs, "is_secret_name"),
    (request_logs, "key_parameters"),
    (request_logs, "text_line"),
    (journal, "key_parameters"),
    (journal_step, "WireRequest"),
    (journal, "is_private"),
    (journal, "parse_qsl"),
    (journal.JournalEntry, "answered"),
    (journal.RequestJournal, "begin"),
    (journal.RequestJournal, "trim"),
]


@pytest.mark.parametrize("owner, name", FAILING, ids=[f"{owner.__name__}.{name}" for owner, name in FAILING])
def test_a_failing_observer_is_noticed_by_nobody_but_the_log(
    world: tuple[World, Any, io.StringIO],
    call: Any,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    owner: Any,
    name: str,
) -> None:
    kept, _, _ = world
    before = kept.instance.system().table("incident").count()
    expected = call("POST", TABLE, json={"short_description": "observed"})
    elsewhere = call("GET", "/nowhere")
    with monkeypatch.context() as planted:
        planted.setattr(owner, name, broken)
        body = {"short_description": "observed", "password": "s3cr3t-1", "url": "/x?a=b"}
        answer = call("POST", f"{TABLE}?password=s3cr3t-2", json=body, headers={"X-Api-Key": "s3cr3t-3"})
        assert (answer.status_code, sorted(answer.json()["result"])) == (201, sorted(expected.json()["result"]))
        assert kept.instance.system().table("incident").count() == before + 2
        assert call("GET", "/nowhere").status_code == elsewhere.status_code
        shown = call("GET", "/_sandtable/requests")
        assert shown.status_code == 200
        assert SECRET not in shown.text
        found = verify(kept.journal, read(Expectation, {"match": {"path": "/not/asked", "query": {"a": "b"}}}))
        assert found["verified"] is False
        assert SECRET not in str(found)
        assert kept.journal.entries(EntryPattern(body_contains="never said")) == []
        instance: Any = SimpleNamespace(
            instance=kept.instance, url="", journal=kept.journal, changes=list, unsimulated=[]
        )
        assert sections_of(instance)
        assert SECRET not in str(sections_of(instance))
    if name != "text_line":  # the log of this world is JSON
        assert "Broken: an observer failed" in caplog.text


def test_a_report_that_cannot_be_made_says_so(world: tuple[World, Any, io.StringIO], call: Any) -> None:
    kept, _, _ = world
    call("GET", TABLE)
    instance: Any = SimpleNamespace(
        instance=kept.instance, url="", journal=kept.journal, changes=broken, unsimulated=[]
    )
    sections = dict(sections_of(instance))
    assert any("1 requests" in title and "GET /api/now/table/incident" in text for title, text in sections.items())
    assert any("Broken: an observer failed" in text for text in sections.values())


class Ascii(io.TextIOWrapper):
    """A log file of a machine whose letters are those of ASCII."""


@pytest.mark.parametrize("kind", ["text", "json"])
def test_a_log_that_cannot_be_written(world: tuple[World, Any, io.StringIO], tmp_path: Path, kind: str) -> None:
    kept, _, _ = world
    closed = io.StringIO()
    closed.close()
    logging.getLogger("sandtable.observing").setLevel(logging.CRITICAL)
    try:
        RequestLog(kind, closed).write_unserved(kept, "GET", "/", 200, 1.0, ())
    finally:
        logging.getLogger("sandtable.observing").setLevel(logging.NOTSET)
    with (tmp_path / "log").open("w", encoding="ascii") as stream:
        RequestLog(kind, stream).write_unserved(kept, "GET", "/caf\xe9", 200, 1.0, ())
    assert "/caf\\xe9" in (tmp_path / "log").read_text(encoding="ascii")


@pytest.mark.parametrize(
    "data",
    [b"", b"\x1f\x8b", gzip.compress(b"a" * 99, mtime=0)[:-9], gzip.compress(b"a" * 99, mtime=0)[:15] + b"\xff" * 9],
)
def test_packed_bodies_that_were_damaged_on_the_way(data: bytes) -> None:
    kept = journal.Kept()
    kept.add(data)
    assert "damaged" in kept.text(packed=True) or not data


def test_looking_changes_nothing_of_an_instance() -> None:
    """The ids of a new instance are the same with and without a journal that looks at requests."""
    one, other = create_instance(random_seed=3), create_instance(random_seed=3)
    for instance, looks in ((one, True), (other, False)):
        worlds = Worlds(instance)
        with requests.Session() as session:
            session.mount("http://", WSGIAdapter(create_app(worlds)))
            for number in range(3):
                session.post(IN_PROCESS_URL + TABLE, json={"short_description": f"{number}"}, auth=ADMIN)
                if looks:
                    session.get(f"{IN_PROCESS_URL}/_sandtable/requests")
                    session.post(f"{IN_PROCESS_URL}/_sandtable/verify", json={})
    ids = [
        [record.sys_id for record in each.system().table("incident").query("ORDERBYnumber")] for each in (one, other)
    ]
    assert ids[0] == ids[1]
