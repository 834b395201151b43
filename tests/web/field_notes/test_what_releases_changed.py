"""What differs between releases, asked of an instance of each: one table, a line a question, a column a release."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from sandtable.core.images.releases import apply_release, families, release

if TYPE_CHECKING:
    from tests.web.conftest import Wire

    from sandtable.core.platform.instance import Instance

TABLE = "/api/now/table"
ITIL = ("itil", "itil")
UPLOAD = "/api/now/attachment/file?table_name=incident&file_name=a.txt"
Answer = str | int


def words_of_a_401(wire: Wire, instance: Instance) -> Answer:
    text: str = wire.get(f"{TABLE}/incident", auth=("itil", "wrong")).json()["error"]["message"]
    return text


def upload_without_credentials(wire: Wire, instance: Instance) -> Answer:
    return wire.post(UPLOAD, auth=None, data=b"a").status_code


def query_on_a_field_that_is_not_read(wire: Wire, instance: Instance) -> Answer:
    return wire.get(f"{TABLE}/sys_choice?sysparm_query=name=incident", auth=ITIL).status_code


def export_of_such_a_query(wire: Wire, instance: Instance) -> Answer:
    return wire.get("/sys_choice_list.do?CSV&sysparm_query=name=incident", auth=ITIL).status_code


def openid_discovery(wire: Wire, instance: Instance) -> Answer:
    return wire.get("/.well-known/openid-configuration", auth=None).status_code


def protected_resources(wire: Wire, instance: Instance) -> Answer:
    path = "/.well-known/oauth-protected-resource/sncapps/mcp-server/mcp/sn_mcp_server_default"
    return wire.get(path, auth=None).status_code


def attributes_of_a_file(wire: Wire, instance: Instance) -> Answer:
    record = wire.post(f"{TABLE}/incident", json={}).json()["result"]["sys_id"]
    sys_id = wire.post(f"{UPLOAD}&table_sys_id={record}", data=b"a").json()["result"]["sys_id"]
    return wire.get(f"/api/now/attachment/{sys_id}/attributes").status_code


def change_of_a_closed_incident_task(wire: Wire, instance: Instance) -> Answer:
    task = wire.post(f"{TABLE}/incident_task", json={"state": "3"}).json()["result"]["sys_id"]
    return wire.patch(f"{TABLE}/incident_task/{task}", json={"short_description": "late"}, auth=ITIL).status_code


def clients_by_document(wire: Wire, instance: Instance) -> Answer:
    return wire.get(f"{TABLE}/oauth_entity_cimd").status_code


def machine_access_controls(wire: Wire, instance: Instance) -> Answer:
    return wire.get(f"{TABLE}/sys_machine_access_control").status_code


def scope_restrictions_of_clients(wire: Wire, instance: Instance) -> Answer:
    query = "name=oauth_entity^element=scope_restriction_status"
    return len(wire.get(f"{TABLE}/sys_choice?sysparm_query={query}").json()["result"])


def sys_fields_of_others(wire: Wire, instance: Instance) -> Answer:
    sent = {"sys_created_on": "2020-01-01 00:00:00"}
    path = f"{TABLE}/incident?sysparm_suppress_auto_sys_field=true"
    day: str = wire.post(path, json=sent, auth=ITIL).json()["result"]["sys_created_on"][:4]
    return "kept" if day == "2020" else "stamped"


def script_by_an_administrator(wire: Wire, instance: Instance) -> Answer:
    return wire.post(f"{TABLE}/sys_script_include", json={"name": "Helper"}).status_code


def item_by_itil(wire: Wire, instance: Instance) -> Answer:
    return wire.post(f"{TABLE}/cmdb_ci_server", json={"name": "db01"}, auth=ITIL).status_code


def access_control_whose_role_is_gone(wire: Wire, instance: Instance) -> Answer:
    system = instance.system()
    role = system.table("sys_user_role").insert({"name": "u_gone"})
    rule = system.table("sys_security_acl").insert(
        {"name": "incident", "type": "record", "operation": "create", "active": "true", "condition": "active=true"}
    )
    system.table("sys_security_acl_role").insert({"sys_security_acl": rule.sys_id, "sys_user_role": role.sys_id})
    for other in system.table("sys_security_acl").query(f"name=incident^operation=create^sys_id!={rule.sys_id}"):
        system.table("sys_security_acl").delete(other.sys_id)
    system.table("sys_user_role").delete(role.sys_id)
    return wire.post(f"{TABLE}/incident", json={}, auth=ITIL).status_code


OLD, NEW = "User Not Authenticated", "User is not authenticated"
# Question, then the answers of xanadu, yokohama, zurich, australia and brazil as upgraded instances, and of new ones.
ROWS: tuple[tuple[Callable[[Wire, Instance], Answer], tuple[Answer, ...], tuple[Answer, ...]], ...] = (
    (words_of_a_401, (OLD, OLD, NEW, NEW, NEW), ()),
    (upload_without_credentials, (401, 401, 401, 403, 403), ()),
    (query_on_a_field_that_is_not_read, (200, 403, 403, 403, 403), ()),
    (export_of_such_a_query, (200, 200, 200, 200, 403), ()),
    (openid_discovery, (404, 404, 404, 404, 200), ()),
    (protected_resources, (404, 404, 404, 404, 200), ()),
    (attributes_of_a_file, (400, 400, 400, 200, 200), ()),
    (change_of_a_closed_incident_task, (200, 200, 403, 403, 403), ()),
    (clients_by_document, (400, 400, 200, 200, 200), ()),
    (machine_access_controls, (400, 400, 200, 200, 200), ()),
    (scope_restrictions_of_clients, (0, 3, 3, 3, 3), ()),
    (sys_fields_of_others, ("kept", "kept", "kept", "kept", "kept"), ()),
    (script_by_an_administrator, (201, 201, 201, 201, 201), (201, 201, 403, 403, 403)),
    (item_by_itil, (201, 201, 201, 201, 201), (201, 201, 403, 403, 403)),
    (access_control_whose_role_is_gone, (201, 201, 201, 201, 201), (201, 201, 201, 201, 403)),
)


@pytest.mark.documented("ServiceNow documentation, release notes and hardening settings; see docs/releases.md")
@pytest.mark.parametrize("kind", ["upgraded", "new"])
@pytest.mark.parametrize("family", families())
def test_what_a_release_answers(wire: Wire, instance: Instance, family: str, kind: str) -> None:
    apply_release(instance, release(family, kind=kind, basic_auth="open"))
    place = families().index(family)
    expected = {ask.__name__: (new if kind == "new" and new else upgraded)[place] for ask, upgraded, new in ROWS}
    assert {ask.__name__: ask(wire, instance) for ask, _, _ in ROWS} == expected
