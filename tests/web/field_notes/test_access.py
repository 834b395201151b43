"""Who may do what on a real instance, as people found out by being refused."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tests.web.conftest import Wire

    from sandtable.core.platform.instance import Instance

TABLE = "/api/now/table"
Made = Callable[..., dict[str, Any]]
ITIL, EMPLOYEE = ("itil", "itil"), ("employee", "employee")


@pytest.mark.documented("ServiceNow documentation, Table API: passwords are set with sysparm_input_display_value=true")
@pytest.mark.parametrize("parameters, status", [("", 401), ("?sysparm_input_display_value=true", 200)])
def test_a_password_counts_as_a_display_value_only(wire: Wire, parameters: str, status: int) -> None:
    user = {"user_name": "new.hire", "user_password": "a test's password", "active": "true"}
    assert wire.post(f"{TABLE}/sys_user{parameters}", json=user).status_code == 201
    answer = wire.get(f"{TABLE}/incident?sysparm_limit=1", auth=("new.hire", "a test's password"))
    assert answer.status_code == status


@pytest.mark.documented("LetPeopleWork/Lighthouse, findings on a developer instance: choices and query rules")
@pytest.mark.parametrize("query, status", [("", 200), ("?sysparm_query=name=incident", 403)])
def test_choices_for_others_than_admin_are_labels(wire: Wire, query: str, status: int) -> None:
    answer = wire.get(f"{TABLE}/sys_choice{query or '?sysparm_limit=1'}", auth=ITIL)
    assert answer.status_code == status
    if status == 200:
        (row,) = answer.json()["result"]
        assert {name for name, value in row.items() if value} <= {"label", "sys_id"}


@pytest.mark.documented("LetPeopleWork/Lighthouse, findings; MicrosoftDocs/OfficeDocs-MicrosoftSearch 342")
@pytest.mark.parametrize(
    "table, user, status, rows",
    [
        ("sys_db_object", ITIL, 200, 1),
        ("sys_db_object", EMPLOYEE, 403, 0),
        ("sys_plugins", EMPLOYEE, 403, 0),
        ("sys_dictionary", EMPLOYEE, 200, 0),
    ],
)
def test_tables_of_the_system_below_admin(
    wire: Wire, table: str, user: tuple[str, str], status: int, rows: int
) -> None:
    answer = wire.get(f"{TABLE}/{table}?sysparm_limit=1", auth=user)
    assert (answer.status_code, len(answer.json().get("result", []))) == (status, rows)


@pytest.mark.documented("KB3054410: uploads without credentials are refused without a challenge")
def test_an_upload_without_credentials_has_no_challenge(wire: Wire) -> None:
    answer = wire.post("/api/now/attachment/file?table_name=incident&file_name=a.txt", auth=None, data=b"a")
    assert (answer.status_code, answer.headers.get("WWW-Authenticate")) == (403, None)


@pytest.mark.documented("KB0749501, KB0749367: what a failed sign-in leaves")
def test_a_failed_sign_in_leaves_an_event(wire: Wire) -> None:
    for _ in range(2):
        assert wire.get(f"{TABLE}/incident", auth=("itil", "wrong")).status_code == 401
    events = wire.get(f"{TABLE}/sysevent?sysparm_query=name=login.failed^parm1=itil").json()["result"]
    user = wire.get(f"{TABLE}/sys_user?sysparm_query=user_name=itil").json()["result"][0]
    assert (len(events), user["failed_attempts"], user["locked_out"]) == (2, "2", "false")


@pytest.mark.documented("KB0749367: the lock-out script of the base system locks at five failures")
def test_the_lock_out_script_locks(wire: Wire, instance: Instance) -> None:
    instance.set_property("sandtable.authentication.lock_out", "true")
    statuses = [wire.get(f"{TABLE}/incident", auth=("itil", "wrong")).status_code for _ in range(5)]
    assert statuses == [401] * 5
    assert wire.get(f"{TABLE}/incident?sysparm_limit=1", auth=ITIL).status_code == 401


@pytest.mark.documented("KB0754125: what a user with snc_read_only may write nevertheless")
@pytest.mark.parametrize("table, status", [("sys_user_preference", 201), ("incident", 403)])
def test_read_only_users_write_some_tables(wire: Wire, made: Made, table: str, status: int) -> None:
    role = wire.get(f"{TABLE}/sys_user_role?sysparm_query=name=snc_read_only").json()["result"][0]["sys_id"]
    user = wire.get(f"{TABLE}/sys_user?sysparm_query=user_name=itil").json()["result"][0]["sys_id"]
    made("sys_user_has_role", user=user, role=role)
    answer = wire.post(f"{TABLE}/{table}", json={"name": "rowcount", "short_description": "x"}, auth=ITIL)
    assert answer.status_code == status, answer.text


@pytest.mark.documented("KB0793431, KB0754214: rules of addresses; one that is allowed wins over one that is denied")
@pytest.mark.parametrize(
    "forwarded, status",
    [("198.51.100.7", 403), ("198.51.100.7, 203.0.113.9", 200), ("192.0.2.1", 200), (None, 200)],
)
def test_rules_of_addresses(wire: Wire, made: Made, forwarded: str | None, status: int) -> None:
    made("ip_access", type="allow", range_start="203.0.113.0", range_end="203.0.113.255", active="true")
    made("ip_access", type="deny", range_start="198.51.100.0", range_end="198.51.100.255", active="true")
    headers = {} if forwarded is None else {"X-Forwarded-For": forwarded}
    assert wire.get(f"{TABLE}/incident?sysparm_limit=1", headers=headers).status_code == status


@pytest.mark.documented("KB0788816: a value that is not safe is refused by name")
def test_entities_cannot_be_let_in(wire: Wire) -> None:
    name = "glide.xml.entity.whitelist.enabled"
    answer = wire.post(f"{TABLE}/sys_properties", json={"name": name, "value": "false"})
    assert answer.status_code == 403
    assert f"Not allowing set of unsafe property value: {name}=false" in answer.text
