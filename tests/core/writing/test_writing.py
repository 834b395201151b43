"""The life of a write: what may be set, what becomes of it, what is refused, and what is left behind."""

from __future__ import annotations

from typing import Any

import pytest

from sandtable.core.platform.instance import Instance
from sandtable.core.platform.session import Session
from sandtable.core.platform.writing.rules import BusinessRule, RuleContext
from sandtable.core.values.errors import Aborted, AccessDenied, RecordNotFound, UniqueViolation, Unsimulated


@pytest.mark.recorded("measured on a live instance: unknown keys are accepted and ignored")
def test_an_unknown_column_is_ignored_and_told(instance: Instance, admin: Session) -> None:
    made = admin.table("incident").insert({"short_description": "x", "nosuch": "y"})
    assert "nosuch" not in made
    assert [str(entry) for entry in instance.ledger.entries()] == ["field:incident.nosuch"]
    instance.ledger.strict = True
    with pytest.raises(Unsimulated):
        admin.table("incident").insert({"nosuch": "y"})
    instance.ledger.strict = False
    assert admin.table("incident").count() == 1


@pytest.mark.parametrize(
    ("value", "stored"),
    [("2", "2"), (2, "2"), ("9", "3"), ("High", "3"), ("", ""), (None, "")],
)
@pytest.mark.documented("ServiceNow docs: a value that the choice list does not have is not set")
def test_invented_choices_are_not_set(admin: Session, value: Any, stored: str) -> None:
    assert admin.table("incident").insert({"urgency": value})["urgency"] == stored


@pytest.mark.documented("Ansible collection servicenow.itsm, integration target itsm_change_request: category hardware")
def test_the_case_of_a_choice_is_kept_as_it_was_sent(admin: Session) -> None:
    made = admin.table("change_request").insert({"category": "hardware"})
    assert made["category"] == "hardware"


@pytest.mark.documented("ServiceNow docs: glide.rest.choice.allow_non_existing_value lets any value in")
def test_invented_choices_can_be_allowed(instance: Instance, admin: Session) -> None:
    instance.set_property("glide.rest.choice.allow_non_existing_value", "true")
    assert admin.table("incident").insert({"category": "dragons"})["category"] == "dragons"


@pytest.mark.documented("ServiceNow docs: read-only columns are not written by the Table API")
def test_read_only_columns_stay(instance: Instance, admin: Session) -> None:
    made = admin.table("incident").insert({"task_effective_number": "mine"})
    assert made["task_effective_number"] == made["number"]
    instance.system().table("sys_user").update(admin.user_sys_id, {"last_login_time": "2024-01-01 00:00:00"})
    admin.table("sys_user").update(admin.user_sys_id, {"last_login_time": "2025-01-01 00:00:00"})
    assert instance.acting_as("admin").table("sys_user").get(admin.user_sys_id)["last_login_time"][:4] == "2024"


@pytest.mark.documented("ServiceNow docs: the platform stamps who and when; callers cannot")
def test_stamps(instance: Instance, admin: Session, itil: Session) -> None:
    stamps = {"sys_created_by": "me", "sys_created_on": "1999-01-01 00:00:00", "sys_mod_count": "7"}
    made = admin.table("incident").insert({"short_description": "x", **stamps})
    assert (made["sys_created_by"], made["sys_created_on"], made["sys_mod_count"]) == (
        "admin",
        "2024-05-01 10:00:00",
        "0",
    )
    instance.clock.advance(90)
    changed = itil.table("incident").update(made.sys_id, {"short_description": "y", "sys_updated_by": "me"})
    assert (changed["sys_updated_by"], changed["sys_updated_on"], changed["sys_mod_count"]) == (
        "itil",
        "2024-05-01 10:01:30",
        "1",
    )
    system = instance.system().table("incident")
    old = system.insert({"sys_created_on": "1999-01-01 00:00:00"}, auto_sys_fields=False)
    assert old["sys_created_on"] == "1999-01-01 00:00:00"


@pytest.mark.assumed("a write that changes nothing leaves count and time alone")
def test_nothing_changes(instance: Instance, admin: Session) -> None:
    made = admin.table("incident").insert({"short_description": "x", "urgency": "2"})
    instance.clock.advance(90)
    assert admin.table("incident").update(made.sys_id, {"short_description": "x", "urgency": 2}) == made
    assert admin.table("incident").update(made.sys_id, {}) == made


@pytest.mark.documented("vendor's own client tests: a sys_id that the caller gives is kept; a second one is refused")
def test_a_given_sys_id(admin: Session) -> None:
    given = "ABCDEF0123456789abcdef0123456789"
    assert admin.table("incident").insert({"sys_id": given}).sys_id == given
    with pytest.raises(UniqueViolation, match="Duplicate entry"):
        admin.table("incident").insert({"sys_id": given, "short_description": "second"})
    assert [each["short_description"] for each in admin.table("incident").query()] == [""]


@pytest.mark.ours("what stands in queries and addresses everywhere cannot hold what means something there")
@pytest.mark.parametrize("given", ["x^ORsys_idISNOTEMPTY", "../x", "a b", "a" * 33, "\u00e4", "x?y", "a,b", "%"])
def test_a_sys_id_that_cannot_be(admin: Session, given: str) -> None:
    made = admin.table("incident").insert({"sys_id": given, "short_description": "x"})
    assert len(made.sys_id) == 32
    assert admin.explanations[-1].startswith(repr(given[:40]))


@pytest.mark.documented("ServiceNow docs: user names are unique, upper and lower case alike")
@pytest.mark.parametrize("name", ["admin", "ADMIN"])
def test_unique_columns(admin: Session, name: str) -> None:
    users = admin.table("sys_user")
    before = users.count()
    with pytest.raises(UniqueViolation):
        users.insert({"user_name": name})
    made = users.insert({"user_name": "somebody.else"})
    with pytest.raises(UniqueViolation):
        users.update(made.sys_id, {"user_name": name})
    users.update(made.sys_id, {"user_name": "Somebody.Else"})  # its own name is no duplicate
    assert users.count() == before + 1


@pytest.mark.documented("ServiceNow docs: a record may become one of another class of the same hierarchy")
def test_reclassifying(admin: Session) -> None:
    servers = admin.table("cmdb_ci_server")
    made = servers.insert({"name": "web-1"})
    changed = servers.update(made.sys_id, {"sys_class_name": "cmdb_ci_linux_server"})
    assert (changed.table, changed["sys_class_name"]) == ("cmdb_ci_linux_server", "cmdb_ci_linux_server")
    assert admin.table("cmdb_ci_linux_server").get(made.sys_id)["name"] == "web-1"
    assert servers.update(made.sys_id, {"sys_class_name": "incident"}).table == "cmdb_ci_linux_server"


@pytest.mark.documented("ServiceNow docs: creating, changing and deleting incidents asks for roles")
def test_access_is_asked(instance: Instance, itil: Session) -> None:
    made = itil.table("incident").insert({"short_description": "x"})
    with pytest.raises(AccessDenied, match="Delete"):
        itil.table("incident").delete(made.sys_id)
    with pytest.raises(AccessDenied, match="Insert"):
        itil.table("sys_user").insert({"user_name": "somebody"})
    guest = instance.guest()
    with pytest.raises(RecordNotFound):
        guest.table("incident").update(made.sys_id, {"short_description": "y"})
    assert itil.table("incident").get(made.sys_id)["short_description"] == "x"


@pytest.mark.documented("ServiceNow docs: audited tables keep what changed, when and by whom, and what was deleted")
def test_audit(instance: Instance, admin: Session, itil: Session) -> None:
    made = admin.table("incident").insert({"short_description": "x"})
    itil.table("incident").update(made.sys_id, {"short_description": "y", "comments": "hello"})
    lines = instance.system().table("sys_audit").query(f"documentkey={made.sys_id}^ORDERBYfieldname")
    told = [(each["fieldname"], each["oldvalue"], each["newvalue"], each["user"]) for each in lines]
    assert ("short_description", "x", "y", "itil") in told
    assert ("comments", "", "hello", "itil") in told
    assert {each["tablename"] for each in lines} == {"incident"}
    admin.table("incident").delete(made.sys_id)
    gone = instance.system().table("sys_audit_delete").query(f"documentkey={made.sys_id}")
    assert [(each["tablename"], each["display_value"]) for each in gone] == [("incident", made["number"])]
    assert "<short_description>y</short_description>" in gone[0]["payload"]


RULE = {"collection": "incident", "active": "true", "when": "before", "name": "No dragons"}


@pytest.mark.documented("ServiceNow docs: a before rule may abort, or set values, under a filter condition")
def test_declared_rules(instance: Instance, admin: Session) -> None:
    rules = instance.system().table("sys_script")
    abort = rules.insert(
        {
            **RULE,
            "action_insert": "true",
            "filter_condition": "short_descriptionLIKEdragon",
            "abort_action": "true",
            "message": "there are none",
        }
    )
    rules.insert({**RULE, "action_insert": "true", "template": "urgency=1^impact=1^EQ", "order": "10"})
    incidents = admin.table("incident")
    assert incidents.insert({"short_description": "a lizard"})["priority"] == "1"
    with pytest.raises(Aborted) as refused:
        incidents.insert({"short_description": "a Dragon!"})
    assert refused.value.detail is not None
    assert f"aborted by Business Rule 'No dragons^{abort.sys_id}'" in refused.value.detail
    rules.update(abort.sys_id, {"active": "false"})
    assert incidents.insert({"short_description": "a dragon"})["short_description"] == "a dragon"


@pytest.mark.ours("rules that call each other without end are stopped, and nothing is left written")
def test_endless_rules(instance: Instance) -> None:

    def again(context: RuleContext) -> None:
        context.elevated.table("incident").insert({"short_description": "again"})

    instance.rules.register([BusinessRule("Again", "incident", "after", frozenset({"insert"}), again)])
    with pytest.raises(Aborted, match="recursion limit"):
        instance.system().table("incident").insert({})
    assert instance.system().table("incident").count() == 0


@pytest.mark.documented("ServiceNow docs: a text is cut to the length of its column")
@pytest.mark.parametrize(("element", "length"), [("correlation_id", 100), ("short_description", 160), ("number", 40)])
def test_what_a_rule_writes_is_cut_too(instance: Instance, element: str, length: int) -> None:
    def fill(context: RuleContext) -> None:
        context.current[element] = "é" * 200

    instance.rules.register([BusinessRule("Fill", "incident", "before", frozenset({"insert", "update"}), fill)])
    table = instance.system().table("incident")
    made = table.insert({})
    assert made[element] == table.get(made.sys_id)[element] == "é" * length


@pytest.mark.documented("ServiceNow docs: input display values are labels, display values and local times")
def test_input_display_values(instance: Instance, admin: Session) -> None:
    instance.system().table("sys_user").update(admin.user_sys_id, {"time_zone": "Europe/Berlin"})
    values = {"urgency": "1 - High", "caller_id": "Abel Tuter", "due_date": "2024-06-01 12:00:00", "comments": "hi"}
    made = instance.acting_as("admin").table("incident").insert(values, input_display=True)
    assert (made["urgency"], made["caller_id"], made["due_date"]) == (
        "1",
        "62826bf03710200044e0bfc8bcbe5df1",
        "2024-06-01 10:00:00",
    )
