"""The transform maps of Elastic's two applications: which column goes where, whole, and what is resolved."""

from __future__ import annotations

from typing import Any

import pytest

from sandtable.core.imports import ImportSets
from sandtable.core.instance import Instance
from sandtable.core.transform_maps import maps_of

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
        "record_link": f"{instance.base_url}/api/now/table/{target}/{record.sys_id}",
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
