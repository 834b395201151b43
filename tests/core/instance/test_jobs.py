"""What an instance does by itself as its clock goes on."""

from __future__ import annotations

import pytest

from sandtable.core.applications.jobs import run_due_jobs
from sandtable.core.imports.import_sets import ImportSets
from sandtable.core.platform.instance import Instance
from sandtable.core.platform.session import Session

DAY = 86_400
DONE = {"close_code": "Solution provided", "close_notes": "Fixed"}


@pytest.mark.documented(
    "ServiceNow docs: resolved incidents are closed after glide.ui.autoclose.time days, 7 by default"
)
@pytest.mark.parametrize(
    ("days", "waited", "state"),
    [("7", 6.9, "6"), ("7", 7.1, "7"), ("1", 1.1, "7"), ("0", 400, "6"), ("never", 400, "6"), ("9" * 30, 400, "6")],
)
def test_resolved_incidents_are_closed(
    instance: Instance, admin: Session, days: str, waited: float, state: str
) -> None:
    instance.set_property("glide.ui.autoclose.time", days)
    resolved = admin.table("incident").insert({"state": "6", **DONE})
    still_open = admin.table("incident").insert({"state": "2"})
    run_due_jobs(instance)
    instance.clock.advance(waited * DAY)
    run_due_jobs(instance)
    assert admin.table("incident").get(resolved.sys_id)["state"] == state
    assert admin.table("incident").get(still_open.sys_id)["state"] == "2"


@pytest.mark.ours("a scheduled job runs once an hour of the instance's clock, and going back makes it due again")
def test_jobs_are_records(instance: Instance, admin: Session) -> None:
    triggers = instance.system().table("sys_trigger")
    run_due_jobs(instance)
    trigger = triggers.first("name=Autoclose Incidents")
    assert trigger is not None
    assert trigger["next_action"] == "2024-05-01 11:00:00"
    snapshot = instance.snapshot()
    resolved = admin.table("incident").insert({"state": "6", **DONE})
    for _ in range(2):
        instance.clock.advance(8 * DAY)
        assert run_due_jobs(instance) == (1 if admin.table("incident").find(resolved.sys_id) else 0)
        assert run_due_jobs(instance) == 0
        instance.restore(snapshot)
    instance.release(snapshot)


@pytest.mark.documented("ServiceNow docs: insertMultiple is transformed by a background job")
def test_pending_imports_are_transformed(instance: Instance) -> None:
    session = instance.acting_as("elastic.integration")
    rows = [{"u_short_description": f"row {number}", "u_correlation_id": f"a:{number}"} for number in range(3)]
    ImportSets(instance).load_many(session, "x_elas2_inc_int_elastic_incident", rows)
    run_due_jobs(instance)
    assert instance.system().table("incident").count() == 0
    instance.clock.advance(5)
    run_due_jobs(instance)
    found = instance.system().table("incident").query("ORDERBYcorrelation_id")
    assert [record["short_description"] for record in found] == ["row 0", "row 1", "row 2"]
