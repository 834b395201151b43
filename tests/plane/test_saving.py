"""Snapshots: independent of each other, restored however often, compared, and carried in a file."""

from __future__ import annotations

import io
import json
import sqlite3
import zipfile
from contextlib import closing
from typing import Any

import pytest

from sandtable.library.plane_client import PlaneRefusal

pytestmark = pytest.mark.ours("a snapshot is a whole moment of an instance, and stays what it was")


def test_snapshots_are_restored_in_any_order_and_however_often(plane: Any) -> None:
    counts = {}
    for name in ("one", "two", "three"):
        plane.control.snapshot(name)
        counts[name] = plane.incidents()
        plane.create()
    for name in ("two", "one", "three", "one", "two", "two"):
        restored = plane.control.restore(name)
        assert restored["name"] == name
        assert plane.incidents() == counts[name]
        plane.create()
    assert [each["name"] for each in plane.control.snapshots()] == ["one", "two", "three"]


def test_a_snapshot_holds_clock_ids_properties_and_the_dictionary(plane: Any) -> None:
    plane.control.freeze("2026-01-01T00:00:00Z")
    plane.control.snapshot("before")
    first = plane.create()
    plane.instance.set_property("sandtable.journal.size", "17")
    plane.call("POST", "/api/now/table/sys_dictionary", json={"name": "incident", "element": "u_new"})
    assert plane.instance.dictionary.column("incident", "u_new") is not None
    plane.control.advance(3600)
    plane.control.restore("before")
    assert plane.instance.dictionary.column("incident", "u_new") is None
    assert plane.instance.property("sandtable.journal.size") != "17"
    assert plane.control.clock()["now"] == "2026-01-01T00:00:00.000Z"
    assert plane.create() == first, "ids go on from where they were"


def test_restoring_leaves_journal_and_faults_and_ends_sessions(plane: Any) -> None:
    plane.control.snapshot("a")
    plane.control.add_fault("latency", {"seconds": 0})
    plane.create()
    cookies = plane.session.cookies.copy()
    plane.control.restore("a")
    assert len(plane.control.requests()) == 1
    assert len(plane.control.faults()) == 1
    plane.session.cookies = cookies
    assert plane.session.get(plane.base_url + "/api/now/table/incident").status_code == 401


def test_a_name_is_made_up_and_the_same_name_is_replaced(plane: Any) -> None:
    assert plane.control.snapshot()["name"] == "snapshot-1"
    assert plane.control.snapshot()["name"] == "snapshot-2"
    plane.create()
    plane.control.snapshot("snapshot-1")
    made = plane.incidents()
    plane.control.restore("snapshot-2")
    assert plane.incidents() == made - 1
    plane.control.restore("snapshot-1")
    assert plane.incidents() == made


def test_a_difference_names_records_and_columns(plane: Any) -> None:
    kept, gone = plane.create(), plane.create()
    plane.control.snapshot("a")
    plane.control.update("incident", kept, {"short_description": "changed"})
    plane.control.delete("incident", gone)
    new = plane.create()
    found = plane.control.difference("a", table="incident")
    by_id = {each["sys_id"]: each for each in found["changes"]}
    assert found["total"] == 3
    assert {each["operation"]: each["count"] for each in found["counts"]} == {"delete": 1, "insert": 1, "update": 1}
    assert by_id[kept]["operation"] == "update"
    assert by_id[kept]["values"]["short_description"] == ["made", "changed"]
    assert by_id[gone]["operation"] == "delete"
    assert by_id[new]["operation"] == "insert"
    plane.control.snapshot("b")
    assert plane.control.difference("a", "b", table="incident")["total"] == 3
    assert plane.control.difference("b")["total"] == 0
    assert plane.control.difference("a", table="incident", limit=1)["total"] == 3


def test_a_difference_keeps_passwords_to_itself(plane: Any) -> None:
    plane.control.snapshot("a")
    plane.control.insert("sys_user", {"user_name": "new.one", "user_password": "correct horse"})
    found = plane.control.difference("a", table="sys_user")
    assert found["changes"][0]["values"]["user_password"] == ["", "********"]
    assert "correct horse" not in json.dumps(found)


def test_a_file_carries_a_snapshot_to_another_world(plane: Any) -> None:
    plane.control.freeze("2026-01-01T00:00:00Z")
    plane.call("POST", "/api/now/table/sys_dictionary", json={"name": "incident", "element": "u_carried"})
    sys_id = plane.create(u_carried="yes")
    plane.control.snapshot("a")
    data = plane.control.download("a")
    assert plane.control.download("a") == data, "the same moment is the same file"
    other = plane.worlds.create("other")
    elsewhere = type(plane.control)(plane.base_url, world="other", session=plane.session)
    elsewhere.upload("carried", data)
    before = other.property("glide.sys.date_format")
    elsewhere.restore("carried")
    assert elsewhere.record("incident", sys_id)["u_carried"] == "yes"
    assert other.property("glide.sys.date_format") == before
    assert elsewhere.clock()["now"] == "2026-01-01T00:00:00.000Z"
    made = elsewhere.insert("incident", {"short_description": "later"})
    assert made["number"] > elsewhere.record("incident", sys_id)["number"]
    here = plane.control.insert("incident", {"short_description": "later"})
    assert here["sys_id"] == made["sys_id"], "ids go on there as they do here"


def test_a_snapshot_of_elsewhere_is_compared_record_by_record(plane: Any) -> None:
    plane.control.create_world("other", fork="dev00000")
    elsewhere = type(plane.control)(plane.base_url, world="other", session=plane.session)
    # As many writes in both, so that counting them would find no difference.
    plane.control.insert("incident", {"short_description": "here"})
    elsewhere.insert("incident", {"short_description": "there"})
    elsewhere.snapshot("theirs")
    plane.control.upload("theirs", elsewhere.download("theirs"))
    (change,) = plane.control.difference("theirs", table="incident")["changes"]
    assert (change["operation"], change["values"]["short_description"]) == ("update", ["there", "here"])


def archive(**members: bytes) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as made:
        for name, data in members.items():
            made.writestr(name.replace("_", "."), data)
    return stream.getvalue()


def a_database(*statements: str) -> bytes:
    with closing(sqlite3.connect(":memory:")) as made:
        for statement in statements:
            made.execute(statement)
        made.commit()
        return made.serialize()


ABOUT = json.dumps(
    {"format": 1, "about": {}, "clock": None, "random": [3, [0] * 624 + [624], None], "versions": {}}
).encode()


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"no archive",
        archive(sandtable_json=b"{}"),
        archive(sandtable_json=b"{", records_sqlite=b""),
        archive(sandtable_json=b'{"format": 99}', records_sqlite=b""),
        archive(sandtable_json=b'{"format": 1}', records_sqlite=b""),
        archive(sandtable_json=ABOUT, records_sqlite=b"no database at all" * 100),
        archive(sandtable_json=ABOUT, records_sqlite=a_database("CREATE TABLE t (a)")),
        archive(
            sandtable_json=ABOUT,
            records_sqlite=a_database(
                "CREATE TABLE t (a)", "CREATE TRIGGER x AFTER INSERT ON t BEGIN DELETE FROM t; END"
            ),
        ),
    ],
    ids=["empty", "text", "half", "no json", "later format", "no page", "no sqlite", "other database", "trigger"],
)
def test_a_file_that_is_no_snapshot_is_refused_and_nothing_is_kept(plane: Any, data: bytes) -> None:
    incidents = plane.incidents()
    answer = plane.raw("PUT", "/snapshots/bad/file", data=data, headers={"Content-Type": "application/zip"})
    assert answer.status_code in (400, 422)
    assert answer.json()["error"]["field"] == "body"
    assert answer.json()["error"]["fix"]
    assert plane.control.snapshots() == []
    assert plane.incidents() == incidents


def test_a_damaged_file_is_refused(plane: Any) -> None:
    plane.control.snapshot("a")
    data = bytearray(plane.control.download("a"))
    data[len(data) // 2] ^= 0xFF
    with pytest.raises(PlaneRefusal, match="damaged"):
        plane.control.upload("b", bytes(data))


@pytest.mark.parametrize("method, path", [("POST", "/snapshots/x/restore"), ("GET", "/snapshots/x/file")])
def test_an_unknown_snapshot_is_named(plane: Any, method: str, path: str) -> None:
    plane.control.snapshot("here")
    answer = plane.raw(method, path)
    assert answer.status_code == 404
    assert "here" in answer.json()["error"]["fix"]


def test_bad_names_are_refused(plane: Any) -> None:
    for name in ("a/b", "x" * 101, "line\nbreak"):
        with pytest.raises(PlaneRefusal) as caught:
            plane.control.snapshot(name)
        assert caught.value.field == "name"
        assert caught.value.status == 422
