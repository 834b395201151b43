"""Elastic for Security Operations: security incidents, and observables that are shared rather than repeated."""

from __future__ import annotations

from typing import Any

import pytest

from sandtable.core.applications.application import resource_for
from sandtable.core.applications.scripted_resources import ScriptRequest, ScriptResponse
from sandtable.core.imports.import_sets import ImportSets
from sandtable.core.platform.instance import Instance
from sandtable.core.platform.session import Session
from sandtable.core.values.errors import AccessDenied, BadRequest, RecordNotFound

STAGING, SCOPE = "x_elas2_sir_int_elastic_si_incident", "x_elas2_sir_int"


@pytest.fixture
def secops(instance: Instance) -> Session:
    """The security integration user as the set-up guide makes it."""
    return instance.acting_as("elastic.secops")


@pytest.fixture
def incident(secops: Session) -> str:
    row = {"u_short_description": "malware", "u_correlation_id": "rule:1"}
    return ImportSets(secops.instance).load_row(secops, STAGING, row).results[0]["sys_id"]


def bulk(session: Session, incident: str, body: Any) -> Any:
    path = f"/api/{SCOPE}/elastic_api/incident/{incident}/observables/bulk"
    found = resource_for(session.instance, "POST", path)
    assert found is not None
    resource, parameters = found
    return resource.handler(ScriptRequest(session.in_scope(SCOPE), parameters, {}, body))


@pytest.mark.documented("Kibana docs, ServiceNow SecOps connector: an incident by correlation ID, like ITSM")
def test_a_correlation_id_makes_one_security_incident(instance: Instance, secops: Session, incident: str) -> None:
    again = ImportSets(instance).load_row(
        secops, STAGING, {"u_short_description": "more malware", "u_correlation_id": "rule:1"}
    )
    assert [(each["status"], each["sys_id"]) for each in again.results] == [("updated", incident)]
    (record,) = instance.system().table("sn_si_incident").query()
    assert (record["number"][:3], record["short_description"], record["state"]) == ("SIR", "more malware", "10")


@pytest.mark.assumed("the application stores an observable once and links it to each incident")
@pytest.mark.parametrize(("value", "stored"), [("deduplicate", 2), ("duplicate", 4)])
def test_observables(instance: Instance, secops: Session, incident: str, value: str, stored: int) -> None:
    instance.set_property("sandtable.elastic_sir.observables", value)
    items = [{"value": "10.0.0.1", "type": "ipv4-addr"}, {"value": "ab" * 32, "type": "SHA256"}]
    for _ in range(2):
        answer = bulk(secops, incident, items)
        assert [each["value"] for each in answer] == ["10.0.0.1", "ab" * 32]
    system = instance.system()
    assert system.table("sn_ti_observable").count() == stored
    assert system.table("sn_ti_m2m_task_observable").count(f"task={incident}") == stored
    assert system.table("sn_ti_m2m_task_observable").count() == stored
    if value == "deduplicate":
        assert {each["incident_count"] for each in system.table("sn_ti_observable").query()} == {"1"}


@pytest.mark.ours("a body that is no list of observables is refused whole, with the fix")
@pytest.mark.parametrize(
    "body",
    [None, {}, "x", [1], [{"value": "x"}], [{"value": "", "type": "URL"}], [{"value": "x", "type": "nosuch"}]],
)
def test_bad_observables(instance: Instance, secops: Session, incident: str, body: Any) -> None:
    with pytest.raises(BadRequest), instance.transaction():
        bulk(secops, incident, body)
    assert instance.system().table("sn_ti_observable").count() == 0


@pytest.mark.documented("ServiceNow docs: a record that is not there, or hidden, is not found")
def test_an_unknown_incident(secops: Session) -> None:
    with pytest.raises(RecordNotFound):
        bulk(secops, "0" * 32, [])


@pytest.mark.documented("ServiceNow docs: what a table does not let other scopes create, no privilege allows")
def test_a_closed_table(instance: Instance, secops: Session, incident: str) -> None:
    tables = instance.system().table("sys_db_object")
    record = tables.first("name=sn_ti_observable")
    assert record is not None
    tables.update(record.sys_id, {"create_access": "false"})
    answer = bulk(secops, incident, [{"value": "x.example", "type": "URL"}])
    assert isinstance(answer, ScriptResponse)
    assert answer.status == 500
    assert instance.system().table("sn_ti_observable").count() == 0


SCOPE_REFUSED = "com.glide.script.fencing.access.ScopeAccessNotGrantedException: {} access to {} not granted"
ROW, OBSERVABLES = "row", "observables"
PRIVILEGES = [
    # the privilege, its operation, and what fails without it
    ("GlideRecord.insert", "execute", ROW),
    ("GlideRecord.setValue", "execute", ROW),
    ("GlideRecordSecure.getValue", "execute", ROW),
    ("ScopedGlideElement", "execute", ROW),
    ("sn_si_incident", "read", ROW),
    ("RESTAPIRequest", "execute", OBSERVABLES),
    ("RESTAPIRequestBody", "execute", OBSERVABLES),
    ("Glide API: string utilities", "execute", OBSERVABLES),
    ("sn_si_incident", "read", OBSERVABLES),
    ("sn_ti_observable_type", "read", OBSERVABLES),
    ("sn_ti_observable", "read", OBSERVABLES),
    ("sn_ti_observable", "create", OBSERVABLES),
    ("sn_ti_m2m_task_observable", "read", OBSERVABLES),
    ("sn_ti_m2m_task_observable", "create", OBSERVABLES),
]


def deny(instance: Instance, name: str, operation: str) -> None:
    table = instance.system().table("sys_scope_privilege")
    (record,) = table.query(f"source_scope.scope={SCOPE}^target_name={name}^operation={operation}")
    assert record["status"] == "allowed"
    table.update(record.sys_id, {"status": "denied"})


@pytest.mark.documented(
    "Kibana docs, ServiceNow SecOps connector: the application needs these privilege records to run"
)
@pytest.mark.parametrize(("name", "operation", "fails"), PRIVILEGES)
def test_a_missing_privilege(
    instance: Instance, secops: Session, incident: str, name: str, operation: str, fails: str
) -> None:
    deny(instance, name, operation)
    text = SCOPE_REFUSED.format(operation, name)
    if fails == ROW:
        row = {"u_short_description": "x", "u_correlation_id": "rule:2"}
        (element,) = ImportSets(instance).load_row(secops, STAGING, row).results
        assert (element["status"], element["error_message"]) == ("error", text)
        assert instance.system().table("sn_si_incident").count() == 1
        return
    answer = bulk(secops, incident, [{"value": "x.example", "type": "URL"}])
    assert isinstance(answer, ScriptResponse)
    assert answer.status == 500
    assert text in str(answer.body)
    assert instance.system().table("sn_ti_m2m_task_observable").count() == 0


@pytest.mark.ours("blanks around a value or a type are no part of it")
def test_blanks_around_an_observable(instance: Instance, secops: Session, incident: str) -> None:
    answer = bulk(secops, incident, [{"value": " 10.0.0.1\n", "type": " ipv4-addr "}])
    assert [each["value"] for each in answer] == ["10.0.0.1"]
    assert bulk(secops, incident, [{"value": "10.0.0.1", "type": "ipv4-addr"}]) == answer
    (observable,) = instance.system().table("sn_ti_observable").query()
    assert observable["value"] == "10.0.0.1"


@pytest.mark.documented("Kibana docs, ServiceNow SecOps connector: the single form takes one observable")
def test_one_observable(instance: Instance, secops: Session, incident: str) -> None:
    found = resource_for(instance, "POST", f"/api/{SCOPE}/elastic_api/incident/{incident}/observables")
    assert found is not None
    resource, parameters = found
    item = {"value": "10.0.0.1", "type": "ipv4-addr"}
    answer = resource.handler(ScriptRequest(secops.in_scope(SCOPE), parameters, {}, item))
    assert answer == bulk(secops, incident, [item])[0]
    assert instance.system().table("sn_ti_m2m_task_observable").count(f"task={incident}") == 1
    with pytest.raises(BadRequest):
        resource.handler(ScriptRequest(secops.in_scope(SCOPE), parameters, {}, [item]))


@pytest.mark.ours("one text can be two observables; only value and type together make one")
def test_one_value_of_two_types(instance: Instance, secops: Session, incident: str) -> None:
    items = [{"value": "ab" * 32, "type": "SHA256"}, {"value": "ab" * 32, "type": "URL"}]
    first, second = (bulk(secops, incident, items) for _ in range(2))
    assert first == second
    assert first[0]["observable_sys_id"] != first[1]["observable_sys_id"]
    assert instance.system().table("sn_ti_m2m_task_observable").count(f"task={incident}") == 2


@pytest.mark.documented(
    "Kibana docs, ServiceNow SecOps connector: observables of one incident may belong to another too"
)
def test_an_observable_is_linked_to_each_incident(instance: Instance, secops: Session, incident: str) -> None:
    row = {"u_short_description": "y", "u_correlation_id": "rule:2"}
    other = ImportSets(instance).load_row(secops, STAGING, row).results[0]["sys_id"]
    item = {"value": "10.0.0.1", "type": "ipv4-addr"}
    assert bulk(secops, incident, [item, item]) == bulk(secops, incident, [item]) * 2 == bulk(secops, other, [item]) * 2
    links = instance.system().table("sn_ti_m2m_task_observable").query()
    assert sorted(link["task"] for link in links) == sorted([incident, other])
    (observable,) = instance.system().table("sn_ti_observable").query()
    assert observable["incident_count"] == "2"


def someone(instance: Instance, *roles: str) -> Session:
    """Return the session of a new user with some roles."""
    system = instance.system()
    user = system.table("sys_user").insert({"user_name": "some.one", "active": "true"})
    for name in roles:
        role = system.table("sys_user_role").first(f"name={name}")
        assert role is not None
        system.table("sys_user_has_role").insert({"user": user.sys_id, "role": role.sys_id})
    return instance.acting_as("some.one")


@pytest.mark.documented("Kibana docs, ServiceNow SecOps connector: the user needs sn_si.basic beside the app's role")
def test_observables_of_an_incident_that_may_not_be_read(instance: Instance, incident: str) -> None:
    item = [{"value": "10.0.0.1", "type": "ipv4-addr"}]
    with pytest.raises(RecordNotFound):
        bulk(someone(instance, f"{SCOPE}.integration_user"), incident, item)
    assert instance.system().table("sn_ti_observable").count() == 0


@pytest.mark.ours("who may not create observables, or links to them, adds none")
@pytest.mark.parametrize("table", ["sn_ti_observable", "sn_ti_m2m_task_observable"])
def test_observables_of_who_may_not_create_them(instance: Instance, secops: Session, incident: str, table: str) -> None:
    system = instance.system()
    admin = system.table("sys_user_role").first("name=admin")
    assert admin is not None
    roles = system.table("sys_security_acl_role")
    for rule in system.table("sys_security_acl").query(f"name={table}^operation=create"):
        for role in roles.query(f"sys_security_acl={rule.sys_id}"):
            roles.update(role.sys_id, {"sys_user_role": admin.sys_id})
    with pytest.raises(AccessDenied):
        bulk(secops, incident, [{"value": "10.0.0.1", "type": "ipv4-addr"}])
    assert system.table("sn_ti_observable").count() == 0
