"""The transform maps of Elastic's two applications: which column goes where, whole, and what is resolved."""

from __future__ import annotations

from typing import Any

import pytest

from sandtable.core.imports.import_sets import ImportSets
from sandtable.core.imports.transform_maps import maps_of
from sandtable.core.platform.instance import Instance

pytestmark = pytest.mark.documented("Kibana connector docs: the fields of an incident, prefixed in the staging table")

COMMON = {
    "u_short_description": ("short_description", "Disk is full"),
    "u_description": ("description", "of web-01"),
    "u_correlation_id": ("correlation_id", "rule:1"),
    "u_correlation_display": ("correlation_display", "Disk usage"),
    "u_state": ("state", "2"),
    "u_opened_by": ("opened_by", "abel.tuter"),
}
ITSM = {
    **COMMON,
    "u_category": ("category", "software"),
    "u_subcategory": ("subcategory", "email"),
    "u_severity": ("severity", "1"),
    "u_urgency": ("urgency", "2"),
    "u_impact": ("impact", "1"),
    "u_caller_id": ("caller_id", "abel.tuter"),
}
SIR = {
    **COMMON,
    "u_state": ("state", "16"),
    "u_category": ("category", "Phishing"),
    "u_priority": ("priority", "2"),
    "u_dest_ip": ("dest_ip", "10.0.0.1,10.0.0.2"),
    "u_source_ip": ("source_ip", "fe80::1"),
    "u_malware_hash": ("malware_hash", "ab" * 32),
    "u_malware_url": ("malware_url", "http://example.com/x"),
    "u_close_notes": ("close_notes", "done"),
    "u_caller_id": ("requester", "abel.tuter"),
}
APPS: list[tuple[str, str, str, str, dict[str, tuple[str, str]], set[str]]] = [
    # staging table, user, name of the map, target, what goes where, what else the map has
    ("x_elas2_inc_int_elastic_incident", "elastic.integration", "Elastic Incident", "incident", ITSM, set()),
    (
        "x_elas2_sir_int_elastic_si_incident",
        "elastic.secops",
        "Elastic SI Incident",
        "sn_si_incident",
        SIR,
        {"u_subcategory", "u_close_code"},
    ),
]
ROWS = pytest.mark.parametrize(
    ("staging", "user", "name", "target", "columns", "others"), APPS, ids=[app[3] for app in APPS]
)


@ROWS
def test_every_field_arrives_whole(
    instance: Instance,
    staging: str,
    user: str,
    name: str,
    target: str,
    columns: dict[str, tuple[str, str]],
    others: set[str],
) -> None:
    session = instance.acting_as(user)
    row = {"u_work_notes": "seen", **{source: value for source, (_, value) in columns.items()}}
    (element,) = ImportSets(instance).load_row(session, staging, row).results
    record = instance.system().table(target).get(element["sys_id"])
    shown = {
        "transform_map": name,
        "table": target,
        "display_name": "number",
        "display_value": record["number"],
        "status": "inserted",
        "sys_id": record.sys_id,
    }
    assert element == shown
    abel = instance.acting_as("abel.tuter").user_sys_id
    expected = {element: abel if value == "abel.tuter" else value for element, value in columns.values()}
    assert {element: record[element] for element in expected} == expected
    notes = instance.system().table("sys_journal_field").query(f"element_id={record.sys_id}")
    assert [(note["element"], note["value"], note["sys_created_by"]) for note in notes] == [
        ("work_notes", "seen", user)
    ]


@ROWS
def test_what_the_map_has(
    instance: Instance,
    staging: str,
    user: str,
    name: str,
    target: str,
    columns: dict[str, tuple[str, str]],
    others: set[str],
) -> None:
    (found,) = maps_of(instance, staging)
    assert (found.name, found.target_table, found.copy_empty_fields) == (name, target, False)
    assert {entry.source_field for entry in found.entries} == {*columns, "u_work_notes", *others}
    assert [entry.target_field for entry in found.coalescing] == ["correlation_id"]
    dictionary = instance.dictionary
    for entry in found.entries:
        source, column = dictionary.column(staging, entry.source_field), dictionary.column(target, entry.target_field)
        assert source is not None
        assert column is not None
        if column.is_reference:
            assert entry.referenced_value_field == "user_name"
        else:
            assert source.max_length == column.max_length, entry.source_field


@pytest.mark.assumed("a caller is known by the user name; one that nobody has leaves the field as it is")
@ROWS
@pytest.mark.parametrize("caller", ["no such user", "Abel Tuter", None])
def test_a_caller_that_is_no_user_name(
    instance: Instance,
    staging: str,
    user: str,
    name: str,
    target: str,
    columns: dict[str, tuple[str, str]],
    others: set[str],
    caller: Any,
) -> None:
    session = instance.acting_as(user)
    row = {"u_short_description": "x", "u_caller_id": caller, "u_opened_by": caller}
    (element,) = ImportSets(instance).load_row(session, staging, row).results
    record = instance.system().table(target).get(element["sys_id"])
    assert element["status"] == "inserted"
    assert record["opened_by"] == session.user_sys_id
    assert record["caller_id" if target == "incident" else "requester"] in ("", session.user_sys_id)


@pytest.mark.ours("an administrator who takes the coalesce mark off gets a record for each row")
@pytest.mark.parametrize("coalesce", ["true", "false"])
def test_the_coalesce_mark_decides(instance: Instance, coalesce: str) -> None:
    staging, user = APPS[0][:2]
    entries = instance.system().table("sys_transform_entry")
    (entry,) = entries.query(f"source_table={staging}^source_field=u_correlation_id")
    entries.update(entry.sys_id, {"coalesce": coalesce})
    imports, session = ImportSets(instance), instance.acting_as(user)
    row = {"u_short_description": "x", "u_correlation_id": "rule:1"}
    first, second = (
        imports.load_row(session, staging, row | {"u_short_description": text}).results[0] for text in "ab"
    )
    assert (first["sys_id"] == second["sys_id"]) is (coalesce == "true")
    update = imports.load_row(session, staging, {"elastic_incident_id": first["sys_id"], "u_short_description": "c"})
    assert (update.results[0]["status"], update.results[0]["sys_id"]) == ("updated", first["sys_id"])


@pytest.mark.documented("Kibana connector docs: additional fields, for columns that an administrator has added")
@pytest.mark.parametrize(
    ("column", "target", "given", "found"),
    [
        ("u_location", "location", "815 E Street, San Diego,CA", "name"),
        ("u_assignment_group", "assignment_group", "Hardware", "name"),
        ("u_location", "location", "nowhere at all", None),
    ],
)
def test_columns_that_an_administrator_added(
    instance: Instance, column: str, target: str, given: str, found: str | None
) -> None:
    staging, user = APPS[0][:2]
    system = instance.system()
    system.table("cmn_location").insert({"name": "815 E Street, San Diego,CA"})
    imports, session = ImportSets(instance), instance.acting_as(user)
    before = imports.load_row(session, staging, {"u_short_description": "x", column: given}).results[0]
    assert system.table("incident").get(before["sys_id"])[target] == ""
    system.table("sys_dictionary").insert(
        {"name": staging, "element": column, "internal_type": "string", "max_length": "100"}
    )
    (transform,) = maps_of(instance, staging)
    system.table("sys_transform_entry").insert(
        {
            "map": transform.sys_id,
            "source_table": staging,
            "source_field": column,
            "target_table": "incident",
            "target_field": target,
            "choice_action": "ignore",
        }
    )
    after = imports.load_row(session, staging, {"u_short_description": "y", column: given}).results[0]
    assert after["status"] == "inserted"
    value = system.table("incident").get(after["sys_id"])[target]
    if found is None:
        assert value == ""
    else:
        table = "cmn_location" if target == "location" else "sys_user_group"
        assert system.table(table).get(value)[found] == given
