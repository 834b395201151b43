"""The staging tables and maps that come with every instance."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tests.core.imports.conftest import Workshop

pytestmark = pytest.mark.documented("ServiceNow docs, web service import sets that come with the platform")


def loaded(workshop: Workshop, staging: str, **values: object) -> Any:
    element = workshop.outcome(staging, **values)
    assert element["status"] in ("inserted", "updated"), element
    return workshop.instance.system().table(element["table"]).get(element["sys_id"])


def test_a_notification_becomes_an_incident(workshop: Workshop) -> None:
    incident = loaded(
        workshop,
        "imp_notification",
        uuid="abc",
        message="Disk full",
        comments="as seen by the probe",
        category="hardware",
        assignment_group="Brand new group",
        severity="2",
        state="Active",
        source="no such ci",
        type="ignored",
    )
    system = workshop.instance.system()
    assert (incident["correlation_id"], incident["short_description"], incident["category"]) == (
        "abc",
        "Disk full",
        "hardware",
    )
    assert (incident["severity"], incident["incident_state"], incident["state"], incident["cmdb_ci"]) == (
        "2",
        "2",
        "2",
        "",
    )
    assert system.table("sys_user_group").get(incident["assignment_group"])["name"] == "Brand new group"
    entries = system.table("sys_journal_field").query(f"element_id={incident.sys_id}^element=comments")
    assert [entry["value"] for entry in entries] == ["as seen by the probe"]
    again = loaded(workshop, "imp_notification", uuid="ABC", message="Disk still full")
    assert (again.sys_id, again["short_description"], again["severity"]) == (incident.sys_id, "Disk still full", "2")


@pytest.mark.parametrize("given, state", [("New", "1"), ("Active", "2"), ("Resolved", "6"), ("Closed", "7")])
def test_the_states_of_a_notification(workshop: Workshop, given: str, state: str) -> None:
    incident = loaded(workshop, "imp_notification", uuid="x", message="m", state=given)
    assert incident["incident_state"] == state


@pytest.mark.parametrize(
    "given, name",
    [
        ({"user_id": "jdoe", "first_name": "Jane", "last_name": "Doe"}, "jdoe"),
        ({"first_name": "Jane", "last_name": "Doe"}, "jane.doe"),
        ({"last_name": "Doe"}, ""),
    ],
)
def test_a_user(workshop: Workshop, given: dict[str, str], name: str) -> None:
    user = loaded(workshop, "imp_user", email="jane@example.com", department="New department", **given)
    assert user["user_name"] == name
    system = workshop.instance.system()
    assert system.table("cmn_department").get(user["department"])["name"] == "New department"
    again = loaded(workshop, "imp_user", email="JANE@example.com", first_name="Janet", last_name="Doe")
    assert (again.sys_id, again["user_name"], again["first_name"]) == (user.sys_id, name, "Janet")


def test_a_user_without_the_coalesce_value_is_skipped(workshop: Workshop) -> None:
    assert workshop.outcome("imp_user", first_name="Jane")["status"] == "error"


def test_a_computer_and_a_location(workshop: Workshop) -> None:
    computer = loaded(
        workshop, "imp_computer", serial_number="S1", name="box", assigned_to="Abel Tuter", location="Cellar"
    )
    abel = workshop.instance.acting_as("abel.tuter").user_sys_id
    assert (computer.table, computer["name"], computer["assigned_to"]) == ("cmdb_ci_computer", "box", abel)
    place = loaded(workshop, "imp_location", name="Cellar", city="Bonn", state="NRW", zip="53111")
    assert (place.sys_id, place["city"], place["state"]) == (computer["location"], "Bonn", "NRW")
    assert loaded(workshop, "imp_computer", serial_number="s1", name="renamed").sys_id == computer.sys_id
