"""The demo data: the same every time, consistent in itself, and as the rules of the instance would have left it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from sandtable.core.applications.jobs import run_due_jobs
from sandtable.core.platform.instance import Instance
from sandtable.demodata import DemoDataError, load, loaded_scale
from sandtable.demodata.calendar import REFERENCE, YEAR, Calendar
from sandtable.serving.assembly import create_instance

pytestmark = pytest.mark.ours("demo data is a believable company, the same every time")
NOON = 1_717_243_200.0  # 2024-06-01 12:00:00 UTC
TODAY = "2024-06-01 00:00:00"
TASKS = ("incident", "problem", "change_request")


def new_instance() -> Instance:
    return create_instance(random_seed=1, clock=lambda: NOON)


@pytest.fixture(scope="module")
def company() -> Iterator[Instance]:
    instance = new_instance()
    load(instance)
    yield instance
    instance.close()


SAME = (*TASKS, "sys_user", "cmn_location", "sys_user_grmember", "cmdb_ci", "cmdb_rel_ci", "sys_journal_field")
DAY = 86_400.0
WHEN = {"glide_date", "glide_date_time"}


def contents(instance: Instance) -> dict[str, dict[str, dict[str, str]]]:
    """Return the records of each table by sys_id, without those columns that say when."""
    system, dictionary = instance.system(), instance.dictionary
    return {
        table: {
            record.sys_id: {
                name: value
                for name, value in record.values_copy().items()
                if dictionary.columns(record.table)[name].type not in WHEN
            }
            for record in system.table(table).query()
        }
        for table in (*SAME, "kb_knowledge")
    }


@pytest.mark.parametrize("days", range(7))
def test_the_year_is_moved_without_being_changed(days: int) -> None:
    today = REFERENCE + timedelta(days=700 + days)
    calendar = Calendar(today)
    opened = [REFERENCE - timedelta(hours=hours) for hours in range(YEAR * 24, 0, -1)]
    moved = [datetime.fromisoformat(calendar.dates_of(each)(each)).replace(tzinfo=UTC) for each in opened]
    assert moved == sorted(moved)
    for before, after in zip(opened, moved, strict=True):
        assert (before.time(), after <= today) == (after.time(), True)
        if calendar.is_recent(before):
            assert today - after == REFERENCE - before
        elif before < REFERENCE - timedelta(weeks=11):
            assert after.weekday() == before.weekday()


@pytest.mark.parametrize(
    "later",
    [
        pytest.param(11 * 3600.0, id="at 23:00"),
        pytest.param(4 * DAY, id="on a Wednesday"),
        pytest.param(-93 * DAY, id="on 29 February"),
    ],
)
def test_what_day_it_is_changes_the_dates_alone(company: Instance, later: float) -> None:
    # Another number for the ids of what people make: nothing of the company depends on it.
    again = create_instance(random_seed=round(later), clock=lambda: NOON + later)
    load(again)
    there, here = contents(again), contents(company)
    assert {table: len(records) for table, records in there.items()} == {
        table: len(records) for table, records in here.items()
    }
    assert there == here
    incidents = again.system().table("incident").query("ORDERBYopened_at")
    days = [datetime.fromisoformat(record["opened_at"]) for record in incidents]
    numbers = [record["number"] for record in incidents]
    assert numbers == sorted(numbers)
    yesterday = (again.clock.now() - timedelta(days=1)).strftime("%Y-%m-%d")
    assert days[-1].strftime("%Y-%m-%d") == yesterday
    assert sum(day.weekday() >= 5 for day in days) < 0.12 * len(days)
    # What a new instance does by itself leaves the company as it came.
    active = again.system().table("incident").count("active=true")
    run_due_jobs(again)
    assert again.system().table("incident").count("active=true") == active
    again.close()


def test_the_same_every_time(company: Instance) -> None:
    again = new_instance()
    load(again)
    for table in (*SAME, "kb_knowledge"):
        one, other = (
            {record.sys_id: record.values_copy() for record in each.system().table(table).query()}
            for each in (company, again)
        )
        assert one == other, table
    again.close()


@pytest.mark.reads_clock
def test_how_much(company: Instance) -> None:
    system = company.system()
    assert system.table("incident").count() == 1000
    assert system.table("problem").count() == 40
    assert system.table("change_request").count() == 120
    assert system.table("sys_user").count("titleISNOTEMPTY") >= 60
    assert system.table("cmdb_rel_ci").count() > 100
    assert system.table("kb_knowledge").count("workflow_state=published") >= 12


def test_well_known_records_are_still_there(company: Instance) -> None:
    system = company.system()
    admin = system.table("sys_user").get("6816f79cc0a8016401c5a33be04be441")
    assert admin["user_name"] == "admin"
    assert system.table("sys_user_group").get("287ebd7da9fe198100f92cc8d1d2154e")["name"] == "Network"
    assert system.table("sys_user").first("user_name=abel.tuter") is not None


@pytest.mark.reads_clock
def test_incidents_are_as_the_rules_leave_them(company: Instance) -> None:
    dictionary = company.dictionary
    priorities = {
        (record["impact"], record["urgency"]): record["priority"]
        for record in company.system().table("dl_u_priority").query()
    }
    for record in company.system().table("incident").query():
        opened, state = record["opened_at"], record["state"]
        assert record["priority"] == priorities[record["impact"], record["urgency"]]
        assert record["incident_state"] == state
        assert (record["active"] == "false") == (state in ("7", "8"))
        assert bool(record["closed_at"]) == (state in ("7", "8"))
        assert bool(record["resolved_at"]) == bool(record["close_code"]) == (state in ("6", "7"))
        assert bool(record["hold_reason"]) == (state == "3")
        assert opened == record["sys_created_on"] <= record["sys_updated_on"] <= TODAY
        assert not record["resolved_at"] or opened <= record["resolved_at"] <= (record["closed_at"] or TODAY) <= TODAY
        for element in ("category", "subcategory", "contact_type", "close_code", "hold_reason", "state"):
            known = {choice.value for choice in dictionary.choices("incident", element)}
            assert not record[element] or record[element] in known, (element, record[element])


@pytest.mark.parametrize("table", [*TASKS, "cmdb_ci", "sys_user", "sys_user_grmember", "cmdb_rel_ci", "kb_knowledge"])
def test_references_lead_somewhere(company: Instance, table: str) -> None:
    system = company.system()
    for record in system.table(table).query():
        for name, column in company.dictionary.columns(record.table).items():
            value = record[name]
            if value and column.is_reference and name != "sys_domain" and company.dictionary.has(column.reference):
                assert system.table(column.reference).find(value) is not None, f"{record.table}.{name} {value}"


def test_numbers(company: Instance) -> None:
    numbers = [record["number"] for record in company.system().table("incident").query("ORDERBYopened_at")]
    assert numbers == sorted(set(numbers))
    snapshot = company.snapshot()
    assert company.acting_as("admin").table("incident").insert({"short_description": "new"})["number"] == "INC0010001"
    company.restore(snapshot)
    company.release(snapshot)


def test_distributions(company: Instance) -> None:
    incidents = company.system().table("incident").query()
    hours = Counter(int(record["opened_at"][11:13]) for record in incidents)
    days = Counter(datetime.fromisoformat(record["opened_at"]).weekday() for record in incidents)
    priorities = Counter(record["priority"] for record in incidents)
    months = Counter(record["opened_at"][:7] for record in incidents)
    assert sum(hours[hour] for hour in range(7, 18)) > 0.8 * len(incidents)
    assert days[5] + days[6] < 0.12 * len(incidents)
    assert priorities["1"] < priorities["3"] < priorities["5"]
    assert len(months) >= 12
    assert Counter(record["active"] for record in incidents)["false"] > 0.85 * len(incidents)


def test_journals_are_read_like_any_others(company: Instance) -> None:
    system = company.system()
    line = system.table("sys_journal_field").query("element=comments^name=incident", limit=1)[0]
    incident = system.table("incident").get(line["element_id"])
    assert incident["opened_at"] <= line["sys_created_on"] <= TODAY
    assert system.table("sys_user").first(f"user_name={line['sys_created_by']}") is not None


def test_support_people_may_work(company: Instance) -> None:
    member = company.system().table("sys_user_grmember").query("group.name=Network^user.titleISNOTEMPTY", limit=1)[0]
    user = company.system().table("sys_user").get(member["user"])
    assert company.acting_as(user).has_role("itil")


def test_only_once(company: Instance) -> None:
    assert loaded_scale(company) == 1
    assert load(company) == {}


def test_it_can_be_taken_back() -> None:
    instance = new_instance()
    before = instance.system().table("sys_user").count()
    snapshot = instance.snapshot()
    load(instance)
    instance.restore(snapshot)
    instance.release(snapshot)
    assert instance.system().table("incident").count() == 0
    assert instance.system().table("sys_user").count() == before
    assert loaded_scale(instance) == 0
    instance.close()


def test_a_larger_scale_and_its_numbers() -> None:
    instance = new_instance()
    told: list[tuple[int, int, str]] = []
    made = load(instance, scale=12, progress=lambda *how_far: told.append(how_far))
    table = instance.system().table("incident")
    assert made["incident"] == table.count() == 12_000
    # Too many for the numbers below the first new one.
    assert table.query("ORDERBYnumber", limit=1)[0]["number"] == "INC0010001"
    assert instance.acting_as("admin").table("incident").insert({})["number"] == "INC0022001"
    assert [done for done, _, _ in told] == sorted(done for done, _, _ in told)
    assert told[-1][0] == told[-1][1] == 12 * (1000 + 40 + 120)
    instance.close()


@pytest.mark.parametrize("scale", [0, -1, 10_001])
def test_bad_scales(scale: int) -> None:
    instance = new_instance()
    with pytest.raises(DemoDataError, match="scale must be from 1 to 10000"):
        load(instance, scale=scale)
    assert instance.system().table("incident").count() == 0
    instance.close()
