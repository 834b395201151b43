"""How access controls decide: which rules speak, what each asks for, and whom nothing holds back."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from sandtable.core.values.errors import AccessDenied, ApiAccessDenied, QueryDenied, RecordNotFound, WebServiceDenied

if TYPE_CHECKING:
    from tests.core.access.conftest import Court

pytestmark = pytest.mark.documented("ServiceNow docs, access control list rules")

RULES = tuple[tuple[str, str], ...]


@pytest.mark.parametrize(
    "rules, roles, allowed",
    [
        pytest.param((), "", False, id="only the rules for all tables, which are for administrators"),
        pytest.param((("u_paper", "a"),), "a", True, id="the parent's rule"),
        pytest.param((("u_paper", "a"),), "b", False, id="the parent's rule refuses"),
        pytest.param((("u_paper", "a"), ("u_letter", "b")), "b", True, id="the nearest table decides"),
        pytest.param((("u_paper", "a"), ("u_letter", "b")), "a", False, id="the parent is not asked then"),
        pytest.param((("u_letter", "a"), ("u_letter", "b")), "b", True, id="one of several rules is enough"),
        pytest.param((("u_letter", "a"), ("u_letter", "b")), "c", False, id="but one is needed"),
        pytest.param((("u_letter", "a b"),), "b", True, id="one of several roles is enough"),
        pytest.param((("u_letter", ""),), "a", False, id="a rule that asks for nothing passes nobody"),
        pytest.param((("u_letter", ""), ("u_letter", "a")), "a", True, id="and hides no other"),
        pytest.param((("*", "a"),), "a", True, id="a rule for all tables"),
        pytest.param((("u_other", "a"),), "a", False, id="a rule for another table"),
        pytest.param((("u_letter", "public"),), "", True, id="the role public is everybody's"),
    ],
)
@pytest.mark.parametrize("operation", ["read", "create", "write", "delete"])
def test_which_rules_decide(court: Court, rules: RULES, roles: str, allowed: bool, operation: str) -> None:
    for name, asked in rules:
        court.rule(name, operation, *asked.split())
    session = court.user(*roles.split())
    assert court.can(session, operation) == allowed
    assert court.can(session, operation, sys_id=court.paper()) == allowed
    other = "write" if operation == "read" else "read"
    assert not court.can(session, other), "a rule for one operation says nothing of another"


def test_without_any_rule_access_is_granted(court: Court) -> None:
    rules = court.instance.system().table("sys_security_acl")
    session = court.user()
    assert not court.can(session, "read")
    for rule in rules.query("name=*^operation=read"):
        rules.update(rule.sys_id, {"active": "false"})
    assert court.can(session, "read")


@pytest.mark.parametrize(
    "allow, deny, roles, allowed",
    [
        ("a", "trusted", "a", False),
        ("a", "trusted", "a trusted", True),
        ("a", "trusted", "trusted", False),
        (None, "trusted", "trusted", True),
        (None, "trusted", "", False),
    ],
)
def test_deny_unless(court: Court, allow: str | None, deny: str, roles: str, allowed: bool) -> None:
    if allow is not None:
        court.rule("u_letter", "read", allow)
    court.rule("u_letter", "read", deny, decision_type="deny")
    assert court.can(court.user(*roles.split()), "read") == allowed


@pytest.mark.parametrize(
    "overrides, roles, allowed",
    [
        ("true", "admin", True),
        ("false", "admin", False),
        ("false", "admin a", True),
        ("true", "", False),
    ],
)
@pytest.mark.parametrize("decision", ["allow", "deny"])
def test_administrators_pass_unless_the_rule_says_otherwise(
    court: Court, overrides: str, roles: str, allowed: bool, decision: str
) -> None:
    court.rule("u_letter", "read", "a", admin_overrides=overrides, decision_type=decision)
    assert court.can(court.user(*roles.split()), "read") == allowed


@pytest.mark.parametrize(
    "values, roles, allowed",
    [
        ({"condition": "u_state=open"}, "", True),
        ({"condition": "u_state=closed"}, "", False),
        ({"condition": "u_writer=javascript:gs.getUserID()"}, "", False),
        ({"condition": "u_answer_to.u_state=first"}, "", True),
        ({"condition": "u_state=open"}, "b", True),
    ],
)
def test_a_condition_is_asked_of_the_record(court: Court, values: dict[str, str], roles: str, allowed: bool) -> None:
    first = court.paper("u_paper", u_state="first")
    paper = court.paper(u_state="open", u_answer_to=first)
    court.rule("u_letter", "read", **values)
    session = court.user(*roles.split())
    assert court.can(session, "read", sys_id=paper) == allowed
    assert court.can(session, "read"), "without a record the question is whether it is possible at all"


def test_a_condition_and_a_role_must_both_hold(court: Court) -> None:
    court.rule("u_letter", "read", "a", condition="u_state=open")
    opened, closed = court.paper(u_state="open"), court.paper(u_state="closed")
    with_role, without = court.user("a"), court.user(name="other")
    assert [court.can(each, "read", sys_id=one) for each in (with_role, without) for one in (opened, closed)] == [
        True,
        False,
        False,
        False,
    ]


def test_a_condition_follows_the_record_and_the_user(court: Court) -> None:
    court.rule("u_letter", "read", condition="u_writer=javascript:gs.getUserID()")
    first, second = court.user(name="first"), court.user(name="second")
    paper = court.paper(u_writer=first.user_sys_id)
    assert (court.can(first, "read", sys_id=paper), court.can(second, "read", sys_id=paper)) == (True, False)
    court.instance.system().table("u_letter").update(paper, {"u_writer": second.user_sys_id})
    assert (court.can(first, "read", sys_id=paper), court.can(second, "read", sys_id=paper)) == (False, True)


@pytest.mark.parametrize(
    "attribute, signed_in, guest", [("UserIsAuthenticated", True, False), ("SomethingElse", False, False)]
)
def test_security_attributes(court: Court, attribute: str, signed_in: bool, guest: bool) -> None:
    court.rule("u_letter", "read", security_attribute=attribute)
    assert court.can(court.user(), "read") == signed_in
    assert court.can(court.instance.guest(), "read") == guest
    noted = [entry.name for entry in court.instance.ledger.entries() if entry.kind == "security attribute"]
    assert set(noted) == (set() if attribute == "UserIsAuthenticated" else {attribute})


@pytest.mark.ours("what is remembered of one caller is never the answer to another")
@pytest.mark.parametrize("guest_first", [True, False])
@pytest.mark.parametrize("roles", [(), ("public",)])
def test_the_guest_and_a_user_with_the_same_roles_are_told_apart(
    court: Court, roles: tuple[str, ...], guest_first: bool
) -> None:
    court.rule("u_letter", "read", security_attribute="UserIsAuthenticated")
    asked = [(court.instance.guest(), False), (court.user(*roles), True)]
    for session, allowed in asked if guest_first else reversed(asked):
        assert court.can(session, "read") == allowed


@pytest.mark.documented("ServiceNowDocs, access control rules: the script counts where the rule is an advanced one")
@pytest.mark.parametrize("advanced, allowed", [("true", False), ("false", True)])
def test_scripts_count_in_advanced_rules(court: Court, advanced: str, allowed: bool) -> None:
    court.rule("u_letter", "read", "a", script="answer = false;", advanced=advanced)
    assert court.can(court.user("a"), "read") == allowed


@pytest.mark.ours("rules are records: a change to one holds at once")
def test_rules_are_followed(court: Court) -> None:
    rules = court.instance.system().table("sys_security_acl")
    links = court.instance.system().table("sys_security_acl_role")
    session = court.user("a")
    assert not court.can(session, "read")
    rule = court.rule("u_letter", "read", "a")
    assert court.can(session, "read")
    rules.update(rule, {"active": "false"})
    assert not court.can(session, "read")
    rules.update(rule, {"active": "true"})
    links.delete(links.query(f"sys_security_acl={rule}")[0].sys_id)
    assert not court.can(session, "read")
    court.rule("u_letter", "read", "b")
    assert not court.can(session, "read")
    grants = court.instance.system().table("sys_user_has_role")
    grants.insert({"user": session.user_sys_id, "role": court.role("b")})
    assert court.can(session, "read")


@pytest.mark.ours("a role that is deleted still restricts: nobody has it")
def test_a_deleted_role_opens_nothing(court: Court) -> None:
    court.rule("u_letter", "read", "a")
    court.instance.system().table("sys_user_role").delete(court.role("a"))
    assert not court.can(court.user("b"), "read")


# elevated, read-only, explicit ---------------------------------------------------------------------------------------


@pytest.mark.recorded("an insert into sys_security_acl without elevation was refused although the user had the role")
def test_security_admin_counts_only_when_calls_elevate(court: Court) -> None:
    session = court.user("admin", "security_admin")
    with pytest.raises(AccessDenied, match="ACL Exception Insert Failed"):
        session.table("sys_security_acl").insert({"name": "x", "operation": "read"})
    court.instance.set_property("sandtable.access.elevated_roles", "true")
    assert session.table("sys_security_acl").insert({"name": "x", "operation": "read"})["name"] == "x"
    assert not court.can(court.user("admin", name="plain"), "create", "sys_security_acl")
    court.instance.set_property("sandtable.access.elevated_roles", "false")
    assert not court.can(session, "create", "sys_security_acl")


@pytest.mark.parametrize("operation", ["create", "write", "delete"])
def test_read_only_users_write_nothing_but_exempt_tables(court: Court, operation: str) -> None:
    court.rule("u_letter", operation, "a")
    court.rule("u_letter", "read", "a")
    session = court.user("admin", "a", "snc_read_only")
    assert (court.can(session, "read"), court.can(session, operation)) == (True, False)
    name = f"glide.security.snc_read_only_role.tables.exempt_{operation}"
    court.instance.set_property(name, "u_other, u_letter")
    assert court.can(session, operation)
    assert not court.can(session, operation, "u_paper"), "the exemption is for the table itself"
    court.instance.set_property(name, "")
    assert not court.can(session, operation)


def test_explicit_roles_ask_everybody_for_one(court: Court) -> None:
    access = court.instance.access
    inside, outside = court.user("snc_internal", name="inside"), court.user("itil", name="outside")
    for session in (inside, outside):
        access.check_endpoint(session, "Table API")
    plugins = court.instance.system().table("sys_plugins")
    plugin = plugins.insert({"name": "Explicit Roles", "source": "com.glide.explicit_roles", "active": "true"})
    access.check_endpoint(inside, "Table API")
    access.check_endpoint(court.user("admin", name="boss"), "Table API")
    with pytest.raises(ApiAccessDenied):
        access.check_endpoint(outside, "Table API")
    plugins.update(plugin.sys_id, {"active": "false"})
    access.check_endpoint(outside, "Table API")


# fields --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "rules, element, allowed",
    [
        pytest.param((), "u_secret", True, id="no rule for fields"),
        pytest.param((("u_paper.u_secret", "b"),), "u_secret", False, id="the parent's rule for the field"),
        pytest.param((("u_paper.u_secret", "b"),), "u_title", True, id="another field"),
        pytest.param(
            (("u_paper.u_secret", "b"), ("u_letter.u_secret", "a")), "u_secret", True, id="the nearest table decides"
        ),
        pytest.param((("u_letter.*", "b"),), "u_title", False, id="all fields of a table"),
        pytest.param((("u_letter.*", "b"), ("u_paper.u_title", "a")), "u_title", True, id="one field goes before all"),
        pytest.param((("*.u_secret", "b"),), "u_secret", False, id="a field of every table"),
        pytest.param((("*.*", "b"),), "u_title", False, id="every field of every table"),
    ],
)
@pytest.mark.parametrize("operation", ["read", "create", "write"])
def test_rules_for_fields(court: Court, rules: RULES, element: str, allowed: bool, operation: str) -> None:
    for name, role in rules:
        court.rule(name, operation, role)
    access, session = court.instance.access, court.user("a")
    assert access.can_field(session, operation, "u_letter", element) == allowed
    if operation == "read":
        readable = access.readable_columns(session, "u_letter")
        assert (readable is None or element in readable) == allowed


def test_a_field_that_may_not_be_written_is_left_out_of_a_write(court: Court) -> None:
    for operation in ("read", "create", "write"):
        court.rule("u_letter", operation, "a")
    for operation in ("create", "write"):
        court.rule("u_letter.u_secret", operation, "b")
    table = court.user("a").table("u_letter")
    made = table.insert({"u_title": "t", "u_secret": "s"})
    assert (made["u_title"], made["u_secret"]) == ("t", "")
    court.instance.system().table("u_letter").update(made.sys_id, {"u_secret": "kept"})
    changed = table.update(made.sys_id, {"u_title": "u", "u_secret": "s"})
    assert (changed["u_title"], changed["u_secret"]) == ("u", "kept")


@pytest.mark.parametrize(
    "setting, roles, allowed", [("true", "a", False), ("true", "admin", True), ("false", "a", True)]
)
def test_system_fields_may_be_for_administrators_alone(court: Court, setting: str, roles: str, allowed: bool) -> None:
    court.instance.set_property("glide.rest.table_api.admin_only_sys_fields", setting)
    access, session = court.instance.access, court.user(*roles.split())
    assert access.can_field(session, "write", "u_letter", "sys_created_by") == allowed
    assert access.can_field(session, "write", "u_letter", "u_title")
    assert access.can_field(session, "read", "u_letter", "sys_created_by")


# what a session sees -------------------------------------------------------------------------------------------------


def test_hidden_rows_are_dropped_after_the_limit(court: Court) -> None:
    court.rule("u_letter", "read", condition="u_state=open")
    for state in ("closed", "open", "closed", "open"):
        court.paper(u_state=state)
    table = court.user().table("u_letter")
    assert [record["u_state"] for record in table.query(limit=2)] == ["open"]
    page = table.page("", limit=3, offset=1)
    assert ([record["u_state"] for record in page.records], page.total) == (["open", "open"], 4)


def test_what_may_not_be_read_is_not_found(court: Court) -> None:
    court.rule("u_letter", "read", condition="u_state=open")
    court.rule("u_letter", "write", "a")
    court.rule("u_letter", "delete", "a")
    hidden = court.paper(u_state="closed")
    table = court.user("a").table("u_letter")
    assert table.find(hidden) is None
    for refused in (
        lambda: table.get(hidden),
        lambda: table.update(hidden, {"u_title": "x"}),
        lambda: table.delete(hidden),
    ):
        with pytest.raises(RecordNotFound):
            refused()
    assert court.instance.system().table("u_letter").get(hidden)["u_title"] == ""


@pytest.mark.recorded("captured refusals: 403 with the name of the operation")
def test_what_may_be_read_but_not_written_is_refused(court: Court) -> None:
    court.rule("u_letter", "read", "a")
    court.rule("u_letter", "write", "a", condition="u_state=open")
    closed = court.paper(u_state="closed")
    table = court.user("a").table("u_letter")
    for refused, word in (
        (lambda: table.insert({}), "Insert"),
        (lambda: table.update(closed, {"u_title": "x"}), "Update"),
        (lambda: table.delete(closed), "Delete"),
    ):
        with pytest.raises(AccessDenied, match=f"ACL Exception {word} Failed due to security constraints"):
            refused()
    assert [dict(record)["u_state"] for record in court.instance.system().table("u_letter").query()] == ["closed"]


@pytest.mark.recorded("LetPeopleWork/Lighthouse, Australia: sys_plugins is 403 for readers, sys_dictionary empty")
@pytest.mark.parametrize(
    "setting, table, refused",
    [
        (None, "sys_plugins", True),
        (None, "sys_dictionary", False),
        (None, "oauth_entity", True),
        (None, "u_letter", False),
        ("u_letter, sys_choice", "u_letter", True),
        ("u_letter, sys_choice", "sys_dictionary", False),
        ("*", "u_paper", True),
        ("", "sys_dictionary", False),
    ],
)
def test_refused_lists(court: Court, setting: str | None, table: str, refused: bool) -> None:
    if setting is not None:
        court.instance.set_property("sandtable.access.refused_lists", setting)
    access = court.user("itil").table(table)
    if refused:
        with pytest.raises(QueryDenied, match="Insufficient rights to query records"):
            access.query(limit=1)
    else:
        assert access.query(limit=1) == []
    assert court.user("admin", name="boss").table(table).query(limit=1) is not None


def test_a_table_closed_to_web_services(court: Court) -> None:
    tables = court.instance.system().table("sys_db_object")
    court.rule("u_letter", "read", "public")
    session = court.user()
    court.instance.access.check_api(session, "Table API", "u_letter")
    tables.update(tables.query("name=u_letter")[0].sys_id, {"ws_access": "false"})
    for each in (session, court.user("admin", name="boss")):
        with pytest.raises(WebServiceDenied):
            court.instance.access.check_api(each, "Table API", "u_letter")
        court.instance.access.check_api(each, "Table API", "incident")


@pytest.mark.parametrize("api", ["Table API", "Import Set API", "Aggregate API", "Attachment API"])
def test_the_rules_for_the_apis_sleep_until_they_are_activated(court: Court, api: str) -> None:
    access, rules = court.instance.access, court.instance.system().table("sys_security_acl")
    without = court.user("import_set_loader", name="without")
    with_role = court.user("snc_platform_rest_api_access", name="with")
    access.check_endpoint(without, api)
    (rule,) = rules.query(f"name={api}^type=REST_Endpoint")
    rules.update(rule.sys_id, {"active": "true"})
    for passes in (with_role, court.user("itil", name="worker"), court.user("admin", name="boss")):
        access.check_endpoint(passes, api)
    with pytest.raises(ApiAccessDenied, match="Failed API level ACL Validation"):
        access.check_endpoint(without, api)
    assert any("snc_platform_rest_api_access" in line for line in without.explanations)


@pytest.mark.ours("the system is held back by nothing")
def test_the_system_may_do_all(court: Court) -> None:
    court.rule("u_letter", "read")
    system = court.instance.system()
    assert all(court.can(system, operation) for operation in ("read", "create", "write", "delete"))
    assert system.table("sys_dictionary").query(limit=1)
