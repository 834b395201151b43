"""Database views are read as tables are, and never written."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest

from sandtable.core.platform.instance import Instance

if TYPE_CHECKING:
    from tests.web.conftest import Wire

pytestmark = pytest.mark.documented("ServiceNow documentation, database views; KB0534905, KB0535471, KB0551018")
VIEW = "/api/now/table/incident_sla"
Made = Callable[..., dict[str, Any]]


def rows(wire: Wire, query: str = "", table: str = "incident_sla", **more: str) -> list[dict[str, Any]]:
    answer = wire.get(f"/api/now/table/{table}", params={"sysparm_query": query, **more})
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["result"]
    return found


def sla(instance: Instance, task: str, **values: str) -> str:
    return instance.system().table("task_sla").insert({"task": task, **values}).sys_id


def joined(wire: Wire, **values: str) -> str:
    answer = wire.post("/api/now/table/sys_db_view_table", json=values)
    assert answer.status_code == 201, answer.text
    sys_id: str = answer.json()["result"]["sys_id"]
    return sys_id


def test_a_stock_view_joins_incidents_and_their_slas(wire: Wire, instance: Instance, made: Made) -> None:
    first, second = (made("incident", short_description=text, urgency="1") for text in ("one", "two"))
    made("incident", short_description="without an SLA")
    slas = [sla(instance, each["sys_id"], stage=stage) for each, stage in ((first, "breached"), (second, "paused"))]
    instance.system().table("task_sla").insert({"task": made("problem", short_description="no incident")["sys_id"]})
    fields = "inc_number,inc_sys_id,taskslatable_stage,taskslatable_sys_id,taskslatable_task.number"
    found = rows(wire, "ORDERBYinc_short_description", sysparm_fields=fields)
    assert [each["inc_number"] for each in found] == [first["number"], second["number"]]
    assert [each["taskslatable_sys_id"] for each in found] == slas
    assert [each["taskslatable_task.number"] for each in found] == [first["number"], second["number"]]
    (one,) = rows(wire, f"taskslatable_stage=paused^inc_number={second['number']}", sysparm_display_value="true")
    assert (one["inc_urgency"], one["taskslatable_stage"]) == ("1 - High", "Paused")
    assert wire.get(f"{VIEW}/{one['sys_id']}").json()["result"]["inc_number"] == second["number"]
    counted = wire.get("/api/now/stats/incident_sla?sysparm_count=true&sysparm_group_by=taskslatable_stage")
    assert [each["stats"]["count"] for each in counted.json()["result"]] == ["1", "1"]
    # What changes behind it changes in it, and what is taken back is taken back.
    before = instance.snapshot()
    wire.patch(f"/api/now/table/incident/{first['sys_id']}", json={"short_description": "three"})
    assert [each["inc_short_description"] for each in rows(wire, "ORDERBYinc_number")] == ["three", "two"]
    wire.patch(f"/api/now/table/incident/{first['sys_id']}", json={"short_description": ""})
    assert rows(wire, "ORDERBYinc_number")[0]["inc_short_description"] == ""
    wire.delete(f"/api/now/table/task_sla/{slas[0]}")
    assert len(rows(wire)) == 1
    instance.restore(before)
    instance.release(before)
    assert [each["inc_short_description"] for each in rows(wire, "ORDERBYinc_number")] == ["one", "two"]


def test_every_write_is_refused(wire: Wire, instance: Instance, made: Made) -> None:
    sla(instance, made("incident", short_description="x")["sys_id"])
    (row,) = rows(wire)
    assert wire.post(VIEW, json={"inc_number": "INC1"}).status_code == 403
    assert wire.patch(f"{VIEW}/{row['sys_id']}", json={"inc_number": "INC1"}).status_code == 403
    assert wire.delete(f"{VIEW}/{row['sys_id']}").status_code == 403
    assert rows(wire) == [row]


def test_the_most_rows(wire: Wire, instance: Instance, made: Made) -> None:
    for _ in range(3):
        sla(instance, made("incident", short_description="x")["sys_id"])
    instance.set_property("glide.db.max_view_records", "2")
    assert len(rows(wire)) == 2


def test_a_view_of_ones_own(wire: Wire, instance: Instance, made: Made) -> None:
    view = made("sys_db_view", name="u_people", label="People and groups")["sys_id"]
    users = joined(wire, view=view, table="sys_user", variable_prefix="usr", order="100")
    for field in ("user_name", "department"):
        made("sys_db_view_table_field", view_table=users, field=field)
    where = 'mem_user = usr_sys_id && usr_user_name = "elastic.integration"'
    member = {"table": "sys_user_grmember", "variable_prefix": "mem", "where_clause": where, "order": "200"}
    joined(wire, view=view, **member)
    assert rows(wire, table="u_people") == []
    user = instance.system().table("sys_user").first(filters={"user_name": "elastic.integration"})
    group = instance.system().table("sys_user_group").first("")
    assert user is not None
    assert group is not None
    made("sys_user_grmember", user=user.sys_id, group=group.sys_id)
    (row,) = rows(wire, table="u_people", sysparm_display_value="true", sysparm_exclude_reference_link="true")
    assert (row["usr_user_name"], row["mem_group"]) == ("elastic.integration", group["name"])


def test_a_left_join_keeps_rows_that_nothing_fits(wire: Wire, made: Made) -> None:
    view = made("sys_db_view", name="u_sla_or_not")["sys_id"]
    number = made("incident", short_description="alone")["number"]
    joined(wire, view=view, table="incident", variable_prefix="inc", order="100")
    more = {"table": "task_sla", "variable_prefix": "sla", "where_clause": "sla_task=inc_sys_id", "order": "200"}
    joined(wire, view=view, left_join="true", **more)
    (row,) = rows(wire, f"inc_number={number}", table="u_sla_or_not")
    assert (row["inc_short_description"], row["sla_stage"]) == ("alone", "")


def test_the_views_table_rule_and_the_tables_field_rules_count(wire: Wire, instance: Instance, made: Made) -> None:
    sla(instance, made("incident", short_description="secret subject")["sys_id"])
    system = instance.system()
    for name, role in (("reader.itil", "itil"), ("reader.none", "")):
        user = system.table("sys_user").insert({"user_name": name, "user_password": "test-only", "active": "true"})
        if role:
            held = system.table("sys_user_role").first(filters={"name": role})
            assert held is not None
            system.table("sys_user_has_role").insert({"user": user.sys_id, "role": held.sys_id})
    assert wire.get(VIEW, auth=("reader.none", "test-only")).json().get("result", []) == []
    (row,) = wire.get(VIEW, auth=("reader.itil", "test-only")).json()["result"]
    assert row["inc_short_description"] == "secret subject"
    rule = {"name": "incident.short_description", "type": "record", "operation": "read", "active": "true"}
    guarded = system.table("sys_security_acl").insert(rule)
    admin = system.table("sys_user_role").first(filters={"name": "admin"})
    assert admin is not None
    system.table("sys_security_acl_role").insert({"sys_security_acl": guarded.sys_id, "sys_user_role": admin.sys_id})
    (row,) = wire.get(VIEW, auth=("reader.itil", "test-only")).json()["result"]
    assert "inc_short_description" not in row
    (row,) = rows(wire)
    assert row["inc_short_description"] == "secret subject"


@pytest.mark.ours("a name is taken by the tables of one kind only, whatever else shares their root")
def test_a_table_may_be_called_like_another_application_file(made: Made) -> None:
    made("sys_script_include", name="u_same_name", script="")
    assert made("sys_db_object", name="u_same_name", label="Same")["name"] == "u_same_name"
