"""Every field that a query asks about, whatever its form: nothing that decides which records match is left out."""

from __future__ import annotations

from typing import Any

import pytest

from sandtable.core.query import asked_fields, parse

pytestmark = pytest.mark.ours("access control sees every field that the meaning of a query depends on")

TEXTS = "task.number task.short_description task.description"
JOURNALS = "task.comments task.work_notes"


@pytest.mark.parametrize(
    "query, expected",
    [
        ("", ""),
        ("number=1^parent.dueISEMPTY", "task.number= task.parent.dueISEMPTY"),
        ("number*x^stateNOTIN1", "task.numberLIKE task.stateNOT IN"),
        ("a=1^ORb=2^NQc=3^ORDERBYDESCd^ORDERBYe", "task.a= task.b= task.c= task.dORDERBYDESC task.eORDERBY"),
        ("opened_atSAMEASdue@day", "task.opened_atSAMEAS task.dueSAMEAS"),
        ("opened_atMORETHANdue@day@before@1", "task.opened_atMORETHAN task.dueMORETHAN"),
        (
            "RLQUERYrole_grant.user,>=1^roleLIKEx^ENDRLQUERY^state=1",
            "role_grant.user= role_grant.roleLIKE task.state=",
        ),
        (
            "RLQUERYtask.parent,>0^RLQUERYrole_grant.user,>0^role=x^ORDERBYon^ENDRLQUERY^ENDRLQUERY",
            "task.parent= role_grant.user= role_grant.role= role_grant.onORDERBY",
        ),
        (
            "SUBQUERYassigned_to,user,role_grant^role=itil^ENDSUBQUERY",
            "task.assigned_to= role_grant.user= role_grant.role=",
        ),
        (
            "JOINtask.assigned_to=role_grant.user!role=admin",
            "task.assigned_to= role_grant.user= role_grant.role=",
        ),
        (
            "JOINtask.assigned_to=user.sys_id!JOINuser.sys_id=role_grant.user!role=x",
            "task.assigned_to= user.sys_id= role_grant.user= role_grant.role=",
        ),
        ("JOINrubbish^SUBQUERYx^ENDSUBQUERY^rubbish^sys_tags.l1=l1^123TEXTINDEXGROUP321=x", ""),
        ("GROUPBYnumber^EQ", ""),
    ],
)
def test_fields_of_every_form(world: Any, query: str, expected: str) -> None:
    found = asked_fields(parse(query), "task", world.dictionary)
    assert " ".join(f"{each.table}.{each.path}{each.operator}" for each in found) == expected


def test_a_full_text_search_asks_about_all_it_looks_at(world: Any) -> None:
    found = asked_fields(parse("123TEXTQUERY321=vpn"), "task", world.dictionary)
    assert [f"{each.table}.{each.path}" for each in found] == f"{TEXTS} {JOURNALS}".split()
    assert {each.operator for each in found} == {"123TEXTQUERY321"}


def test_the_fields_of_a_join_deeper_than_is_asked_are_not_listed(world: Any) -> None:
    deep = "JOINuser.sys_id=user.manager!" * 3_000 + "email=x"
    assert {each.path for each in asked_fields(parse(deep), "user", world.dictionary)} == {"sys_id", "manager"}
    assert world.select(deep, "user") == []


@pytest.mark.parametrize(
    "query, expected",
    [
        ("RLQUERYrole_grant.user,>=1^roleLIKEadm^ENDRLQUERY", "abel"),
        ("JOINuser.sys_id=role_grant.user!role=itil", "abel bow"),
        ("SUBQUERYsys_id,user,role_grant^role=admin^ENDSUBQUERY", "abel"),
        ("RLQUERYrole_grant.user,>=1^user.manager.nameLIKEme^ENDRLQUERY", "abel"),
        ("nameSAMEASname^123TEXTQUERY321=bow", "bow"),
    ],
)
def test_what_is_not_listed_decides_nothing(busy: Any, query: str, expected: str) -> None:
    """Emptying every column that is not asked about changes no answer."""
    asked = {name for each in asked_fields(parse(query), "user", busy.dictionary) for name in each.path.split(".")}
    assert busy.select(query, "user") == expected.split()
    emptied = 0
    for table in ("user", "role_grant"):
        for row in list(busy.store.rows(table)):
            kept = {name: value for name, value in row.values.items() if name == "sys_id" or name in asked}
            emptied += len(row.values) - len(kept)
            busy.store.update(table, row.sys_id, table, kept)
    assert emptied > 0
    assert busy.select(query, "user") == busy.evaluated(query, "user") == expected.split()
