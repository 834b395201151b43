"""Which record a row finds: the whole table of coalesce, and what an empty value does to it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tests.core.imports.conftest import Workshop

pytestmark = pytest.mark.documented("ServiceNow docs, updating records using coalesce")

CODE: dict[str, Any] = {"source_field": "u_code", "target_field": "u_code", "coalesce": "true"}
KIND: dict[str, Any] = {"source_field": "u_kind", "target_field": "u_name", "coalesce": "true"}
NAME: dict[str, Any] = {"source_field": "u_name", "target_field": "u_name"}
NOTE: dict[str, Any] = {"source_field": "u_note", "target_field": "u_note"}
EMPTY: dict[str, Any] = {"coalesce_empty_fields": "true"}
EXACT: dict[str, Any] = {"coalesce_case_sensitive": "true"}
NEW_ON_EMPTY = {"create_new_record_on_empty_coalesce_fields": "true"}

# What exists before each row, by name: a (first), b (same code as a, later), c (no code).
LACKING = "Unable to resolve target record, coalesce values not present: u_code"
EXISTING = ({"u_code": "X1", "u_name": "a"}, {"u_code": "X1", "u_name": "b"}, {"u_name": "c"})


@pytest.mark.parametrize(
    "entries, settings, row, status, touched",
    [
        pytest.param(
            [NAME], {}, {"u_code": "X1", "u_name": "n"}, "inserted", "n", id="no coalesce field always inserts"
        ),
        pytest.param([CODE, NOTE], {}, {"u_code": "X1", "u_note": "n"}, "updated", "a", id="a match is updated"),
        pytest.param([CODE, NAME], {}, {"u_code": "X2", "u_name": "n"}, "inserted", "n", id="no match inserts"),
        pytest.param([CODE, NOTE], {}, {"u_code": "x1", "u_note": "n"}, "updated", "a", id="case does not matter"),
        pytest.param(
            [CODE | EXACT, NAME], {}, {"u_code": "x1", "u_name": "n"}, "inserted", "n", id="unless it is said to"
        ),
        pytest.param(
            [CODE | EXACT, NOTE], {}, {"u_code": "X1", "u_note": "n"}, "updated", "a", id="the same case matches"
        ),
        pytest.param(
            [CODE, KIND, NOTE], {}, {"u_code": "X1", "u_kind": "b", "u_note": "n"}, "updated", "b", id="all must match"
        ),
        pytest.param(
            [CODE, KIND, NOTE], {}, {"u_code": "X1", "u_kind": "z", "u_note": "n"}, "inserted", "z", id="or it inserts"
        ),
        pytest.param([CODE, NOTE], {}, {"u_code": "X1", "u_note": "none"}, "ignored", "a", id="nothing changes"),
        pytest.param([CODE, NAME], {}, {"u_code": "", "u_name": "n"}, "error", "", id="an empty value skips"),
        pytest.param([CODE, NAME], {}, {"u_name": "n"}, "error", "", id="a missing value skips"),
        pytest.param([CODE, NAME], {}, {"u_code": "NULL", "u_name": "n"}, "error", "", id="so does NULL"),
        pytest.param([CODE, NAME], NEW_ON_EMPTY, {"u_name": "n"}, "inserted", "n", id="or inserts, when the map says"),
        pytest.param([CODE | EMPTY, NOTE], {}, {"u_note": "n"}, "updated", "c", id="or empty matches empty"),
        pytest.param(
            [CODE | EMPTY, NOTE], NEW_ON_EMPTY, {"u_note": "n"}, "updated", "c", id="which goes before inserting"
        ),
        pytest.param(
            [CODE | EMPTY, KIND, NAME],
            {},
            {"u_kind": "z", "u_name": "n"},
            "inserted",
            "n",
            id="and still the others must match",
        ),
        pytest.param(
            [CODE, KIND | EMPTY, NOTE], {}, {"u_kind": "a", "u_note": "n"}, "error", "", id="one empty value skips"
        ),
    ],
)
def test_coalesce(
    workshop: Workshop,
    entries: list[dict[str, Any]],
    settings: dict[str, Any],
    row: dict[str, str],
    status: str,
    touched: str,
) -> None:
    existing = [workshop.asset(**values) for values in EXISTING]
    before = {record.sys_id: dict(record) for record in workshop.assets()}
    workshop.make_map(*entries, **settings)
    outcome = workshop.outcome(**row)
    after = {record.sys_id: record for record in workshop.assets()}
    assert outcome["status"] == status
    assert len(after) == len(existing) + (status == "inserted")
    changed = [sys_id for sys_id, record in after.items() if before.get(sys_id) != dict(record)]
    if status == "error":
        assert changed == []
        assert "sys_id" not in outcome
    else:
        assert after[outcome["sys_id"]]["u_name"] == touched
        assert changed == ([] if status == "ignored" else [outcome["sys_id"]])


@pytest.mark.parametrize(
    "status, row, texts",
    [
        ("ignored", {"u_code": "X1"}, {"status_message": "No field values changed"}),
        ("error", {}, {"status_message": LACKING, "error_message": LACKING}),
        ("inserted", {"u_code": "X9"}, {}),
    ],
)
@pytest.mark.recorded("answers of the Import Set API; the docs list which keys go with which status")
def test_what_the_answer_says_of_each_status(
    workshop: Workshop, status: str, row: dict[str, str], texts: dict[str, str]
) -> None:
    workshop.asset(u_code="X1", u_name="a")
    workshop.make_map(CODE)
    result = workshop.load(**row)
    (element,) = result.results
    shown = {"display_name", "display_value", "sys_id"} if status != "error" else set()
    assert set(element) == {"transform_map", "table", "status", *shown, *texts}
    assert {name: element[name] for name in texts} == texts
    stored = workshop.row(result)
    assert stored["sys_import_state"] == ("skipped" if status == "error" else status)
    assert stored["sys_import_state_comment"] == texts.get("status_message", "")
    if status == "error":
        (error,) = workshop.instance.system().table("sys_import_set_row_error").query()
        assert (stored["sys_row_error"], error["error_message"]) == (error.sys_id, LACKING)
    assert stored["sys_target_sys_id"] == element.get("sys_id", "")


@pytest.mark.assumed("a value that no record can hold because it is cut on the way in matches none")
def test_a_value_longer_than_the_target_column_finds_nothing(workshop: Workshop) -> None:
    workshop.make_map({"source_field": "u_note", "target_field": "u_code", "coalesce": "true"})
    assert [workshop.outcome(u_note="x" * 60)["status"] for _ in range(2)] == ["inserted", "inserted"]
    assert {record["u_code"] for record in workshop.assets()} == {"x" * 40}


def test_coalesce_on_a_reference_compares_the_record(workshop: Workshop) -> None:
    abel = workshop.instance.acting_as("abel.tuter").user_sys_id
    owned = workshop.asset(u_owner=abel, u_name="his")
    workshop.make_map({"source_field": "u_owner", "target_field": "u_owner", "coalesce": "true"}, NOTE)
    assert workshop.outcome(u_owner="abel tuter", u_note="n")["sys_id"] == owned


def test_coalesce_on_the_sys_id_updates_that_very_record(workshop: Workshop) -> None:
    one, _ = workshop.asset(u_name="a"), workshop.asset(u_name="b")
    workshop.make_map({"source_field": "u_code", "target_field": "sys_id", "coalesce": "true"}, NAME)
    outcome = workshop.outcome(u_code=one, u_name="renamed")
    assert (outcome["status"], outcome["sys_id"]) == ("updated", one)
    assert sorted(record["u_name"] for record in workshop.assets()) == ["b", "renamed"]


@pytest.mark.ours("no value of a row can change what is asked for")
@pytest.mark.parametrize("code", ["^", "x^ORu_nameISNOTEMPTY", "javascript:gs.getUserID()", "X1^NQu_name=a", "%", "'"])
def test_a_row_cannot_widen_its_own_coalesce(workshop: Workshop, code: str) -> None:
    workshop.asset(u_code="X1", u_name="a")
    workshop.make_map(CODE, NAME)
    first = workshop.outcome(u_code=code, u_name="n")
    assert (first["status"], workshop.outcome(u_code=code, u_name="n")["sys_id"]) == ("inserted", first["sys_id"])
    assert [record["u_name"] for record in workshop.assets("u_code=X1")] == ["a"]
