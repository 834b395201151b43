"""Elastic for ITSM: which incident a row updates, both sides of every switch, and what a missing step does."""

from __future__ import annotations

from typing import Any

import pytest

from sandtable.core.applications.application import Catalogue, resource_for
from sandtable.core.imports.import_sets import ImportSets
from sandtable.core.platform.instance import Instance
from sandtable.core.platform.session import Session

STAGING = "x_elas2_inc_int_elastic_incident"
SCOPE = "x_elas2_inc_int"
SCOPE_REFUSED = "com.glide.script.fencing.access.ScopeAccessNotGrantedException: {} access to {} not granted"


def load(session: Session, **values: Any) -> dict[str, str]:
    """Load one row and return the one element of the answer."""
    results = ImportSets(session.instance).load_row(session, STAGING, values).results
    assert len(results) == 1
    return results[0]


def switch(instance: Instance, name: str, value: str) -> None:
    instance.set_property(f"sandtable.elastic_itsm.{name}", value)


def incidents(instance: Instance, query: str = "ORDERBYnumber") -> list[dict[str, str]]:
    return [record.values_copy() for record in instance.system().table("incident").query(query)]


# create, update, close -----------------------------------------------------------------------------------------------


@pytest.mark.documented("Kibana 8.13 docs: the correlation ID decides whether an incident is created or updated")
def test_a_correlation_id_makes_one_incident(instance: Instance, integration: Session) -> None:
    first = load(
        integration, u_short_description="disk full", u_correlation_id="rule:web-1", u_urgency="1", u_impact="1"
    )
    again = load(integration, u_short_description="disk still full", u_correlation_id="rule:web-1")
    other = load(integration, u_short_description="disk full", u_correlation_id="rule:web-2")
    assert [first["status"], again["status"], other["status"]] == ["inserted", "updated", "inserted"]
    assert first["sys_id"] == again["sys_id"] != other["sys_id"]
    found = incidents(instance)
    assert [(each["short_description"], each.get("priority")) for each in found] == [
        ("disk still full", "1"),
        ("disk full", "5"),
    ]
    assert found[0]["opened_by"] == integration.user_sys_id


@pytest.mark.documented("Kibana connector docs: an update names the incident by elastic_incident_id")
def test_an_update_by_id_keeps_the_correlation_id(instance: Instance, integration: Session) -> None:
    made = load(integration, u_short_description="x", u_correlation_id="rule:1")
    changed = load(integration, elastic_incident_id=made["sys_id"], u_short_description="y", u_work_notes="seen")
    assert (changed["status"], changed["sys_id"]) == ("updated", made["sys_id"])
    assert [(each["short_description"], each["correlation_id"]) for each in incidents(instance)] == [("y", "rule:1")]
    notes = instance.system().table("sys_journal_field").query("element=work_notes")
    assert [note["value"] for note in notes] == ["seen"]


@pytest.mark.documented("Kibana connector docs: closing sends state 7 with close code and notes")
def test_closing(instance: Instance, integration: Session) -> None:
    made = load(integration, u_short_description="x", u_correlation_id="rule:1")
    closed = load(
        integration,
        elastic_incident_id=made["sys_id"],
        u_state="7",
        u_close_code="Closed/Resolved by Caller",
        u_close_notes="Closed by Caller",
    )
    assert closed["status"] == "updated"
    incident = incidents(instance)[0]
    assert (incident["state"], incident["active"], incident["closed_at"]) == ("7", "false", "2024-05-01 10:00:00")


@pytest.mark.documented("Kibana connector docs: a maximum of 100 characters; ServiceNow docs: longer text is cut")
@pytest.mark.parametrize("length", [99, 100, 101, 300])
def test_long_correlation_ids_share_their_first_hundred_characters(
    instance: Instance, integration: Session, length: int
) -> None:
    load(integration, u_short_description="x", u_correlation_id="ä" * length)
    assert incidents(instance)[0]["correlation_id"] == "ä" * min(length, 100)
    status = load(integration, u_short_description="y", u_correlation_id="ä" * 100 + "z")["status"]
    assert status == ("updated" if length >= 100 else "inserted")


@pytest.mark.ours("no correlation ID, however hostile, finds an incident that does not have it")
@pytest.mark.parametrize(
    "hostile",
    [
        *("a^ORnumberISNOTEMPTY", "^NQactive=true", "x^", "^^", "%", "_", "*", "'; DROP TABLE r_task; --", '"', "\\"),
        *(
            "javascript:gs.getUserID()",
            "a&b#c+d=e,f",
            "<script>",
            "{{rule.id}}",
            "a\nb",
            "\u202eabc",
            "ISEMPTY",
            "NULL ",
        ),
    ],
)
def test_hostile_correlation_ids(instance: Instance, integration: Session, hostile: str) -> None:
    load(integration, u_short_description="bystander", u_correlation_id="a")
    load(integration, u_short_description="without an id")
    first = load(integration, u_short_description="x", u_correlation_id=hostile)
    second = load(integration, u_short_description="y", u_correlation_id=hostile)
    assert (first["status"], second["status"]) == ("inserted", "updated")
    assert [each["short_description"] for each in incidents(instance)] == ["bystander", "without an id", "y"]
    assert incidents(instance)[2]["correlation_id"] == hostile


# both sides of every switch ------------------------------------------------------------------------------------------


@pytest.mark.assumed("a closed incident with the ID is updated in place; users report either, so it is a switch")
@pytest.mark.parametrize(("value", "status"), [("true", "updated"), ("false", "inserted")])
def test_closed_incidents(instance: Instance, integration: Session, value: str, status: str) -> None:
    switch(instance, "coalesce_closed_incidents", value)
    made = load(integration, u_short_description="x", u_correlation_id="rule:1")
    load(integration, elastic_incident_id=made["sys_id"], u_state="7")
    assert load(integration, u_short_description="again", u_correlation_id="rule:1")["status"] == status
    assert [each["state"] for each in incidents(instance)] == (["7"] if value == "true" else ["7", "1"])


@pytest.mark.assumed("where closed incidents do not count, a cancelled one does not either, and a resolved one does")
@pytest.mark.parametrize(
    ("state", "status"), [("1", "updated"), ("6", "updated"), ("7", "inserted"), ("8", "inserted")]
)
def test_which_incidents_are_closed(instance: Instance, integration: Session, state: str, status: str) -> None:
    switch(instance, "coalesce_closed_incidents", "false")
    made = load(integration, u_short_description="x", u_correlation_id="rule:1")
    load(integration, elastic_incident_id=made["sys_id"], u_state=state)
    assert incidents(instance)[0]["state"] == state
    assert load(integration, u_short_description="again", u_correlation_id="rule:1")["status"] == status


@pytest.mark.assumed("the incident's own id decides before the correlation ID")
@pytest.mark.parametrize(("value", "chosen"), [("elastic_incident_id", 0), ("correlation_id", 1)])
def test_precedence(instance: Instance, integration: Session, value: str, chosen: int) -> None:
    switch(instance, "precedence", value)
    made = [load(integration, u_short_description="x", u_correlation_id=f"rule:{number}") for number in range(2)]
    both = {"elastic_incident_id": made[0]["sys_id"], "u_correlation_id": "rule:1"}
    assert load(integration, u_short_description="both", **both)["sys_id"] == made[chosen]["sys_id"]


@pytest.mark.assumed("of several incidents with one ID the oldest is updated")
@pytest.mark.parametrize(("value", "chosen"), [("oldest", 0), ("newest", -1)])
def test_several_matches(instance: Instance, integration: Session, value: str, chosen: int) -> None:
    switch(instance, "several_matches", value)
    table = instance.system().table("incident")
    made = [table.insert({"correlation_id": "shared"}) for _ in range(3)]
    assert load(integration, u_short_description="x", u_correlation_id="SHARED")["sys_id"] == made[chosen].sys_id


@pytest.mark.assumed("a row without correlation ID makes an incident of its own")
@pytest.mark.parametrize(("value", "count"), [("insert", 3), ("coalesce", 1)])
@pytest.mark.parametrize("blank", [{}, {"u_correlation_id": ""}, {"u_correlation_id": None}])
def test_empty_correlation_ids(
    instance: Instance, integration: Session, value: str, count: int, blank: dict[str, Any]
) -> None:
    switch(instance, "empty_correlation_id", value)
    for number in range(3):
        load(integration, u_short_description=f"x{number}", **blank)
    assert len(incidents(instance)) == count


@pytest.mark.assumed("the id of an incident that is gone is an error row")
@pytest.mark.parametrize(("value", "status"), [("error", "error"), ("insert", "inserted")])
def test_stale_ids(instance: Instance, integration: Session, value: str, status: str) -> None:
    switch(instance, "stale_elastic_incident_id", value)
    element = load(integration, elastic_incident_id="f" * 32, u_short_description="x")
    assert element["status"] == status
    assert len(incidents(instance)) == (status == "inserted")
    assert ("sys_id" in element) == (status == "inserted")


@pytest.mark.assumed("an id that is gone is an error beside a known correlation ID too, unless that one decides")
@pytest.mark.parametrize(
    ("precedence", "stale", "status"),
    [
        ("elastic_incident_id", "error", "error"),
        ("elastic_incident_id", "insert", "updated"),
        ("correlation_id", "error", "updated"),
        ("correlation_id", "insert", "updated"),
    ],
)
def test_stale_ids_beside_a_correlation_id(
    instance: Instance, integration: Session, precedence: str, stale: str, status: str
) -> None:
    switch(instance, "precedence", precedence)
    switch(instance, "stale_elastic_incident_id", stale)
    made = load(integration, u_short_description="x", u_correlation_id="rule:1")
    both = {"elastic_incident_id": "f" * 32, "u_correlation_id": "rule:1"}
    element = load(integration, u_short_description="y", **both)
    assert element["status"] == status
    assert [each["short_description"] for each in incidents(instance)] == ["x" if status == "error" else "y"]
    assert element.get("sys_id", made["sys_id"]) == made["sys_id"]


@pytest.mark.ours("what was not sent is never emptied, whatever the switch for empty values says")
def test_overwriting_with_empty_values_spares_what_was_not_sent(instance: Instance, integration: Session) -> None:
    switch(instance, "null_values", "overwrite")
    load(integration, u_short_description="x", u_description="kept", u_category="software", u_correlation_id="rule:1")
    load(integration, u_short_description="y", u_category=None, u_correlation_id="rule:1")
    found = incidents(instance)[0]
    assert (found["description"], found.get("category", "")) == ("kept", "")


@pytest.mark.assumed("empty values leave the incident as it is")
@pytest.mark.parametrize(("value", "description"), [("keep", "kept"), ("overwrite", "")])
@pytest.mark.parametrize("sent", [None, ""])
def test_empty_values(instance: Instance, integration: Session, value: str, description: str, sent: str | None) -> None:
    switch(instance, "null_values", value)
    load(integration, u_short_description="x", u_description="kept", u_correlation_id="rule:1")
    load(integration, u_short_description="y", u_description=sent, u_correlation_id="rule:1")
    assert incidents(instance)[0].get("description", "") == description


@pytest.mark.assumed("a correlation ID that is too long is cut without a word")
@pytest.mark.parametrize(("value", "status"), [("truncate", "inserted"), ("error", "error")])
def test_long_correlation_id(instance: Instance, integration: Session, value: str, status: str) -> None:
    switch(instance, "long_correlation_id", value)
    element = load(integration, u_short_description="x", u_correlation_id="a" * 101)
    assert element["status"] == status
    assert len(incidents(instance)) == (status == "inserted")
    if status == "error":
        assert "100 characters" in element["error_message"]


@pytest.mark.documented("Kibana issue tracker: columns that the application does not know are not carried over")
@pytest.mark.parametrize(("value", "status"), [("ignore", "inserted"), ("error", "error")])
def test_unknown_columns(instance: Instance, integration: Session, value: str, status: str) -> None:
    switch(instance, "unknown_column", value)
    assert load(integration, u_short_description="x", u_nosuch="y")["status"] == status


@pytest.mark.documented("Kibana issue tracker: the shipped transform map carries no close code and close notes over")
@pytest.mark.parametrize(("value", "code", "notes"), [("absent", "", ""), ("present", "Solution provided", "done")])
def test_close_rows(instance: Instance, integration: Session, value: str, code: str, notes: str) -> None:
    switch(instance, "close_rows", value)
    made = load(integration, u_short_description="x")
    load(
        integration,
        elastic_incident_id=made["sys_id"],
        u_state="7",
        u_close_code="Solution provided",
        u_close_notes="done",
    )
    incident = incidents(instance)[0]
    assert (incident.get("close_code", ""), incident.get("close_notes", "")) == (code, notes)
    assert incident["state"] == "7"


@pytest.mark.assumed("the data policy for closing spares import sets unless an administrator says otherwise")
@pytest.mark.parametrize(("value", "status"), [("off", "updated"), ("on", "error")])
def test_closure_data_policy(instance: Instance, integration: Session, value: str, status: str) -> None:
    switch(instance, "closure_data_policy", value)
    made = load(integration, u_short_description="x")
    element = load(integration, elastic_incident_id=made["sys_id"], u_state="7")
    assert element["status"] == status
    assert incidents(instance)[0]["state"] == ("7" if status == "updated" else "1")
    if status == "error":
        assert "mandatory" in element["error_message"]


@pytest.mark.ours("the answer of an import can be made any of those that a connector must survive")
@pytest.mark.parametrize(
    ("value", "shapes"),
    [
        ("one_row", [("inserted", True)]),
        ("two_rows", [("inserted", True), ("inserted", True)]),
        ("no_rows", []),
        ("ignored_without_sys_id", [("ignored", False)]),
        ("error_row", [("error", False)]),
    ],
)
def test_import_responses(instance: Instance, integration: Session, value: str, shapes: list[tuple[str, bool]]) -> None:
    switch(instance, "import_response", value)
    results = ImportSets(instance).load_row(integration, STAGING, {"u_short_description": "x"}).results
    assert [(each["status"], "sys_id" in each) for each in results] == shapes


@pytest.mark.ours("a row that ends in an error is found in the log and on the row, with its reason")
def test_where_a_refused_row_is_seen(instance: Instance, integration: Session) -> None:
    made = load(integration, u_short_description="x", u_correlation_id="rule:1")
    element = load(integration, elastic_incident_id="f" * 32, u_short_description="y")
    system = instance.system()
    (line,) = system.table("syslog").query(f"source=import {STAGING}")
    assert line["message"] == element["error_message"] == "Target record not found"
    good, bad = system.table(STAGING).query("ORDERBYsys_import_row")
    found = [
        (row["sys_import_state"], row["sys_import_state_comment"], row["sys_target_sys_id"]) for row in (good, bad)
    ]
    assert found == [("inserted", "", made["sys_id"]), ("error", "Target record not found", "")]
    assert {row["sys_target_table"] for row in (good, bad)} == {"incident"}


# what the set-up guide asks for --------------------------------------------------------------------------------------

PRIVILEGES = [
    ("GlideRecord.insert", "scriptable", "execute"),
    ("GlideRecord.setValue", "scriptable", "execute"),
    ("GlideRecordSecure.getValue", "scriptable", "execute"),
    ("incident", "sys_db_object", "read"),
    ("ScopedGlideElement", "scriptable", "execute"),
]


def privilege(instance: Instance, name: str) -> Any:
    records = instance.system().table("sys_scope_privilege").query()
    scope = instance.system().table("sys_scope").first(f"scope={SCOPE}")
    assert scope is not None
    named = [each for each in records if each["source_scope"] in (scope.sys_id, SCOPE)]
    found = [each for each in named if each["target_name"].casefold() == name.casefold()]
    assert len(found) == 1, [each["target_name"] for each in named]
    return found[0]


@pytest.mark.documented("Kibana 8.13 docs: the application needs these privilege records to run")
@pytest.mark.parametrize("how", ["denied", "deleted"])
@pytest.mark.parametrize(("name", "kind", "operation"), PRIVILEGES)
def test_a_missing_privilege_refuses_the_row(
    instance: Instance, integration: Session, name: str, kind: str, operation: str, how: str
) -> None:
    record = privilege(instance, name)
    assert (record["target_type"], record["operation"], record["status"]) == (kind, operation, "allowed")
    table = instance.system().table("sys_scope_privilege")
    if how == "denied":
        table.update(record.sys_id, {"status": "denied"})
    else:
        table.delete(record.sys_id)
    element = load(integration, u_short_description="x", u_correlation_id="rule:1")
    assert element["status"] == "error"
    assert element["error_message"] == SCOPE_REFUSED.format(operation, name)
    assert incidents(instance) == []
    # The refusal asks the administrator for the privilege, once.
    assert privilege(instance, name)["status"] == ("denied" if how == "denied" else "requested")


@pytest.mark.assumed("only what a row does needs the privilege for it: an update inserts nothing")
@pytest.mark.parametrize("by_id", [True, False])
def test_an_update_needs_no_privilege_to_insert(instance: Instance, integration: Session, by_id: bool) -> None:
    made = load(integration, u_short_description="x", u_correlation_id="rule:1")
    table = instance.system().table("sys_scope_privilege")
    table.update(privilege(instance, "GlideRecord.insert").sys_id, {"status": "denied"})
    named = {"elastic_incident_id": made["sys_id"]} if by_id else {"u_correlation_id": "rule:1"}
    assert load(integration, u_short_description="y", **named)["status"] == "updated"
    assert load(integration, u_short_description="z", u_correlation_id="rule:2")["status"] == "error"
    assert [each["short_description"] for each in incidents(instance)] == ["y"]


@pytest.mark.assumed("a row without the privilege to set values is refused, or writes an empty record, by switch")
@pytest.mark.parametrize(("value", "status"), [("error", "error"), ("field_empty", "inserted")])
def test_set_value_refused(instance: Instance, integration: Session, value: str, status: str) -> None:
    switch(instance, "set_value_refused", value)
    table = instance.system().table("sys_scope_privilege")
    table.update(privilege(instance, "GlideRecord.setValue").sys_id, {"status": "denied"})
    assert load(integration, u_short_description="x", u_correlation_id="rule:1")["status"] == status
    found = [(each.get("short_description", ""), each.get("correlation_id", "")) for each in incidents(instance)]
    assert found == ([] if value == "error" else [("", "")])


@pytest.mark.documented("Kibana 8.13 docs: the integration user needs import_set_loader and import_transformer")
@pytest.mark.parametrize("role", ["import_set_loader", "import_transformer"])
@pytest.mark.parametrize("answer", ["403", "empty"])
def test_a_missing_import_role(instance: Instance, integration: Session, role: str, answer: str) -> None:
    from sandtable.core.values.errors import AccessDenied

    instance.set_property("sandtable.import.missing_role", answer)
    instance.set_property("sandtable.import.missing_transformer", answer)
    system = instance.system()
    for grant in system.table("sys_user_has_role").query(f"user={integration.user_sys_id}^role.name={role}"):
        system.table("sys_user_has_role").delete(grant.sys_id)
    if integration.has_role(role):
        pytest.fail(f"{role} is still there through another role: {sorted(integration.roles)}")
    if answer == "403":
        with pytest.raises(AccessDenied):
            load(integration, u_short_description="x")
    else:
        assert ImportSets(instance).load_row(integration, STAGING, {"u_short_description": "x"}).results == []
    # Without import_transformer the incident is made all the same, and the caller is not told of it.
    assert len(incidents(instance)) == (role == "import_transformer" and answer == "empty")


@pytest.mark.documented("ServiceNow docs: what an application brought goes when it is uninstalled")
def test_uninstalling_and_installing(instance: Instance, integration: Session) -> None:
    from sandtable.core.applications import application

    app = instance.part(Catalogue)[SCOPE]
    application.uninstall(instance, SCOPE)
    assert not instance.dictionary.has(STAGING)
    # The resource is there, and answers that it is absent.
    assert resource_for(instance, "GET", f"/api/{SCOPE}/elastic_api/health") is not None
    assert not application.installed(instance, SCOPE)
    instance.system().table("sys_store_app").insert({"scope": SCOPE})
    assert application.installed(instance, SCOPE)
    application.add_demo_records(instance, app)
    assert load(integration, u_short_description="x")["status"] == "inserted"
