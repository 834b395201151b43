"""The life of import sets: which one a row joins, midnight, the last seven days, many rows at once, groups."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from sandtable.core.applications.jobs import run_due_jobs
from sandtable.core.imports.import_sets import ImportSets
from sandtable.core.values.errors import AccessDenied, ApiAccessDenied, BadRequest

if TYPE_CHECKING:
    from tests.core.imports.conftest import Workshop

pytestmark = pytest.mark.documented("ServiceNow docs, Import Set API and import sets")

HOUR, DAY = 3600, 86_400
CODE = {"source_field": "u_code", "target_field": "u_code", "coalesce": "true"}
NAME = {"source_field": "u_name", "target_field": "u_name"}
STATE = {"source_field": "u_state", "target_field": "u_note"}


def sets(workshop: Workshop) -> list[Any]:
    return workshop.instance.system().table("sys_import_set").query("ORDERBYnumber")


def states(workshop: Workshop) -> list[str]:
    return [row["sys_import_state"] for row in workshop.instance.system().table("u_intake").query()]


# one row -------------------------------------------------------------------------------------------------------------


def test_rows_join_the_set_that_loads(workshop: Workshop) -> None:
    workshop.make_map(NAME)
    results = [workshop.load(u_name=f"row {number}") for number in range(3)]
    (one,) = sets(workshop)
    assert {result.import_set for result in results} == {one["number"]}
    assert (one["number"][:4], len(one["number"]), one["mode"], one["state"], one["table_name"]) == (
        "ISET",
        11,
        "synchronous",
        "loading",
        "u_intake",
    )
    assert [workshop.row(result)["sys_import_row"] for result in results] == ["1", "2", "3"]
    (run,) = workshop.instance.system().table("sys_import_set_run").query()
    assert (run["set"], run["total"], run["inserts"], run["state"]) == (one.sys_id, "3", "3", "complete")


def test_each_staging_table_has_sets_of_its_own(workshop: Workshop) -> None:
    workshop.load(u_name="x")
    workshop.load("imp_location", name="x")
    assert [each["table_name"] for each in sets(workshop)] == ["u_intake", "imp_location"]


def test_of_several_loading_sets_the_newest_takes_the_row(workshop: Workshop) -> None:
    table = workshop.instance.system().table("sys_import_set")
    made = []
    for _ in range(3):
        made.append(table.insert({"table_name": "u_intake", "mode": "synchronous", "state": "loading"}).sys_id)
        workshop.instance.clock.advance(60)
    assert workshop.row(workshop.load(u_name="x"))["sys_import_set"] == made[-1]


@pytest.mark.parametrize("state", ["loaded", "processed", "cancelled"])
def test_a_set_that_no_longer_loads_takes_no_rows(workshop: Workshop, state: str) -> None:
    workshop.load(u_name="x")
    workshop.instance.system().table("sys_import_set").update(sets(workshop)[0].sys_id, {"state": state})
    workshop.load(u_name="y")
    assert [each["state"] for each in sets(workshop)] == [state, "loading"]


@pytest.mark.parametrize(
    "zone, minutes, joined", [("UTC", 13 * 60 + 59, True), ("UTC", 14 * 60, False), ("US/Pacific", 14 * 60, True)]
)
def test_synchronous_sets_are_closed_at_midnight(workshop: Workshop, zone: str, minutes: int, joined: bool) -> None:
    workshop.instance.set_property("glide.sys.default.tz", zone)
    workshop.load(u_name="x")
    workshop.instance.clock.advance(minutes * 60)  # from 10:00 UTC
    workshop.load(u_name="y")
    assert [each["state"] for each in sets(workshop)] == (["loading"] if joined else ["processed", "loading"])


def test_midnight_comes_without_an_import(workshop: Workshop) -> None:
    workshop.load(u_name="x")
    workshop.instance.clock.advance(DAY)
    run_due_jobs(workshop.instance)
    assert [each["state"] for each in sets(workshop)] == ["processed"]


@pytest.mark.parametrize(
    "until, kept",
    [((2024, 5, 8, 23, 59), True), ((2024, 5, 9, 0, 0), False), ((2024, 6, 1, 0, 0), False)],
    ids=["a week later", "the next midnight", "much later"],
)
def test_old_sets_go_with_their_rows_at_midnight(
    workshop: Workshop, until: tuple[int, int, int, int, int], kept: bool
) -> None:
    workshop.make_map(NAME, {"source_field": "u_owner", "target_field": "u_owner", "choice_action": "reject"})
    workshop.load(u_name="x")
    workshop.load(u_name="y", u_owner="Nobody Here")
    workshop.instance.clock.freeze(datetime(*until, tzinfo=UTC))
    run_due_jobs(workshop.instance)
    system = workshop.instance.system()
    left = {
        name: system.table(name).count()
        for name in ("sys_import_set", "sys_import_set_row", "sys_import_set_run", "sys_import_set_row_error")
    }
    expected = {"sys_import_set": 1, "sys_import_set_row": 2, "sys_import_set_run": 1, "sys_import_set_row_error": 1}
    assert left == (expected if kept else dict.fromkeys(expected, 0))
    assert len(workshop.assets()) == 1  # what was imported stays


def test_rows_of_an_asynchronous_set_wait_until_it_is_loaded(workshop: Workshop) -> None:
    workshop.make_map(NAME)
    workshop.load(u_name="at once")
    set_table = workshop.instance.system().table("sys_import_set")
    (one,) = sets(workshop)
    set_table.update(one.sys_id, {"mode": "asynchronous"})
    waiting = workshop.load(u_name="later")
    assert (waiting.results, states(workshop)) == ([], ["inserted", "pending"])
    imports = ImportSets(workshop.instance)
    assert imports.read_row(workshop.loader, "u_intake", waiting.row_sys_id).results == []
    assert imports.transform_pending() == 0
    set_table.update(one.sys_id, {"state": "loaded"})
    assert imports.transform_pending() == 1
    assert states(workshop) == ["inserted", "inserted"]
    (element,) = imports.read_row(workshop.loader, "u_intake", waiting.row_sys_id).results
    assert (element["status"], element["display_value"]) == ("inserted", "later")


# many rows -----------------------------------------------------------------------------------------------------------


def many(workshop: Workshop, *records: dict[str, Any], **options: str) -> tuple[str, str]:
    return ImportSets(workshop.instance).load_many(workshop.loader, "u_intake", records, **options)


def test_many_rows_are_transformed_later_and_in_order(workshop: Workshop) -> None:
    workshop.make_map(CODE, NAME)
    set_id, group = many(workshop, *({"Code": "1", "Name": f"name {number}"} for number in range(3)))
    (one,) = sets(workshop)
    assert (one.sys_id, one["mode"], one["state"], one["multi_import_set"]) == (set_id, "asynchronous", "loaded", group)
    assert (states(workshop), workshop.assets()) == (["pending"] * 3, [])
    imports = ImportSets(workshop.instance)
    assert imports.transform_pending() == 0
    workshop.instance.clock.advance(1)
    assert imports.transform_pending() == 1
    assert imports.transform_pending() == 0
    assert states(workshop) == ["inserted", "updated", "updated"]
    assert [asset["u_name"] for asset in workshop.assets()] == ["name 2"]
    assert sets(workshop)[0]["state"] == "processed"
    groups = workshop.instance.system().table("sys_multi_import_set")
    assert groups.get(group)["state"] == "processed"


@pytest.mark.assumed("how long the background job takes is not documented, so a property says")
@pytest.mark.parametrize("delay, done", [("0", 1), ("3", 0), ("nonsense", 0)])
def test_how_long_many_rows_wait_is_a_property(workshop: Workshop, delay: str, done: int) -> None:
    workshop.instance.set_property("sandtable.import.async_delay", delay)
    many(workshop, {"Name": "x"})
    assert ImportSets(workshop.instance).transform_pending() == done


@pytest.mark.parametrize(
    "mapping, record, name, note",
    [
        ("", {"Name": "x", "State": "y"}, "x", "y"),
        ("", {"name": "x", " STATE ": "y"}, "x", "y"),
        ("", {"u_name": "x", "u_state": "y"}, "x", "y"),
        ("label", {"Name": "x", "u_state": "y"}, "x", "y"),
        ("column", {"u_name": "x", "u_state": "y"}, "x", "y"),
        ("column", {"Name": "x", "State": "y"}, "", "none"),
    ],
)
def test_keys_are_labels_or_names(
    workshop: Workshop, mapping: str, record: dict[str, str], name: str, note: str
) -> None:
    """`State` is also the label of a system column of the row."""
    if mapping:
        workshop.instance.system().table("sys_rest_insert_multiple").insert(
            {"source_table": "u_intake", "column_mapping": mapping, "active": "true"}
        )
    workshop.make_map(NAME, STATE)
    many(workshop, record)
    workshop.instance.clock.advance(1)
    ImportSets(workshop.instance).transform_pending()
    assert [(asset["u_name"], asset["u_note"]) for asset in workshop.assets()] == [(name, note)]


@pytest.mark.assumed("the editions of the Import Set API disagree on what keys are where no record says it")
@pytest.mark.parametrize(
    "keys, mapping, record, name, refused",
    [
        ("label", "", {"Name": "x"}, "x", []),
        ("label", "", {"u_name": "x"}, "", ["u_intake.u_name"]),
        ("label", "column", {"u_name": "x"}, "x", []),
        ("column", "", {"u_name": "x"}, "x", []),
        ("column", "", {"Name": "x"}, "", ["u_intake.Name"]),
        ("column", "label", {"Name": "x"}, "x", []),
    ],
)
def test_what_keys_are_may_be_set(
    workshop: Workshop, keys: str, mapping: str, record: dict[str, str], name: str, refused: list[str]
) -> None:
    workshop.instance.set_property("sandtable.import.insert_multiple_keys", keys)
    if mapping:
        workshop.instance.system().table("sys_rest_insert_multiple").insert(
            {"source_table": "u_intake", "column_mapping": mapping, "active": "true"}
        )
    many(workshop, record)
    (row,) = workshop.instance.system().table("u_intake").query()
    assert row["u_name"] == name
    assert [entry.name for entry in workshop.instance.ledger.entries()] == refused


@pytest.mark.ours("a mapping by data source is not simulated, and said so")
def test_a_mapping_by_data_source_is_noted(workshop: Workshop) -> None:
    workshop.instance.system().table("sys_rest_insert_multiple").insert(
        {"source_table": "u_intake", "column_mapping": "data_source", "active": "true"}
    )
    many(workshop, {"Name": "x"})
    assert [entry.name for entry in workshop.instance.ledger.entries()] == ["sys_rest_insert_multiple.column_mapping"]


@pytest.mark.parametrize("active, expected", [("true", "inserted"), ("false", "pending")])
def test_many_rows_may_be_transformed_at_once(workshop: Workshop, active: str, expected: str) -> None:
    workshop.instance.system().table("sys_rest_insert_multiple").insert(
        {"source_table": "u_intake", "transform_type": "synchronous", "active": active}
    )
    workshop.make_map(NAME)
    many(workshop, {"Name": "x"}, {"Name": "y"})
    assert states(workshop) == [expected] * 2


def test_a_refused_row_among_many_stops_no_other(workshop: Workshop) -> None:
    workshop.make_map(NAME, {"source_field": "u_owner", "target_field": "u_owner", "choice_action": "reject"})
    many(workshop, {"Name": "a"}, {"Name": "b", "Owner": "Nobody Here"}, {"Name": "c"})
    workshop.instance.clock.advance(1)
    ImportSets(workshop.instance).transform_pending()
    assert states(workshop) == ["inserted", "error", "inserted"]
    (run,) = workshop.instance.system().table("sys_import_set_run").query()
    assert (run["total"], run["inserts"], run["errors"], run["state"]) == ("3", "2", "1", "complete_with_errors")


@pytest.mark.ours("rows loaded by somebody who is gone are transformed all the same, and hold nobody else up")
def test_the_loader_may_be_gone(workshop: Workshop) -> None:
    workshop.make_map(NAME)
    users = workshop.instance.system().table("sys_user")
    user = users.insert({"user_name": "passing", "active": "true"})
    role = workshop.instance.system().table("sys_user_role").query("name=admin")[0]
    workshop.instance.system().table("sys_user_has_role").insert({"user": user.sys_id, "role": role.sys_id})
    workshop.loader = workshop.instance.acting_as("passing")
    many(workshop, {"Name": "x"})
    users.delete(user.sys_id)
    workshop.instance.clock.advance(1)
    run_due_jobs(workshop.instance)
    assert states(workshop) == ["inserted"]


# groups --------------------------------------------------------------------------------------------------------------


def test_sets_of_one_group(workshop: Workshop) -> None:
    first, group = many(workshop, {"Name": "x"})
    second, again = many(workshop, {"Name": "y"}, multi_import_set_id=group)
    assert (group == again, first == second) == (True, False)
    assert {each["multi_import_set"] for each in sets(workshop)} == {group}


def test_a_group_runs_after_another(workshop: Workshop) -> None:
    workshop.make_map(NAME)
    imports, clock = ImportSets(workshop.instance), workshop.instance.clock
    _, first = many(workshop, {"Name": "first"})
    many(workshop, {"Name": "second"}, run_after=first)
    workshop.instance.set_property("sandtable.import.async_delay", "60")
    clock.advance(59)
    assert (imports.transform_pending(), workshop.assets()) == (0, [])
    many(workshop, {"Name": "late to the first"}, multi_import_set_id=first)
    clock.advance(1)
    assert imports.transform_pending() == 1  # the second group waits for all of the first
    clock.advance(60)
    while imports.transform_pending():
        pass
    assert [asset["u_name"] for asset in workshop.assets()] == ["first", "late to the first", "second"]


@pytest.mark.ours("a group that is cancelled holds no other up, and none waits for itself")
def test_groups_never_wait_for_ever(workshop: Workshop) -> None:
    workshop.make_map(NAME)
    cancelled, first = many(workshop, {"Name": "never"})
    _, second = many(workshop, {"Name": "second"}, run_after=first)
    for waited_for in (first, second):
        with pytest.raises(BadRequest, match="Invalid run_after"):
            many(workshop, {"Name": "x"}, multi_import_set_id=first, run_after=waited_for)
    workshop.instance.system().table("sys_import_set").update(cancelled, {"state": "cancelled"})
    workshop.instance.clock.advance(1)
    assert ImportSets(workshop.instance).transform_pending() == 1
    assert [asset["u_name"] for asset in workshop.assets()] == ["second"]


@pytest.mark.assumed("a group that does not exist is a bad request, and nothing is loaded")
@pytest.mark.parametrize("option", ["multi_import_set_id", "run_after"])
def test_an_unknown_group(workshop: Workshop, option: str) -> None:
    with pytest.raises(BadRequest, match=f"Invalid {option}"):
        many(workshop, {"Name": "x"}, **{option: "f" * 32})
    assert (sets(workshop), states(workshop)) == ([], [])


# who may -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "optimized, active, refusal",
    [("true", "true", ApiAccessDenied), ("true", "false", AccessDenied), ("false", "true", AccessDenied)],
)
def test_the_endpoint_rule_guards_many_rows_when_they_are_optimized(
    workshop: Workshop, optimized: str, active: str, refusal: type[Exception]
) -> None:
    workshop.instance.set_property("com.glide.import_set_api.insert_multiple_optimize", optimized)
    rules = workshop.instance.system().table("sys_security_acl")
    (rule,) = rules.query("name=Import Set API Insert Multiple")
    rules.update(rule.sys_id, {"active": active})
    workshop.loader = workshop.instance.acting_as("itil")
    with pytest.raises(refusal):
        many(workshop, {"Name": "x"})
    assert (sets(workshop), states(workshop)) == ([], [])
    workshop.loader = workshop.instance.acting_as("elastic.integration")
    assert all(many(workshop, {"Name": "x"}))


def test_optimized_many_rows_need_only_the_transformer_role(workshop: Workshop) -> None:
    workshop.instance.set_property("com.glide.import_set_api.insert_multiple_optimize", "true")
    workshop.instance.system().table("sys_security_acl").insert(
        {"name": "u_intake", "operation": "create", "type": "record", "active": "true"}
    )
    workshop.loader = workshop.instance.acting_as("elastic.integration")
    assert all(many(workshop, {"Name": "x"}))
    workshop.loader = workshop.instance.acting_as("itil")
    with pytest.raises(AccessDenied):
        many(workshop, {"Name": "x"})
    workshop.instance.set_property("com.glide.import_set_api.insert_multiple_optimize", "false")
    workshop.loader = workshop.instance.acting_as("elastic.integration")
    with pytest.raises(AccessDenied):
        many(workshop, {"Name": "x"})
