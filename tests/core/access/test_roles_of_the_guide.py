"""What the roles of a new instance open: the table of who may do what, without and with Elastic's applications."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from sandtable.core.values.errors import QueryDenied

if TYPE_CHECKING:
    from tests.core.access.conftest import Court

pytestmark = pytest.mark.documented("ServiceNow docs, base system roles; Elastic's guides name the roles they need")

OPERATIONS = ("read", "create", "write", "delete")
STAGING = "x_elas2_inc_int_elastic_incident"
ELASTIC = "x_elas2_inc_int.integration_user"


def possible(court: Court, roles: str, table: str) -> str:
    """Return the first letters of what is possible on a table, a dash for what is not."""
    session = court.instance.guest() if roles == "(guest)" else court.user(*roles.split())
    return "".join(each[0] if court.can(session, each, table) else "-" for each in OPERATIONS)


@pytest.mark.parametrize(
    "roles, table, expected",
    [
        ("admin", "incident", "rcwd"),
        ("admin", "sys_choice", "rcwd"),
        ("admin", "sys_dictionary", "rcwd"),
        ("admin", STAGING, "rcwd"),
        ("admin", "sys_scope_privilege", "rcwd"),
        ("admin", "oauth_entity", "rcwd"),
        ("itil", "incident", "rcw-"),
        ("itil", "problem", "rcw-"),
        ("itil", "change_request", "rcw-"),
        ("itil", "cmdb_ci", "rcw-"),
        ("itil", "sys_user", "r---"),
        ("itil", "sys_choice", "r---"),
        ("itil", "sys_dictionary", "----"),
        ("itil", "sn_si_incident", "----"),
        ("itil", "sys_import_set_row", "----"),
        ("sn_incident_write", "incident", "rcw-"),
        ("sn_incident_read", "incident", "r---"),
        ("sn_incident_read", "problem", "----"),
        ("sn_si.basic", "incident", "r---"),
        ("evt_mgmt_integration", "em_event", "-c--"),
        ("import_set_loader", "sys_import_set_row", "-c--"),
        ("import_transformer", "sys_import_set_row", "r-w-"),
        ("import_transformer", "sys_transform_map", "rcwd"),
        ("import_admin", "sys_import_set_row", "rcwd"),
        ("import_set_loader", STAGING, "----"),
        ("import_set_loader import_transformer", STAGING, "r-w-"),
        (ELASTIC, STAGING, "rc--"),
        (ELASTIC, "sys_import_set_row", "----"),
        (ELASTIC, "sys_choice", "r---"),
        (f"{ELASTIC} personalize_choices", "sys_choice", "rcwd"),
        ("personalize_choices", "sys_choice", "rcwd"),
        ("personalize_choices", "sys_dictionary", "----"),
        ("itil snc_read_only", "incident", "r---"),
        ("admin snc_read_only", "incident", "r---"),
        ("personalize_choices snc_read_only", "sys_choice", "r---"),
        (f"{ELASTIC} import_set_loader import_transformer snc_read_only", STAGING, "r---"),
        ("", "incident", "r---"),
        ("", "sys_user", "r---"),
        ("", "problem", "----"),
        ("", "sys_choice", "r---"),
        ("", "sys_properties", "----"),
        ("(guest)", "incident", "----"),
        ("(guest)", "sys_user", "----"),
        ("(guest)", "sys_choice", "----"),
    ],
)
def test_what_a_role_opens(court: Court, roles: str, table: str, expected: str) -> None:
    assert possible(court, roles, table) == expected


@pytest.mark.parametrize("element", ["caller_id", "opened_by"])
def test_a_user_without_roles_sees_the_incidents_they_called_about(court: Court, element: str) -> None:
    session, other = court.user(name="caller"), court.user(name="other")
    incidents = court.instance.system().table("incident")
    own = incidents.insert({"caller_id": other.user_sys_id, element: session.user_sys_id, "opened_by": ""}).sys_id
    incidents.update(own, {element: session.user_sys_id})
    foreign = incidents.insert({"short_description": "not theirs"}).sys_id
    assert [record.sys_id for record in session.table("incident").query()] == [own]
    assert session.table("incident").find(foreign) is None


@pytest.mark.recorded("Elastic's guide: without personalize_choices the lists of the connector's form stay empty")
def test_choices_need_their_role(court: Court) -> None:
    without = court.user("itil", name="without")
    with pytest.raises(QueryDenied, match="do not have permission to be read"):
        without.table("sys_choice").query("name=incident")
    assert without.instance.access.readable_columns(without, "sys_choice") == frozenset({"label"})
    found = (
        court.user("personalize_choices").table("sys_choice").query("nameINtask,incident^element=severity^language=en")
    )
    assert [record["value"] for record in found] == ["1", "2", "3"]


@pytest.mark.ours("every rule of a new instance can be read, and asks for something unless it means administrators")
def test_every_rule_says_whom_it_lets_by(court: Court) -> None:
    system = court.instance.system()
    linked = {link["sys_security_acl"] for link in system.table("sys_security_acl_role").query()}
    roles = {role.sys_id for role in system.table("sys_user_role").query()}
    for rule in system.table("sys_security_acl").query():
        parts = (rule.sys_id in linked, rule["condition"], rule["security_attribute"], rule["script"])
        assert any(parts) or rule["admin_overrides"] == "true", (rule["name"], rule["operation"])
        table = rule["name"].partition(".")[0]
        if rule["type"] == "record" and table != "*":
            assert court.instance.dictionary.has(table), rule["name"]
    assert {link["sys_user_role"] for link in system.table("sys_security_acl_role").query()} <= roles
