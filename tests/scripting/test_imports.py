"""Scripts of transform maps: their moments, variables, and what they make of a row."""

from __future__ import annotations

from typing import Any

import pytest
from tests.scripting.conftest import Bench

from sandtable.core.imports.import_sets import ImportSets

DOCS = "ServiceNowDocs, transform maps: scripts of the map, its events and its field maps"
SEEN = "a much-copied write-up of transform scripts, and public scripts that follow it"


class Workshop:
    """A staging table, a map to users, and rows loaded through it."""

    def __init__(self, bench: Bench) -> None:
        self.bench = bench
        parent = bench.system.table("sys_db_object").first("name=sys_import_set_row")
        assert parent is not None
        bench.add("sys_db_object", name="u_people", label="People", super_class=parent.sys_id)
        for element in ("u_name", "u_mail", "u_dept", "u_mode"):
            bench.add("sys_dictionary", name="u_people", element=element, internal_type="string", max_length="100")
        self.map = bench.add("sys_transform_map", name="People", source_table="u_people", target_table="sys_user")
        self.field("u_name", "user_name", coalesce=True)
        self.field("u_mail", "email")

    def field(self, source: str, target: str, **values: Any) -> None:
        self.bench.add("sys_transform_entry", map=self.map.sys_id, source_field=source, target_field=target, **values)

    def script(self, when: str, text: str) -> None:
        wrapped = f"(function runTransformScript(source, map, log, target) {{ {text} }})(source, map, log, target);"
        self.bench.add("sys_transform_script", map=self.map.sys_id, when=when, script=wrapped)

    def load(self, **values: Any) -> dict[str, str]:
        session = self.bench.instance.acting_as("admin")
        (result,) = ImportSets(self.bench.instance).load_row(session, "u_people", values).results
        return result

    def user(self, name: str) -> Any:
        return self.bench.system.table("sys_user").first(filters={"user_name": name})

    def log(self) -> list[str]:
        return [row["message"] for row in self.bench.system.table("import_log").query()]


@pytest.fixture
def workshop(bench: Bench) -> Workshop:
    return Workshop(bench)


@pytest.mark.documented(DOCS)
def test_the_moments_come_in_order(workshop: Workshop) -> None:
    for when in ("onComplete", "onAfter", "onBefore", "onStart"):
        workshop.script(when, f"log.info('{when}');")
    workshop.bench.system.table("sys_transform_map").update(
        workshop.map.sys_id, {"run_script": "true", "script": "log.info('map ' + isUpdate);"}
    )
    assert workshop.load(u_name="ann")["status"] == "inserted"
    assert workshop.log() == ["onStart", "onBefore", "map false", "onAfter", "onComplete"]


@pytest.mark.recorded("an answer of the Import Set API to a row that an onBefore script ignored")
def test_an_ignored_row(workshop: Workshop) -> None:
    workshop.script("onBefore", "if (source.u_mode == 'skip') ignore = true;")
    workshop.script("onAfter", "log.info('after');")
    result = workshop.load(u_name="ann", u_mode="skip")
    assert (result["status"], result["error_message"], result["status_message"]) == (
        "error",
        "Target record not found",
        "Row transform ignored by onBefore script",
    )
    assert workshop.user("ann") is None
    assert workshop.log() == []


@pytest.mark.assumed(SEEN)
def test_what_a_script_changes(workshop: Workshop) -> None:
    workshop.script(
        "onBefore",
        "source.u_mail = 'new@example.com'; target.title = action + ' ' + map.name; status_message = 'said';"
        "response.extra = 7;",
    )
    result = workshop.load(u_name="ann", u_mail="old@example.com")
    user = workshop.user("ann")
    assert (user["email"], user["title"]) == ("new@example.com", "insert People")
    assert (result["status_message"], result["extra"]) == ("said", "7")
    assert workshop.load(u_name="ann")["status"] == "updated"
    assert workshop.user("ann")["title"] == "update People"


@pytest.mark.assumed(SEEN)
def test_an_error_asked_for_by_the_script(workshop: Workshop) -> None:
    workshop.script("onBefore", "error = true; error_message = 'not this one';")
    result = workshop.load(u_name="ann")
    assert (result["status"], result["error_message"]) == ("error", "not this one")


@pytest.mark.assumed("a throwing script makes the row an error of code 900 that holds the exception's text")
def test_a_throwing_script(workshop: Workshop) -> None:
    workshop.script("onBefore", "nothing.here();")
    result = workshop.load(u_name="ann")
    assert result["status"] == "error"
    assert '"nothing" is not defined.' in result["error_message"]
    row = workshop.bench.system.table("u_people").query()[-1]
    error = workshop.bench.system.table("sys_import_set_row_error").first(f"sys_id={row['sys_row_error']}")
    assert error is not None
    assert error["error_code"] == "900"


@pytest.mark.documented(DOCS)
@pytest.mark.parametrize(
    "script, value",
    [
        (
            "answer = (function transformEntry(source) { return source.u_name.toString().toUpperCase(); })(source);",
            "ANN",
        ),
        ("answer = [1, 2];", "1,2"),
        ("answer = {a: 1};", '{"a":1}'),
        ("answer = 5;", "5"),
        ("var x = 1;", ""),
    ],
)
def test_source_scripts(workshop: Workshop, script: str, value: str) -> None:
    workshop.field("", "title", use_source_script=True, source_script=script)
    workshop.load(u_name="ann")
    assert workshop.user("ann")["title"] == value


@pytest.mark.assumed("a source script of a coalescing field gives the value that rows are matched by; -1 matches none")
def test_a_coalescing_source_script(workshop: Workshop) -> None:
    workshop.field(
        "",
        "sys_id",
        coalesce=True,
        use_source_script=True,
        source_script="answer = source.u_mode == 'new' ? -1 : source.u_mode + '';",
    )
    first = workshop.load(u_name="ann", u_mode="new")
    assert first["status"] == "inserted"


@pytest.mark.documented(DOCS)
def test_before_a_referenced_record_is_made(workshop: Workshop) -> None:
    workshop.field("u_dept", "department", choice_action="create")
    workshop.script("onForeignInsert", "log.info(name + ' ' + value); ignore = value == 'Bad';")
    workshop.load(u_name="ann", u_dept="Good")
    workshop.load(u_name="bob", u_dept="Bad")
    assert workshop.log() == ["department Good", "department Bad"]
    departments = workshop.bench.system.table("cmn_department")
    assert departments.first("name=Good") is not None
    assert departments.first("name=Bad") is None
    assert workshop.user("bob")["department"] == ""


@pytest.mark.documented(DOCS)
def test_scripts_at_the_ends_of_a_set_run_once(workshop: Workshop) -> None:
    workshop.script("onStart", "this.seen = 0; log.info('start');")
    workshop.script("onBefore", "seen++;")
    workshop.script("onComplete", "log.info('complete ' + seen);")
    bench = workshop.bench
    sets = ImportSets(bench.instance)
    rows = [{"u_name": f"user{number}"} for number in range(3)]
    sets.load_many(bench.instance.acting_as("admin"), "u_people", rows)
    bench.instance.clock.advance(5)
    assert sets.transform_pending() == 1
    assert workshop.log() == ["start", "complete 3"]
    assert workshop.user("user2") is not None


@pytest.mark.assumed("ignore in onStart leaves out the whole set, error stops it")
@pytest.mark.parametrize("script", ["ignore = true;", "error = true; error_message = 'stop';"])
def test_a_set_left_out_at_its_start(workshop: Workshop, script: str) -> None:
    workshop.script("onStart", script)
    bench = workshop.bench
    sets = ImportSets(bench.instance)
    sets.load_many(bench.instance.acting_as("admin"), "u_people", [{"u_name": "ann"}, {"u_name": "bob"}])
    bench.instance.clock.advance(5)
    sets.transform_pending()
    assert workshop.user("ann") is None
    assert workshop.user("bob") is None
