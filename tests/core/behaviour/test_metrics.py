"""Time in state: a span for each value that a measured column of a record holds."""

from __future__ import annotations

import pytest

from sandtable.core.platform.instance import Instance
from sandtable.core.platform.session import Session

pytestmark = pytest.mark.documented("ServiceNow documentation, metrics; LetPeopleWork/Lighthouse, findings")


def test_each_state_of_an_incident_is_a_span(instance: Instance, admin: Session) -> None:
    incident = admin.table("incident").insert({"short_description": "disk full"})
    instance.clock.advance(600)
    admin.table("incident").update(incident.sys_id, {"state": "2"})
    instance.clock.advance(60)
    spans = (
        instance.system()
        .table("metric_instance")
        .query(f"id={incident.sys_id}^field=incident_state^ORDERBYstart^ORDERBYvalue")
    )
    assert [(each["value"], each["calculation_complete"]) for each in spans][:2] == [
        ("New", "true"),
        ("In Progress", "false"),
    ]
    assert spans[0]["duration"] == "1970-01-01 00:10:00"
    assert spans[0]["end"] == spans[1]["start"]


def test_spans_end_with_their_record(instance: Instance, admin: Session) -> None:
    incident = admin.table("incident").insert({"short_description": "disk full"})
    table = instance.system().table("metric_instance")
    assert table.count(f"id={incident.sys_id}") > 0
    admin.table("incident").delete(incident.sys_id)
    assert table.count(f"id={incident.sys_id}") == 0
