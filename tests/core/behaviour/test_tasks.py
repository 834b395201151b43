"""Numbering, the other task tables, journals, users and roles."""

from __future__ import annotations

import pytest

from sandtable.core.platform.instance import Instance
from sandtable.core.platform.session import Session
from sandtable.core.platform.writing.numbering import Series, written
from sandtable.core.values.errors import DataPolicyViolation, OperationFailed
from sandtable.core.values.passwords import verify_password


@pytest.mark.documented("ServiceNow docs, number maintenance: prefix and seven digits, from 10001 on a fresh instance")
@pytest.mark.parametrize(
    ("table", "first"),
    [
        ("incident", "INC0010001"),
        ("problem", "PRB0010001"),
        ("change_request", "CHG0010001"),
        ("change_task", "CTASK0010001"),
        ("sc_request", "REQ0010001"),
        ("sc_req_item", "RITM0010001"),
        ("sc_task", "SCTASK0010001"),
        ("sn_si_incident", "SIR0010001"),
        ("sys_import_set", "ISET0010001"),
        ("kb_knowledge", "KB0010001"),
    ],
)
def test_first_and_second_numbers(admin: Session, table: str, first: str) -> None:
    access = admin.table(table)
    assert access.insert({})["number"] == first
    assert access.insert({})["number"] == first[:-1] + "2"


@pytest.mark.documented("ServiceNow docs: a number that the caller gives is kept, and none is drawn")
def test_a_given_number_is_honoured(admin: Session) -> None:
    table = admin.table("incident")
    assert table.insert({"number": "INC0000042"})["number"] == "INC0000042"
    assert table.insert({"number": "INC0000042"})["number"] == "INC0000042"
    assert table.insert({})["number"] == "INC0010001"


@pytest.mark.ours("numbering is records: another prefix, another start, more digits")
def test_numbering_follows_its_record(instance: Instance, admin: Session) -> None:
    numbers = instance.system().table("sys_number")
    record = numbers.first("category=incident")
    assert record is not None
    numbers.update(record.sys_id, {"prefix": "TCK", "maximum_digits": "9", "number": "500"})
    assert admin.table("incident").insert({})["number"] == "TCK000000501"


@pytest.mark.documented("ServiceNow docs: a number is drawn when a record is started, so refused inserts leave gaps")
def test_a_refused_insert_leaves_a_gap(admin: Session) -> None:
    table = admin.table("incident")
    with pytest.raises(DataPolicyViolation):
        table.insert({"state": "7"})
    assert table.insert({})["number"] == "INC0010002"


@pytest.mark.ours("no two records have one number, whatever was refused in between")
def test_numbers_after_a_refusal_in_the_middle_of_a_transaction(instance: Instance, admin: Session) -> None:
    table = admin.table("incident")
    numbers = []
    with instance.transaction():
        with pytest.raises(DataPolicyViolation):
            table.insert({"state": "7"})
        numbers += [table.insert({})["number"] for _ in range(3)]
    numbers += [table.insert({})["number"] for _ in range(2)]
    assert numbers == sorted(set(numbers))


@pytest.mark.assumed("a number that has outgrown its digits is written whole")
@pytest.mark.parametrize(
    ("value", "number"), [(1, "INC0000001"), (9_999_999, "INC9999999"), (12_345_678, "INC12345678")]
)
def test_how_a_number_is_written(value: int, number: str) -> None:
    assert written(Series("incident", "INC", 7, 10_000), value) == number


@pytest.mark.ours("one property says that a refused insert gives its number back")
def test_a_refused_insert_leaves_no_gap(instance: Instance, admin: Session) -> None:
    instance.set_property("sandtable.numbering.refused_insert_uses_number", "false")
    table = admin.table("incident")
    with pytest.raises(DataPolicyViolation):
        table.insert({"state": "7"})
    assert table.insert({})["number"] == "INC0010001"


@pytest.mark.documented("ServiceNow docs: first state of each kind of task, and the states in which it is not active")
@pytest.mark.parametrize(
    ("table", "first", "closing", "open_again"),
    [
        ("problem_task", "151", ["157"], "154"),
        ("change_task", "1", ["3", "4"], "2"),
        ("sc_request", "1", ["3", "4", "7"], "2"),
        ("sc_req_item", "1", ["3", "4", "7"], "2"),
        ("sc_task", "1", ["3", "4", "7"], "2"),
        ("sn_si_incident", "10", ["3", "7"], "16"),
    ],
)
def test_states_of_task_tables(admin: Session, table: str, first: str, closing: list[str], open_again: str) -> None:
    access = admin.table(table)
    assert access.insert({})["state"] == first
    for state in closing:
        made = access.insert({"short_description": "x"})
        assert made["active"] == "true"
        closed = access.update(made.sys_id, {"state": state})
        assert (closed["active"], closed["closed_by"]) == ("false", admin.user_sys_id)
        assert closed["closed_at"]
        opened = access.update(made.sys_id, {"state": open_again})
        assert (opened["active"], opened["closed_at"], opened["closed_by"]) == ("true", "", "")
        assert access.insert({"state": state})["active"] == "false"


@pytest.mark.documented("ServiceNow docs: both states of a problem, resolving and reopening")
def test_a_problem(admin: Session) -> None:
    table = admin.table("problem")
    made = table.insert({"short_description": "x"})
    assert (made["state"], made["problem_state"], made["active"]) == ("101", "101", "true")
    assert table.update(made.sys_id, {"problem_state": "103"})["confirmed_by"] == admin.user_sys_id
    resolved = table.update(made.sys_id, {"state": "106"})
    assert (resolved["problem_state"], resolved["active"], resolved["resolved_by"]) == (
        "106",
        "true",
        admin.user_sys_id,
    )
    closed = table.update(made.sys_id, {"state": "107"})
    assert (closed["active"], closed["closed_by"]) == ("false", admin.user_sys_id)
    reopened = table.update(made.sys_id, {"state": "103"})
    assert (reopened["reopen_count"], reopened["resolved_at"], reopened["problem_state"]) == ("1", "", "103")
    assert (reopened["active"], reopened["closed_at"]) == ("true", "")


@pytest.mark.assumed("who asked for a change and when work began is filled in; not captured")
def test_a_change(admin: Session) -> None:
    table = admin.table("change_request")
    made = table.insert({"short_description": "x", "type": "standard"})
    assert (made["state"], made["requested_by"]) == ("-5", admin.user_sys_id)
    table.update(made.sys_id, {"state": "-2"})
    assert table.update(made.sys_id, {"state": "-1"})["work_start"]
    assert table.update(made.sys_id, {"state": "0"})["work_end"]
    assert table.update(made.sys_id, {"state": "3"})["active"] == "false"


@pytest.mark.assumed("items and tasks of a request know whose it is; not captured")
def test_a_request_and_its_parts(admin: Session) -> None:
    request = admin.table("sc_request").insert({})
    assert request["requested_for"] == admin.user_sys_id
    item = admin.table("sc_req_item").insert({"request": request.sys_id})
    assert (item["parent"], item["requested_for"]) == (request.sys_id, admin.user_sys_id)
    task = admin.table("sc_task").insert({"request_item": item.sys_id})
    assert (task["parent"], task["request"]) == (item.sys_id, request.sys_id)


@pytest.mark.recorded("journal rows have element, element_id, name, value; columns read empty; entries are changes")
def test_journals(instance: Instance, admin: Session, itil: Session) -> None:
    table = admin.table("incident")
    made = table.insert({"short_description": "x", "comments": "first"})
    assert made["comments"] == ""
    assert made["sys_mod_count"] == "0"
    instance.clock.advance(1)
    changed = itil.table("incident").update(made.sys_id, {"work_notes": "second", "comments": "third\nline"})
    assert (changed["comments"], changed["work_notes"], changed["sys_mod_count"]) == ("", "", "1")
    assert changed["sys_updated_by"] == "itil"
    rows = instance.system().table("sys_journal_field").query(f"element_id={made.sys_id}")
    assert sorted((row["element"], row["value"], row["name"], row["sys_created_by"]) for row in rows) == [
        ("comments", "first", "incident", "admin"),
        ("comments", "third\nline", "incident", "itil"),
        ("work_notes", "second", "incident", "itil"),
    ]
    assert table.update(made.sys_id, {"comments": ""})["sys_mod_count"] == "1"


@pytest.mark.documented("ServiceNow docs: the name of a user is made of its parts")
@pytest.mark.parametrize(
    ("values", "name"),
    [
        ({"first_name": "Ada", "last_name": "Lovelace"}, "Ada Lovelace"),
        ({"last_name": "Cher"}, "Cher"),
        ({"name": "Integration"}, "Integration"),
        ({"first_name": "Ada", "middle_name": "K", "last_name": "L", "name": "wrong"}, "Ada K L"),
    ],
)
def test_names_of_users(admin: Session, values: dict[str, str], name: str) -> None:
    made = admin.table("sys_user").insert({"user_name": "new.one", **values})
    assert made["name"] == name
    assert admin.table("sys_user").update(made.sys_id, {"first_name": "Eve"})["name"].startswith("Eve")


@pytest.mark.ours("a password never stays in plain text")
def test_passwords_are_hashed_on_write(admin: Session) -> None:
    table = admin.table("sys_user")
    made = table.insert({"user_name": "new.one", "user_password": "geheim"}, input_display=True)
    assert "geheim" not in made["user_password"]
    assert verify_password("geheim", made["user_password"])
    changed = table.update(made.sys_id, {"title": "Boss"})
    assert changed["user_password"] == made["user_password"]
    changed = table.update(made.sys_id, {"user_password": "ändert"}, input_display=True)
    assert verify_password("ändert", changed["user_password"])


def role_rows(instance: Instance, user: str) -> dict[str, str]:
    system = instance.system()
    names = {role.sys_id: role["name"] for role in system.table("sys_user_role").query()}
    rows = system.table("sys_user_has_role").query(f"user={user}")
    return {names[row["role"]]: row["inherited"] for row in rows}


@pytest.mark.documented("ServiceNow docs: contained roles and roles of groups are inherited")
def test_inherited_roles(instance: Instance, admin: Session) -> None:
    user = admin.table("sys_user").insert({"user_name": "new.one"})
    roles = {role["name"]: role.sys_id for role in admin.table("sys_user_role").query()}
    grant = admin.table("sys_user_has_role").insert({"user": user.sys_id, "role": roles["import_admin"]})
    assert role_rows(instance, user.sys_id) == {
        "import_admin": "false",
        "import_set_loader": "true",
        "import_transformer": "true",
        "import_scheduler": "true",
    }
    admin.table("sys_user_has_role").delete(grant.sys_id)
    assert role_rows(instance, user.sys_id) == {}
    group = admin.table("sys_user_group").insert({"name": "Fresh"})
    member = admin.table("sys_user_grmember").insert({"user": user.sys_id, "group": group.sys_id})
    admin.table("sys_group_has_role").insert({"group": group.sys_id, "role": roles["sn_incident_write"]})
    assert role_rows(instance, user.sys_id) == {"sn_incident_write": "true", "sn_incident_read": "true"}
    assert instance.acting_as("new.one").has_role("sn_incident_read")
    admin.table("sys_user_grmember").delete(member.sys_id)
    assert role_rows(instance, user.sys_id) == {}
    assert not instance.acting_as("new.one").has_role("sn_incident_read")


@pytest.mark.documented("ServiceNow docs: deleting a user takes roles and memberships along")
def test_cascades(instance: Instance, admin: Session) -> None:
    user = admin.table("sys_user").first("user_name=beth.anglin")
    assert user is not None
    assert role_rows(instance, user.sys_id)
    admin.table("sys_user").delete(user.sys_id)
    system = instance.system()
    assert system.table("sys_user_has_role").count(f"user={user.sys_id}") == 0
    assert system.table("sys_user_grmember").count(f"user={user.sys_id}") == 0


@pytest.mark.documented("ServiceNow docs, data policies: read-only columns, inheritance, conditions")
def test_a_data_policy_of_ones_own(instance: Instance, admin: Session) -> None:
    system = instance.system()
    policy = system.table("sys_data_policy2").insert(
        {"model_table": "task", "conditions": "priority=1^EQ", "inherit": "true", "short_description": "Urgent ones"}
    )
    for field, kind in (("short_description", "mandatory"), ("description", "disabled"), ("work_notes", "mandatory")):
        system.table("sys_data_policy_rule").insert(
            {"sys_data_policy": policy.sys_id, "table": "task", "field": field, kind: "true"}
        )
    table = admin.table("incident")
    urgent = {"impact": "1", "urgency": "1"}
    with pytest.raises(DataPolicyViolation) as refused:
        table.insert(urgent)
    assert refused.value.detail == (
        "Data Policy Exception: \n\tThe following fields are mandatory: Short description, Work notes"
    )
    made = table.insert({**urgent, "short_description": "x", "work_notes": "n"})
    with pytest.raises(OperationFailed):
        table.update(made.sys_id, {"description": "changed", "work_notes": "n"})
    assert table.insert({"impact": "2"})["priority"] == "4"
