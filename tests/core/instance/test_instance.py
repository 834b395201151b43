"""An instance as a value: sessions, properties, transactions, remembered values, moments, copies."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from tests.instances import rows_of

from sandtable.core.platform.instance import Instance
from sandtable.core.values.errors import DataPolicyViolation
from sandtable.serving.assembly import AssemblyError, create_instance

pytestmark = pytest.mark.ours("an instance is a value: it shares nothing, and goes back to any moment exactly")


def test_people_are_held_by_access_control_and_the_system_is_not(instance: Instance) -> None:
    assert (instance.system().enforced, instance.acting_as("itil").enforced, instance.guest().enforced) == (
        False,
        True,
        True,
    )
    assert instance.acting_as("itil").has_role("itil")
    assert not instance.guest().has_role("itil")
    with pytest.raises(LookupError, match=r"no user 'nobody\^active=true'"):
        instance.acting_as("nobody^active=true")


def test_properties(instance: Instance) -> None:
    assert instance.property("nosuch", "default") == "default"
    instance.set_property("nosuch", "FALSE")
    assert instance.property_is_true("nosuch", True) is False
    instance.set_property("nosuch", "")
    assert instance.property_is_true("nosuch", True) is True
    instance.set_property("nosuch", "true")
    assert instance.property_is_true("nosuch", False) is True
    assert instance.system().table("sys_properties").count("name=nosuch") == 1


def test_what_a_transaction_raises_is_taken_back(instance: Instance) -> None:
    before = rows_of(instance)
    incidents = instance.system().table("incident")
    with pytest.raises(RuntimeError), instance.transaction():
        incidents.insert({"short_description": "x"})
        instance.set_property("a.b", "c")
        raise RuntimeError
    after = rows_of(instance)
    # The counter keeps the number that was drawn; nothing else differs.
    assert {root: value for root, value in after.items() if value and root != "sys_number_counter"} == {
        root: value for root, value in before.items() if value and root != "sys_number_counter"
    }
    assert instance.property("a.b") == ""


def test_a_nested_transaction_is_taken_back_alone(instance: Instance) -> None:
    incidents = instance.system().table("incident")
    with instance.transaction():
        kept = incidents.insert({"short_description": "kept"})
        with pytest.raises(DataPolicyViolation):
            incidents.update(kept.sys_id, {"state": "7"})
        assert incidents.get(kept.sys_id)["state"] == "1"
    assert incidents.get(kept.sys_id)["short_description"] == "kept"


def test_a_log_line_stays_when_its_transaction_goes(instance: Instance) -> None:
    with pytest.raises(RuntimeError), instance.transaction():
        instance.log("warning", "here", "it went wrong")
        raise RuntimeError
    lines = instance.system().table("syslog").query("source=here")
    assert [(line["message"], line["level"]) for line in lines] == [("it went wrong", "1")]


def test_remembered_values_follow_the_tables_they_came_from(instance: Instance) -> None:
    counted: list[int] = []

    def value() -> int:
        return instance.cached("key", ("task",), lambda: counted.append(1) or len(counted))

    assert [value(), value()] == [1, 1]
    instance.system().table("sys_user").insert({"user_name": "somebody"})
    assert value() == 1
    instance.system().table("incident").insert({})
    assert value() == 2
    snapshot = instance.snapshot()
    instance.system().table("problem").insert({})
    assert value() == 3
    instance.restore(snapshot)
    instance.release(snapshot)
    assert value() == 4  # what was remembered is of a moment that never was


def test_going_back_to_a_moment_is_exact(instance: Instance) -> None:
    before, tables = rows_of(instance), instance.dictionary.tables()
    snapshot = instance.snapshot()
    for _ in range(2):
        system = instance.system()
        first = system.table("incident").insert({"short_description": "x", "comments": "hello"})
        system.table("sys_db_object").insert({"name": "u_thing", "label": "Thing"})
        system.table("sys_dictionary").insert({"name": "incident", "element": "u_new", "internal_type": "string"})
        system.table("sys_choice").insert({"name": "incident", "element": "category", "value": "x", "label": "X"})
        system.table("sys_user").delete(instance.acting_as("itil").user_sys_id)
        instance.clock.advance(3600)
        instance.restore(snapshot)
        assert {key: value for key, value in rows_of(instance).items() if value} == {
            key: value for key, value in before.items() if value
        }
        assert instance.dictionary.tables() == tables
        assert instance.clock.text() == "2024-05-01 10:00:00"
        assert instance.acting_as("itil").has_role("itil")
        ids = {first.sys_id, system.table("incident").insert({}).sys_id}
        instance.restore(snapshot)
        assert len(ids) == 1  # randomness goes back too
    instance.release(snapshot)


def test_a_moment_cannot_be_restored_in_the_middle_of_a_transaction(instance: Instance) -> None:
    snapshot = instance.snapshot()
    with instance.transaction(), pytest.raises(ValueError, match="middle of a transaction"):
        instance.restore(snapshot)
    instance.release(snapshot)


def test_a_fork_shares_nothing(instance: Instance) -> None:
    made = instance.system().table("incident").insert({"short_description": "x"})
    twin = instance.fork("twin")
    assert rows_of(twin) == rows_of(instance)
    assert twin.clock.text() == instance.clock.text()
    twin.system().table("incident").delete(made.sys_id)
    twin.system().table("sys_db_object").insert({"name": "u_only_there"})
    assert instance.system().table("incident").find(made.sys_id) is not None
    assert not instance.dictionary.has("u_only_there")
    assert instance.system().table("incident").insert({})["number"] == "INC0010002"
    assert twin.system().table("incident").insert({})["number"] == "INC0010002"


def test_images_are_independent_of_each_other() -> None:
    instance = create_instance(random_seed=1)
    base = instance.image()
    first = instance.system().table("incident").insert({})
    later = instance.image()
    instance.load_image(base)
    assert instance.system().table("incident").count() == 0
    instance.load_image(later)
    assert instance.system().table("incident").get(first.sys_id)["number"] == "INC0010001"
    instance.load_image(base)
    assert instance.system().table("incident").insert({}).sys_id == first.sys_id


def test_the_same_seed_makes_the_same_ids() -> None:
    made = [create_instance(random_seed=7).system().table("incident").insert({}).sys_id for _ in range(2)]
    assert made[0] == made[1]
    assert create_instance(random_seed=8).system().table("incident").insert({}).sys_id != made[0]


def test_an_empty_instance_has_no_elastic_application() -> None:
    empty = create_instance(empty=True)
    assert empty.system().table("sys_store_app").count("scopeSTARTSWITHx_elas2") == 0
    assert not empty.dictionary.has("x_elas2_inc_int_elastic_incident")
    assert empty.system().table("sys_user").count("user_name=elastic.integration") == 0
    assert empty.system().table("sys_user").count("user_name=admin") == 1


def test_a_data_file_keeps_the_instance(tmp_path: object) -> None:
    path = f"{tmp_path}/instance.db"
    first = create_instance(data=path)
    first.system().table("sys_db_object").insert({"name": "u_thing", "label": "Thing"})
    first.system().table("sys_dictionary").insert({"name": "u_thing", "element": "u_size", "internal_type": "integer"})
    first.system().table("u_thing").insert({"u_size": "007"})
    first.system().table("incident").insert({"short_description": "kept"})
    before = {name: first.dictionary.columns(name) for name in ("incident", "u_thing", "sys_user")}
    choices = first.dictionary.choices("incident", "state")
    first.close()
    again = create_instance(data=path)
    assert {name: again.dictionary.columns(name) for name in before} == before
    assert again.dictionary.choices("incident", "state") == choices
    assert {table.name: table for table in again.dictionary.tables()} == {
        table.name: table for table in first.dictionary.tables()
    }
    assert [record["u_size"] for record in again.system().table("u_thing").query()] == ["7"]
    assert again.system().table("incident").insert({})["number"] == "INC0010002"
    assert again.acting_as("admin").is_admin
    again.close()


def test_a_file_of_something_else_is_refused(tmp_path: object) -> None:
    path = f"{tmp_path}/other.db"
    import sqlite3

    with sqlite3.connect(path) as database:
        database.execute("CREATE TABLE r_thing (_seq INTEGER PRIMARY KEY, _table TEXT, sys_id TEXT)")
    database.close()
    with pytest.raises(AssemblyError, match="not the data file of an instance"):
        create_instance(data=path)


def test_clock_source(instance: Instance) -> None:
    made = create_instance(clock=lambda: datetime(2030, 1, 2, tzinfo=UTC).timestamp())
    assert made.system().table("incident").insert({})["sys_created_on"] == "2030-01-02 00:00:00"
