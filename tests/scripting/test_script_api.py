"""The platform's API by name: calls are there or refused by name; schedules, paths in JSON, scripts nobody can read."""

from __future__ import annotations

import importlib.util
import json
import os
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from tests.scripting.conftest import Bench

from sandtable.scripting.objects.system import known_names

DOCS = "ServiceNowDocs, server API reference"
WEEKDAYS = "08fcd0830a0a0b2600079f56b1adb9ae"
MADE = {
    "gs": "gs",
    "GlideRecord": "new GlideRecord('incident')",
    "GlideElement": "new GlideRecord('incident').getElement('number')",
    "GlideElementDescriptor": "new GlideRecord('incident').getElement('number').getED()",
    "GlideDateTime": "new GlideDateTime()",
    "GlideUser": "gs.getUser()",
    "GlideSession": "gs.getSession()",
    "GlideSchedule": "new GlideSchedule()",
    "GlideAggregate": "new GlideAggregate('incident')",
    "GlideSysAttachment": "new GlideSysAttachment()",
    "RESTMessageV2": "new sn_ws.RESTMessageV2()",
    "Workflow": "new Workflow()",
}


@pytest.mark.ours("a call of the platform is there, or refused by its name and told; it is never undefined")
@pytest.mark.parametrize("name", sorted(MADE))
def test_each_known_call_is_there_or_refused_by_its_name(bench: Bench, name: str) -> None:
    calls = sorted(known_names()[name])
    script = (
        f"var made = {MADE[name]}, calls = {calls!r}, refused = [], silent = [];"
        "calls.forEach(function (call) {"
        "  if (typeof made[call] !== 'function') { silent.push(call); return; }"
        "  if (call in made) return;"
        "  try { made[call](); silent.push(call); } catch (error) { refused.push(error.message); }"
        "}); JSON.stringify([refused, silent])"
    )
    refused, silent = json.loads(bench.value(script))
    assert not silent, "these calls are neither there nor refused"
    assert all(text.startswith(f"Not simulated by Sandtable: {name}.") for text in refused)
    assert {text.removeprefix("Not simulated by Sandtable: ") for text in refused} <= bench.noted()


def generator() -> ModuleType:
    path = Path(__file__).parents[2] / "docs" / "generate_script_api.py"
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.documented("npm package @servicenow/glide: type declarations of the API")
def test_the_known_names_are_those_of_the_vendors_type_declarations() -> None:
    modules = os.environ.get("SANDTABLE_COMPAT_NODE_MODULES")
    package = Path(modules or ".venv/node/node_modules") / "@servicenow" / "glide"
    if not package.is_dir():
        pytest.skip(f"the type declarations are not installed below {package}")
    assert {name: sorted(calls) for name, calls in known_names().items()} == generator().names_of(package)


@pytest.mark.ours("a class that is not there is told with the members that the script asked of it")
def test_a_missing_class_is_told_by_its_whole_name(bench: Bench) -> None:
    outcome = bench.run("var found = sn_cmdb.IdentificationEngine.createOrUpdateCI('x', '{}');")
    assert '"sn_cmdb" is not defined.' in outcome.error
    assert "sn_cmdb.IdentificationEngine.createOrUpdateCI" in bench.noted()


@pytest.mark.documented(f"{DOCS}: GlideSchedule, the samples of add and whenNext")
def test_the_documented_schedules(bench: Bench) -> None:
    two_days = "new GlideDuration(60 * 60 * 24 * 1000 * 2)"
    assert bench.value(f"'' + new GlideSchedule().add(new GlideDateTime('2014-01-02'), {two_days})") == (
        "2014-01-04 00:00:00"
    )
    script = f"new GlideSchedule('{WEEKDAYS}', 'UTC').whenNext(new GlideDateTime('2014-10-25 08:00:00'))"
    assert bench.value(script) == 172_800_000


@pytest.mark.assumed("how entries of a schedule repeat, by the names of their choices")
@pytest.mark.parametrize(
    "entry, asked, expected",
    [
        ({"repeat_type": "weekdays"}, "s.isInSchedule(new GlideDateTime('2026-03-06 16:59:59'))", True),
        ({"repeat_type": "weekdays"}, "s.isInSchedule(new GlideDateTime('2026-03-07 12:00:00'))", False),
        ({"repeat_type": "weekMWF"}, "s.isInSchedule(new GlideDateTime('2026-03-05 12:00:00'))", False),
        ({"repeat_type": "weekly", "days_of_week": "47"}, "s.isInSchedule(new GlideDateTime('2026-03-05 12:00:00'))", True),
        ({"repeat_type": "monthly"}, "s.whenNext(new GlideDateTime('2026-02-28 08:00:00')) / 86400000", 1),
        ({"repeat_type": "daily", "repeat_count": "2"}, "s.whenNext(new GlideDateTime('2026-01-02 08:00:00')) / 86400000", 1),
        ({"repeat_type": "daily", "repeat_until": "20260110"}, "s.whenNext(new GlideDateTime('2026-02-01 08:00:00'))", -1),
        ({}, "s.duration(new GlideDateTime('2026-01-01 00:00:00'), new GlideDateTime('2027-01-01 00:00:00')).getDurationValue()", "09:00:00"),
        ({"repeat_type": "weekdays"}, "'' + s.add(new GlideDateTime('2026-03-06 15:00:00'), 4 * 3600000)", "2026-03-09 10:00:00"),
        ({"repeat_type": "weekdays"}, "'' + s.add(new GlideDateTime('2026-03-06 23:00:00'), 3600000, 'US/Pacific')", "2026-03-07 00:00:00"),
    ],
)  # fmt: skip
def test_entries_repeat(bench: Bench, entry: dict[str, str], asked: str, expected: Any) -> None:
    schedule = bench.add("cmn_schedule", name="Ours")
    given = {"start_date_time": "20260101T080000", "end_date_time": "20260101T170000", "repeat_type": "", **entry}
    bench.add("cmn_schedule_span", schedule=schedule.sys_id, **given)
    value = bench.value(f"var s = new GlideSchedule('{schedule.sys_id}', 'UTC'); {asked}")
    assert value == expected


@pytest.mark.assumed("entries of type exclude take time out of a schedule")
def test_excluded_time_does_not_count(bench: Bench) -> None:
    bench.add(
        "cmn_schedule_span", schedule=WEEKDAYS, type="exclude", repeat_type="yearly", all_day=True,
        start_date_time="20200501T000000", end_date_time="20200501T235959",
    )  # fmt: skip
    script = (
        f"new GlideSchedule('{WEEKDAYS}', 'UTC').duration(new GlideDateTime('2024-04-30 00:00:00'),"
        " new GlideDateTime('2024-05-03 00:00:00')).getDurationValue()"
    )
    assert bench.value(script) == "18:00:00"


@pytest.mark.assumed("a wall time is moved from one zone to another")
def test_a_schedule_time_moves_between_zones(bench: Bench) -> None:
    script = "var at = new GlideScheduleDateTime(new GlideDateTime('2026-01-05 08:00:00')); at.convertTimeZone('US/Pacific', 'UTC');"
    assert bench.value(f"{script} '' + new GlideDateTime(at)") == "2026-01-05 16:00:00"


@pytest.mark.assumed("paths as those of the library that the platform is known to use")
@pytest.mark.parametrize(
    "path, expected",
    [
        ("$.store.book[0].author", "Nigel"),
        ("store.book[*].author", ["Nigel", "Evelyn"]),
        ("$..price", [8.95, 12.99, 19.95]),
        ("$..book[?(@.price < 10)].author", ["Nigel"]),
        ("$..book[?(@.isbn)]['author']", ["Evelyn"]),
        ("$.store.book[?(@.author == 'Evelyn' && @.price > 10)].isbn", ["0-553"]),
        ("$.store.book[-1:].author", ["Evelyn"]),
        ("$.store.car", None),
    ],
)
def test_paths_in_json(bench: Bench, path: str, expected: Any) -> None:
    data = (
        '{"store": {"book": [{"author": "Nigel", "price": 8.95}, {"author": "Evelyn", "price": 12.99, "isbn": "0-553"}],'
        ' "bicycle": {"price": 19.95}}}'
    )
    assert bench.value(f"new GlideJsonPath({data!r}).read({path!r})") == expected


@pytest.mark.documented(
    "npm package @servicenow/glide: GlideDuration is a GlideTime; gs.getScriptError, gs.isValidScript"
)
def test_lengths_of_time_have_parts_and_scripts_are_checked_without_running(bench: Bench) -> None:
    assert (
        bench.value(
            "GlideDateTime.subtract(new GlideDateTime('2026-01-02'), new GlideDateTime('2026-01-01')).getYearUTC()"
        )
        == 1969
    )
    assert bench.value("[gs.isValidScript('1 +'), gs.isValidScript(\"gs.info('ran')\"), gs.getScriptError('return 1') !== null]") == [
        False, True, True,
    ]  # fmt: skip
    assert bench.value("gs.isValidScript(\"}); gs.info('ran'); (function () {\")") is False
    assert "ran" not in bench.logged()


@pytest.mark.assumed("a span of gs includes the unit that runs")
@pytest.mark.parametrize(
    "call, expected",
    [
        ("beginningOfLast7Days", "2024-04-24 00:00:00"),
        ("endOfLast7Days", "2024-05-01 23:59:59"),
        ("beginningOfLast6Months", "2023-11-01 00:00:00"),
        ("beginningOfCurrentHour", "2024-05-01 12:00:00"),
        ("endOfOneYearAgo", "2023-05-01 23:59:59"),
    ],
)
def test_spans_of_gs(bench: Bench, call: str, expected: str) -> None:
    assert bench.value(f"gs.{call}()") == expected
