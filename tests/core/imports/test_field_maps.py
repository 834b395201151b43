"""From a staging column to a target column: references, choices, lists, dates, empty values, and what is refused."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tests.core.imports.conftest import Workshop

pytestmark = pytest.mark.documented("ServiceNow docs, creating field maps: choice action, reference value field, dates")


def entry(source: str, target: str = "", **settings: object) -> dict[str, Any]:
    return {"source_field": source, "target_field": target or source, "choice_action": "ignore", **settings}


def locations(workshop: Workshop, name: str) -> list[str]:
    return [each.sys_id for each in workshop.instance.system().table("cmn_location").query() if each["name"] == name]


# references ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("given", ["Abel Tuter", "abel tuter", " Abel Tuter ", "<sys_id>"])
@pytest.mark.parametrize("action", ["create", "ignore", "reject"])
def test_a_reference_is_given_by_display_value_or_sys_id(workshop: Workshop, given: str, action: str) -> None:
    abel = workshop.instance.acting_as("abel.tuter").user_sys_id
    workshop.make_map(entry("u_name"), entry("u_owner", choice_action=action))
    assert workshop.outcome(u_name="x", u_owner=given.replace("<sys_id>", abel))["status"] == "inserted"
    assert [asset["u_owner"] for asset in workshop.assets()] == [abel]


def test_a_reference_may_be_given_by_another_column(workshop: Workshop) -> None:
    abel = workshop.instance.acting_as("abel.tuter").user_sys_id
    workshop.make_map(entry("u_name"), entry("u_owner", referenced_value_field="email"))
    workshop.outcome(u_name="by email", u_owner="abel.tuter@example.com")
    workshop.outcome(u_name="by name", u_owner="Abel Tuter")
    assert [(asset["u_name"], asset["u_owner"]) for asset in workshop.assets()] == [("by email", abel), ("by name", "")]


@pytest.mark.parametrize("given", ["javascript:gs.getUserID()", "x^ORnameISNOTEMPTY", "^", "%"])
@pytest.mark.ours("no value of a row can change what is asked for")
def test_a_reference_is_never_a_query(workshop: Workshop, given: str) -> None:
    workshop.make_map(entry("u_name"), entry("u_owner"))
    workshop.outcome(u_name="x", u_owner=given)
    assert [asset["u_owner"] for asset in workshop.assets()] == [""]


@pytest.mark.parametrize(
    "action, status, home, made",
    [("create", "inserted", "<made>", 1), ("ignore", "inserted", "", 0), ("reject", "error", None, 0)],
)
def test_a_reference_to_nothing(workshop: Workshop, action: str, status: str, home: str | None, made: int) -> None:
    workshop.make_map(entry("u_name"), entry("u_owner", "u_home", choice_action=action))
    outcome = workshop.outcome(u_name="x", u_owner="Atlantis")
    found = locations(workshop, "Atlantis")
    assert (outcome["status"], len(found)) == (status, made)
    expected = [] if home is None else [home.replace("<made>", found[0] if found else "")]
    assert [asset["u_home"] for asset in workshop.assets()] == expected
    assert workshop.errors() == ([("100", "u_owner", "u_home")] if status == "error" else [])


def test_a_created_reference_has_the_value_where_it_is_looked_for(workshop: Workshop) -> None:
    workshop.make_map(
        entry("u_name"), entry("u_owner", "u_home", choice_action="create", referenced_value_field="city")
    )
    for _ in range(2):
        workshop.outcome(u_name="x", u_owner="Atlantis")
    made = workshop.instance.system().table("cmn_location").query("city=Atlantis")
    assert [asset["u_home"] for asset in workshop.assets()] == [made[0].sys_id] * 2
    assert len(made) == 1


def test_an_ignored_reference_leaves_the_column_as_it_was(workshop: Workshop) -> None:
    abel = workshop.instance.acting_as("abel.tuter").user_sys_id
    workshop.asset(u_code="1", u_owner=abel)
    workshop.make_map(entry("u_code", coalesce="true"), entry("u_owner"))
    assert workshop.outcome(u_code="1", u_owner="Nobody Here")["status"] == "ignored"
    assert [asset["u_owner"] for asset in workshop.assets()] == [abel]


@pytest.mark.ours("a rejected row leaves nothing behind, not even what its other columns created")
def test_a_rejected_row_takes_back_what_it_created(workshop: Workshop) -> None:
    workshop.make_map(
        entry("u_name"),
        entry("u_note", "u_home", choice_action="create"),
        entry("u_kind", choice_action="create"),
        entry("u_owner", choice_action="reject"),
    )
    outcome = workshop.outcome(u_name="x", u_note="Atlantis", u_kind="new kind", u_owner="Nobody Here")
    assert outcome["status"] == "error"
    assert not set(outcome) & {"sys_id", "display_name", "display_value"}
    assert (locations(workshop, "Atlantis"), workshop.assets()) == ([], [])
    assert workshop.instance.system().table("sys_choice").count("name=u_asset^value=new kind") == 0


@pytest.mark.ours("what the platform itself writes cannot be given to a new record")
def test_no_reference_is_created_by_a_column_of_the_platform(workshop: Workshop) -> None:
    count = workshop.instance.system().table("cmn_location").count()
    field_map = entry("u_owner", "u_home", choice_action="create", referenced_value_field="sys_created_by")
    workshop.make_map(entry("u_name"), field_map)
    assert workshop.outcome(u_name="x", u_owner="nobody")["status"] == "inserted"
    assert [asset["u_home"] for asset in workshop.assets()] == [""]
    assert workshop.instance.system().table("cmn_location").count() == count


# lists ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "action, given, expected, made",
    [
        ("ignore", "Hardware, software", ["Hardware", "Software"], 0),
        ("ignore", "Hardware,nobody", ["Hardware"], 0),
        ("ignore", "Software, Hardware,software , SOFTWARE", ["Software", "Hardware"], 0),
        ("create", "Hardware,Newcomers", ["Hardware", "Newcomers"], 1),
        ("reject", "Hardware,nobody", None, 0),
        ("reject", "Hardware,,", ["Hardware"], 0),
    ],
)
def test_a_list_is_given_by_display_values(
    workshop: Workshop, action: str, given: str, expected: list[str] | None, made: int
) -> None:
    groups = workshop.instance.system().table("sys_user_group")
    before = groups.count()
    workshop.make_map(entry("u_name"), entry("u_watchers", choice_action=action))
    outcome = workshop.outcome(u_name="x", u_watchers=given)
    names = [[groups.get(each)["name"] for each in asset["u_watchers"].split(",")] for asset in workshop.assets()]
    assert names == ([] if expected is None else [expected])
    assert groups.count() - before == made
    assert outcome["status"] == ("error" if expected is None else "inserted")
    assert workshop.errors() == ([("300", "u_watchers", "u_watchers")] if expected is None else [])


@pytest.mark.assumed("as with a reference: what is ignored changes nothing")
def test_a_list_of_nothing_known_leaves_the_column_as_it_was(workshop: Workshop) -> None:
    hardware = workshop.instance.system().table("sys_user_group").query("name=Hardware")[0].sys_id
    workshop.asset(u_code="1", u_watchers=hardware)
    workshop.make_map(entry("u_code", coalesce="true"), entry("u_watchers"))
    assert workshop.outcome(u_code="1", u_watchers="nobody")["status"] == "ignored"
    assert [asset["u_watchers"] for asset in workshop.assets()] == [hardware]


# choices -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("given", ["red", "Rather red", "RATHER RED", " red "])
@pytest.mark.parametrize("action", ["create", "ignore", "reject"])
def test_a_choice_is_given_by_value_or_label(workshop: Workshop, given: str, action: str) -> None:
    count = workshop.instance.system().table("sys_choice").count()
    workshop.make_map(entry("u_kind", choice_action=action))
    assert workshop.outcome(u_kind=given)["status"] == "inserted"
    assert [asset["u_kind"] for asset in workshop.assets()] == ["red"]
    assert workshop.instance.system().table("sys_choice").count() == count


@pytest.mark.parametrize(
    "action, status, kind, choices",
    [
        ("create", "inserted", ["green"], ["red", "blue", "green"]),
        ("ignore", "inserted", [""], ["red", "blue"]),
        ("reject", "error", [], ["red", "blue"]),
    ],
)
def test_a_choice_that_is_none(
    workshop: Workshop, action: str, status: str, kind: list[str], choices: list[str]
) -> None:
    workshop.make_map(entry("u_kind", choice_action=action))
    assert workshop.outcome(u_kind="green")["status"] == status
    assert [asset["u_kind"] for asset in workshop.assets()] == kind
    assert [choice.value for choice in workshop.instance.dictionary.choices("u_asset", "u_kind")] == choices
    assert workshop.errors() == ([("200", "u_kind", "u_kind")] if status == "error" else [])


@pytest.mark.assumed("a label counts in English and in the language of who loads")
@pytest.mark.parametrize(
    "language, given, kind",
    [("de", "Ziemlich rot", "red"), ("de", "Rather red", "red"), ("fr", "Ziemlich rot", ""), ("", "Ziemlich rot", "")],
)
def test_a_choice_is_given_in_the_language_of_the_user(
    workshop: Workshop, language: str, given: str, kind: str
) -> None:
    system = workshop.instance.system()
    system.table("sys_choice").insert(
        {"name": "u_asset", "element": "u_kind", "value": "red", "label": "Ziemlich rot", "language": "de"}
    )
    system.table("sys_user").update(workshop.loader.user_sys_id, {"preferred_language": language})
    workshop.loader = workshop.instance.acting_as("admin")
    workshop.make_map(entry("u_kind"))
    workshop.outcome(u_kind=given)
    assert [asset["u_kind"] for asset in workshop.assets()] == [kind]


@pytest.mark.parametrize("given, stored", [("1", "1"), ("High", "1"), ("2.0", "2")])
def test_a_choice_of_a_number(workshop: Workshop, given: str, stored: str) -> None:
    workshop.make_map(entry("u_level"))
    workshop.outcome(u_level=given)
    assert [asset["u_level"] for asset in workshop.assets()] == [stored]


@pytest.mark.assumed("a new choice of a number column gets the next number, since the column could not hold its text")
def test_a_new_choice_of_a_number(workshop: Workshop) -> None:
    workshop.make_map(entry("u_level", choice_action="create"))
    for given in ("Middling", "middling", "7"):
        workshop.outcome(u_level=given)
    assert [asset["u_level"] for asset in workshop.assets()] == ["3", "3", "7"]
    listed = workshop.instance.dictionary.choices("u_asset", "u_level")
    assert [(choice.value, choice.label) for choice in listed] == [
        ("1", "High"),
        ("2", "Low"),
        ("3", "Middling"),
        ("7", "7"),
    ]


@pytest.mark.ours("a new choice joins the list that the column shows, also an inherited one")
def test_a_new_choice_hides_no_inherited_ones(workshop: Workshop) -> None:
    dictionary = workshop.instance.dictionary
    before = {choice.value for choice in dictionary.choices("problem", "priority")}
    workshop.make_map(entry("u_level", "priority", choice_action="create"), target="problem")
    workshop.outcome(u_level="9")
    assert {choice.value for choice in dictionary.choices("problem", "priority")} == before | {"9"}


# dates ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "pattern, given, due",
    [
        ("", "2024-05-17", "2024-05-17"),
        ("dd.MM.yyyy", "17.05.2024", "2024-05-17"),
        ("MM/dd/yy", "05/17/24", "2024-05-17"),
        ("yyyyMMdd", "20240517", "2024-05-17"),
        ("dd.MM.yyyy", "32.05.2024", ""),
        ("dd.MM.yyyy", "2024-05-17", ""),
    ],
)
def test_dates_are_read_after_their_format(workshop: Workshop, pattern: str, given: str, due: str) -> None:
    workshop.make_map(entry("u_due", date_format=pattern))
    assert workshop.outcome(u_due=given)["status"] == "inserted"
    assert [asset["u_due"] for asset in workshop.assets()] == [due]


@pytest.mark.assumed("a formatted time is one of the loading user's time zone")
@pytest.mark.parametrize(
    "zone, seen",
    [("UTC", "2024-05-17 13:45:00"), ("Europe/Berlin", "2024-05-17 11:45:00"), ("", "2024-05-17 13:45:00")],
)
def test_times_are_read_in_the_zone_of_the_user(workshop: Workshop, zone: str, seen: str) -> None:
    workshop.instance.system().table("sys_user").update(workshop.loader.user_sys_id, {"time_zone": zone})
    workshop.loader = workshop.instance.acting_as("admin")
    workshop.make_map(entry("u_seen", date_format="dd.MM.yyyy HH:mm"))
    workshop.outcome(u_seen="17.05.2024 13:45")
    assert [asset["u_seen"] for asset in workshop.assets()] == [seen]


# empty, NULL, cut ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "copied, given, note, status",
    [
        ("false", "", "old", "ignored"),
        ("false", None, "old", "ignored"),
        ("true", "", "", "updated"),
        ("true", None, "", "updated"),
        ("false", "<not sent>", "old", "ignored"),
        ("true", "<not sent>", "", "updated"),
        ("false", "NULL", "", "updated"),
        ("true", "NULL", "", "updated"),
        ("false", "null", "null", "updated"),
        ("true", "new", "new", "updated"),
    ],
)
def test_empty_values_and_null(workshop: Workshop, copied: str, given: object, note: str, status: str) -> None:
    workshop.asset(u_code="1", u_note="old")
    workshop.make_map(entry("u_code", coalesce="true"), entry("u_note"), copy_empty_fields=copied)
    outcome = workshop.outcome(u_code="1", **({} if given == "<not sent>" else {"u_note": given}))
    assert (outcome["status"], [asset["u_note"] for asset in workshop.assets()]) == (status, [note])


@pytest.mark.parametrize("column", ["u_owner", "u_watchers", "u_kind", "u_due"])
def test_null_clears_every_kind_of_column(workshop: Workshop, column: str) -> None:
    abel = workshop.instance.acting_as("abel.tuter").user_sys_id
    workshop.asset(u_code="1", u_owner=abel, u_watchers=abel, u_kind="red", u_due="2024-05-17")
    workshop.make_map(entry("u_code", coalesce="true"), entry(column, choice_action="reject"))
    assert workshop.outcome(u_code="1", **{column: "NULL"})["status"] == "updated"
    (asset,) = workshop.assets()
    held = {name for name in ("u_owner", "u_watchers", "u_kind", "u_due") if asset[name]}
    assert held == {"u_owner", "u_watchers", "u_kind", "u_due"} - {column}


def test_texts_are_cut_to_the_staging_column_before_they_are_mapped(workshop: Workshop) -> None:
    workshop.make_map(entry("u_name"), entry("u_code", "u_note"))
    result = workshop.load(u_name="é" * 50, u_code="x" * 50)
    assert [(asset["u_name"], asset["u_note"]) for asset in workshop.assets()] == [("é" * 40, "x" * 40)]
    assert workshop.row(result)["u_code"] == "x" * 40


@pytest.mark.parametrize("given, stored", [(True, "true"), (7, "7"), (1.5, "1.5"), (["a"], '["a"]')])
def test_values_become_text(workshop: Workshop, given: object, stored: str) -> None:
    workshop.make_map(entry("u_note"))
    workshop.outcome(u_note=given)
    assert [asset["u_note"] for asset in workshop.assets()] == [stored]


def test_a_target_column_that_does_not_exist_is_a_row_error_and_the_rest_goes_on(workshop: Workshop) -> None:
    workshop.make_map(entry("u_name"), entry("u_code", "u_nosuch"))
    assert workshop.outcome(u_name="x", u_code="1")["status"] == "inserted"
    assert workshop.errors() == [("800", "u_code", "u_nosuch")]


@pytest.mark.documented("ServiceNowDocs, field maps: a source script gives the value")
def test_a_source_script_gives_the_value(workshop: Workshop) -> None:
    workshop.make_map(entry("u_name"), entry("u_code", use_source_script="true", source_script="answer = 1"))
    workshop.outcome(u_name="x", u_code="7")
    assert [asset["u_code"] for asset in workshop.assets()] == ["1"]


# mandatory columns ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "enforced, mapped, given, status",
    [
        ("no", True, "", "inserted"),
        ("onlyMappedFields", True, "", "error"),
        ("onlyMappedFields", True, "x", "inserted"),
        ("onlyMappedFields", False, "", "inserted"),
        ("allFields", False, "", "error"),
        ("allFields", True, "x", "inserted"),
        ("allFields", True, "NULL", "error"),
    ],
)
def test_mandatory_fields(workshop: Workshop, enforced: str, mapped: bool, given: str, status: str) -> None:
    entries = [entry("u_name"), *([entry("u_code", "u_needed")] if mapped else [])]
    workshop.make_map(*entries, enforce_mandatory_fields=enforced)
    outcome = workshop.outcome(u_name="x", u_code=given)
    assert (outcome["status"], len(workshop.assets())) == (status, int(status == "inserted"))
    if status == "error":
        assert "Needed" in outcome["error_message"]


def test_a_mandatory_field_that_is_filled_already_is_not_missing(workshop: Workshop) -> None:
    workshop.asset(u_code="1", u_needed="here")
    workshop.make_map(entry("u_code", coalesce="true"), entry("u_note"), enforce_mandatory_fields="allFields")
    assert workshop.outcome(u_code="1", u_note="n")["status"] == "updated"
