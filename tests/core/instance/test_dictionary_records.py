"""The dictionary is data: tables, columns and choices are records, and follow each write to them."""

from __future__ import annotations

import pytest

from sandtable.core.platform.instance import Instance
from sandtable.core.platform.session import Session
from sandtable.core.values.errors import OperationFailed, UnknownTable


@pytest.mark.documented("ServiceNow docs: sys_db_object, sys_dictionary and sys_choice describe all tables")
def test_the_records_agree_with_the_dictionary(instance: Instance) -> None:
    system, dictionary = instance.system(), instance.dictionary
    tables = {record["name"]: record for record in system.table("sys_db_object").query()}
    assert set(tables) == {table.name for table in dictionary.tables()}
    names = {record.sys_id: record["name"] for record in tables.values()}
    assert {name: names.get(record["super_class"], "") for name, record in tables.items()} == {
        table.name: table.parent for table in dictionary.tables()
    }
    columns = {(each["name"], each["element"]) for each in system.table("sys_dictionary").query("elementISNOTEMPTY")}
    assert columns == {(table.name, name) for table in dictionary.tables() for name in table.columns}
    incident = system.table("sys_choice").query(
        "name=incident^element=state^language=en^inactive=false^ORDERBYsequence"
    )
    assert [each["label"] for each in incident] == ["New", "In Progress", "On Hold", "Resolved", "Closed", "Canceled"]


@pytest.mark.documented("ServiceNow docs: creating a dictionary record makes a column, at once and for child tables")
def test_a_new_column_works_at_once(instance: Instance, admin: Session) -> None:
    admin.table("sys_dictionary").insert(
        {"name": "task", "element": "u_size", "internal_type": "integer", "default_value": "3"}
    )
    incidents = admin.table("incident")
    made = incidents.insert({})
    assert made["u_size"] == "3"
    incidents.insert({"u_size": "12"})
    assert [record["u_size"] for record in incidents.query("u_size>5")] == ["12"]
    assert instance.dictionary.columns("problem")["u_size"].table == "task"


@pytest.mark.documented("ServiceNow docs: a new table has the system columns, a child its parent's columns")
def test_new_tables(admin: Session, instance: Instance) -> None:
    tables = admin.table("sys_db_object")
    tables.insert({"name": "u_thing", "label": "Thing", "is_extendable": "true"})
    parent = instance.system().table("sys_db_object").first("name=u_thing")
    assert parent is not None
    admin.table("sys_dictionary").insert({"name": "u_thing", "element": "u_name", "internal_type": "string"})
    tables.insert({"name": "u_small_thing", "label": "Small thing", "super_class": parent.sys_id})
    made = admin.table("u_small_thing").insert({"u_name": "pebble"})
    assert (made["sys_class_name"], made["sys_created_by"]) == ("u_small_thing", "admin")
    assert [record["u_name"] for record in admin.table("u_thing").query("u_nameLIKEpeb")] == ["pebble"]


@pytest.mark.ours("a table that goes takes its records, columns and choices along; one that is extended stays")
def test_dropping_a_table(instance: Instance) -> None:
    system = instance.system()
    made = system.table("sys_db_object").insert({"name": "u_thing"})
    system.table("sys_dictionary").insert({"name": "u_thing", "element": "u_a", "choice": "1"})
    system.table("sys_choice").insert({"name": "u_thing", "element": "u_a", "value": "1", "label": "One"})
    system.table("u_thing").insert({"u_a": "1"})
    system.table("sys_db_object").delete(made.sys_id)
    with pytest.raises(UnknownTable):
        system.table("u_thing")
    assert system.table("sys_dictionary").count("name=u_thing") == 0
    assert system.table("sys_choice").count("name=u_thing") == 0
    task = system.table("sys_db_object").first("name=task")
    assert task is not None
    with pytest.raises(OperationFailed, match="extends it"):
        system.table("sys_db_object").delete(task.sys_id)
    assert instance.dictionary.has("task")


@pytest.mark.parametrize(
    ("table", "values", "words"),
    [
        ("sys_db_object", {"name": "Bad Name"}, "lower-case"),
        ("sys_db_object", {"name": 'u_"; --'}, "lower-case"),
        ("sys_dictionary", {"name": "u_nosuch", "element": "u_a"}, "no table 'u_nosuch'"),
        ("sys_dictionary", {"name": "incident", "element": "A-B"}, "lower-case"),
        ("sys_dictionary", {"name": "incident", "element": "short_description"}, "from task already"),
    ],
)
@pytest.mark.ours("a table or column that cannot be is refused with field and fix, and nothing is written")
def test_refused_definitions(instance: Instance, table: str, values: dict[str, str], words: str) -> None:
    access = instance.system().table(table)
    before, tables = access.count(), instance.dictionary.tables()
    with pytest.raises(OperationFailed, match=words):
        access.insert(values)
    assert access.count() == before
    assert instance.dictionary.tables() == tables


@pytest.mark.ours("a choice that changes is another at once")
def test_choices_follow(instance: Instance) -> None:
    choices = instance.system().table("sys_choice")
    made = choices.insert({"name": "incident", "element": "category", "value": "dogs", "label": "Dogs"})
    assert instance.dictionary.choice_label("incident", "category", "dogs") == "Dogs"
    choices.update(made.sys_id, {"label": "Hounds"})
    assert instance.dictionary.choice_label("incident", "category", "dogs") == "Hounds"
    choices.delete(made.sys_id)
    assert instance.dictionary.choice_label("incident", "category", "dogs") is None
