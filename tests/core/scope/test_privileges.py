"""What an application's scripts may do outside their scope: privileges, runtime access tracking, flags of tables."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from sandtable.core.platform.instance import Instance
from sandtable.core.platform.session import Session
from sandtable.core.security.scope_privileges import (
    SCRIPT_INCLUDE,
    SCRIPTABLE,
    TABLE,
    Privilege,
    require,
    require_privilege,
    tracking_of,
)
from sandtable.core.values.errors import ScopeAccessNotGranted, TableScopeRefused

pytestmark = pytest.mark.documented("ServiceNow docs, application cross-scope access")

SCOPE = "x_acme_app"
FLAGS = {"read": "read_access", "create": "create_access", "write": "update_access", "delete": "delete_access"}
# What comes of an access, by tracking and status: whether it is refused, and the statuses recorded afterwards.
OUTCOMES = {
    ("none", "missing"): (False, []),
    ("none", "requested"): (False, ["requested"]),
    ("none", "allowed"): (False, ["allowed"]),
    ("none", "denied"): (False, ["denied"]),
    ("tracking", "missing"): (False, ["allowed"]),
    ("tracking", "requested"): (True, ["requested"]),
    ("tracking", "allowed"): (False, ["allowed"]),
    ("tracking", "denied"): (True, ["denied"]),
    ("enforcing", "missing"): (True, ["requested"]),
    ("enforcing", "requested"): (True, ["requested"]),
    ("enforcing", "allowed"): (False, ["allowed"]),
    ("enforcing", "denied"): (True, ["denied"]),
}
TARGETS = [
    ("GlideRecord.insert", SCRIPTABLE, "execute"),
    ("SomeUtils", SCRIPT_INCLUDE, "execute"),
    *(("incident", TABLE, operation) for operation in ("read", "create", "write", "delete")),
]


@dataclass
class Abroad:
    """An application of its own, and a session of a user in its scope."""

    instance: Instance
    app: str
    session: Session

    def track(self, tracking: str) -> None:
        self.instance.system().table("sys_app").update(self.app, {"runtime_access_tracking": tracking})

    def grant(self, name: str, kind: str, operation: str, status: str, **values: str) -> str:
        given = {"source_scope": self.app, "target_scope": "global", "target_name": name, "target_type": kind}
        return (
            self.instance.system()
            .table("sys_scope_privilege")
            .insert({**given, "operation": operation, "status": status, **values})
            .sys_id
        )

    def refused(self, name: str, kind: str, operation: str) -> bool:
        try:
            require(self.session, name, kind, operation)
        except ScopeAccessNotGranted:
            return True
        return False

    def privileges(self) -> list[tuple[str, str, str, str]]:
        found = self.instance.system().table("sys_scope_privilege").query(f"source_scope={self.app}")
        return [(each["target_name"], each["target_type"], each["operation"], each["status"]) for each in found]


@pytest.fixture
def abroad(instance: Instance) -> Abroad:
    app = instance.system().table("sys_app").insert({"name": "Acme", "scope": SCOPE, "active": "true"})
    tables = instance.system().table("sys_db_object")
    for table in tables.query("nameINincident,problem"):
        tables.update(table.sys_id, dict.fromkeys(FLAGS.values(), "true"))
    return Abroad(instance, app.sys_id, instance.acting_as("itil").in_scope(SCOPE))


@pytest.mark.parametrize("name, kind, operation", TARGETS)
@pytest.mark.parametrize("tracking, status", OUTCOMES)
def test_each_status_under_each_tracking(
    abroad: Abroad, tracking: str, status: str, name: str, kind: str, operation: str
) -> None:
    abroad.track(tracking)
    if status != "missing":
        abroad.grant(name, kind, operation, status)
    refusal, recorded = OUTCOMES[tracking, status]
    assert abroad.refused(name, kind, operation) == refusal
    assert abroad.privileges() == [(name, kind, operation, each) for each in recorded]
    assert abroad.refused(name, kind, operation) == refusal, "asking again changes nothing"
    assert len(abroad.privileges()) == len(recorded)
    logged = abroad.instance.system().table("syslog").query(f"source={SCOPE}")
    assert len(logged) == 2 * refusal
    assert all(line["message"].endswith("has been refused due to the " + _whose(kind)) for line in logged)


def _whose(kind: str) -> str:
    return f"{'table' if kind == TABLE else 'api'}'s cross-scope access policy"


@pytest.mark.assumed("an application whose tracking is not set is taken as enforcing")
@pytest.mark.parametrize("scope, expected", [(SCOPE, "enforcing"), ("x_nobody", "enforcing")])
def test_tracking_that_is_not_set(abroad: Abroad, scope: str, expected: str) -> None:
    abroad.track("")
    assert tracking_of(abroad.instance, scope) == expected
    assert abroad.refused("GlideRecord.insert", SCRIPTABLE, "execute")


@pytest.mark.recorded("a captured answer of a scripted API: the class of the exception and what was not granted")
def test_the_text_of_a_refusal(abroad: Abroad) -> None:
    for name, kind, operation in (("sys_user_has_role", TABLE, "read"), ("GlideRecord.insert", SCRIPTABLE, "execute")):
        with pytest.raises(ScopeAccessNotGranted) as caught:
            require(abroad.session, name, kind, operation)
        assert caught.value.message == (
            f"com.glide.script.fencing.access.ScopeAccessNotGrantedException: {operation} access to {name} not granted"
        )
        assert caught.value.detail == ""


def test_an_administrator_allows_what_was_requested(abroad: Abroad) -> None:
    assert abroad.refused("GlideRecord.insert", SCRIPTABLE, "execute")
    privileges = abroad.instance.acting_as("admin").table("sys_scope_privilege")
    (requested,) = privileges.query(f"source_scope={abroad.app}^status=requested")
    privileges.update(requested.sys_id, {"status": "allowed"})
    assert not abroad.refused("GlideRecord.insert", SCRIPTABLE, "execute")
    privileges.update(requested.sys_id, {"status": "denied"})
    assert abroad.refused("GlideRecord.insert", SCRIPTABLE, "execute")


@pytest.mark.parametrize(
    "granted",
    [
        ("Incident", TABLE, "read"),
        ("incident", TABLE, "read"),
        ("INCIDENT", TABLE, "read"),
    ],
)
@pytest.mark.recorded("the guides name a table by its label")
def test_a_table_is_named_by_its_label_too(abroad: Abroad, granted: tuple[str, str, str]) -> None:
    abroad.grant(*granted, "allowed")
    assert not abroad.refused("incident", TABLE, "read")
    assert abroad.refused("incident", TABLE, "write"), "one operation is not another"
    assert abroad.refused("problem", TABLE, "read"), "one table is not another"
    assert abroad.refused("incident", SCRIPTABLE, "read"), "one type is not another"


@pytest.mark.parametrize(
    "values", [{"source_scope": "global"}, {"target_scope": "f" * 32}, {"source_scope": ""}, {"status": "nonsense"}]
)
def test_a_privilege_of_or_for_somebody_else_does_not_count(abroad: Abroad, values: dict[str, str]) -> None:
    abroad.grant("GlideRecord.insert", SCRIPTABLE, "execute", values.pop("status", "allowed"), **values)
    assert abroad.refused("GlideRecord.insert", SCRIPTABLE, "execute")


@pytest.mark.assumed("of several privileges for the same thing the most generous counts")
def test_the_best_of_several(abroad: Abroad) -> None:
    for status in ("denied", "allowed", "requested"):
        abroad.grant("GlideRecord.insert", SCRIPTABLE, "execute", status)
    assert not abroad.refused("GlideRecord.insert", SCRIPTABLE, "execute")


def test_the_global_scope_is_asked_nothing(abroad: Abroad) -> None:
    home = abroad.instance.acting_as("itil")
    require(home, "GlideRecord.insert", SCRIPTABLE, "execute")
    require_privilege(home, Privilege("incident", TABLE, "delete"))
    assert abroad.instance.system().table("sys_scope_privilege").count("target_name=incident^operation=delete") == 0


# tables --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("operation", FLAGS)
@pytest.mark.parametrize(
    "flags, refused",
    [
        pytest.param({}, False, id="all flags are on"),
        pytest.param({"own": "false"}, True, id="its flag is off"),
        pytest.param({"others": "false"}, False, id="another flag is off"),
        pytest.param({"access": "package_private"}, True, id="this application scope only"),
        pytest.param({"access": "public"}, False, id="all application scopes"),
    ],
)
@pytest.mark.parametrize("tracking", ["none", "enforcing"])
def test_a_privilege_never_exceeds_the_flags_of_the_table(
    abroad: Abroad, operation: str, flags: dict[str, str], refused: bool, tracking: str
) -> None:
    tables = abroad.instance.system().table("sys_db_object")
    record = tables.query("name=incident")[0]
    changes = {FLAGS[operation]: "true"}
    for name, value in flags.items():
        if name == "own":
            changes[FLAGS[operation]] = value
        elif name == "others":
            changes |= {flag: value for other, flag in FLAGS.items() if other != operation}
        else:
            changes[name] = value
    tables.update(record.sys_id, changes)
    abroad.track(tracking)
    abroad.grant("incident", TABLE, operation, "allowed")
    if refused:
        with pytest.raises(TableScopeRefused) as caught:
            require(abroad.session, "incident", TABLE, operation)
        logged = abroad.instance.system().table("syslog").query(f"source={SCOPE}")
        assert [line["message"] for line in logged] == [caught.value.message]
        assert caught.value.message == (
            f"{operation.capitalize()} operation against 'incident' from scope '{SCOPE}' "
            "has been refused due to the table's cross-scope access policy"
        )
    else:
        require(abroad.session, "incident", TABLE, operation)
    require(abroad.instance.acting_as("itil"), "incident", TABLE, operation)


def test_a_scope_may_do_all_in_its_own_tables(instance: Instance) -> None:
    staging = "x_elas2_inc_int_elastic_incident"
    session = instance.acting_as("elastic.integration").in_scope("x_elas2_inc_int")
    tables = instance.system().table("sys_db_object")
    tables.update(
        tables.query(f"name={staging}")[0].sys_id,
        {"access": "package_private", **dict.fromkeys(FLAGS.values(), "false")},
    )
    before = instance.system().table("sys_scope_privilege").count()
    for operation in FLAGS:
        require(session, staging, TABLE, operation)
    assert instance.system().table("sys_scope_privilege").count() == before
    stranger = instance.acting_as("elastic.integration").in_scope("x_acme_app")
    with pytest.raises(TableScopeRefused):
        require(stranger, staging, TABLE, "read")


@pytest.mark.assumed("a table lets other scopes read it, and no more, until somebody opens it")
def test_the_flags_of_a_new_instance(instance: Instance) -> None:
    incident = instance.system().table("sys_db_object").query("name=incident")[0]
    assert [incident[flag] for flag in FLAGS.values()] == ["true", "false", "false", "false"]


@pytest.mark.ours("a privilege recorded in a transaction that fails is taken back with it")
def test_records_follow_their_transaction(abroad: Abroad) -> None:
    with pytest.raises(RuntimeError), abroad.instance.transaction():
        abroad.refused("GlideRecord.insert", SCRIPTABLE, "execute")
        assert len(abroad.privileges()) == 1
        raise RuntimeError
    assert abroad.privileges() == []
    assert abroad.refused("GlideRecord.insert", SCRIPTABLE, "execute")


@pytest.mark.recorded(
    "Elastic's guide: the privileges that its application for ITSM needs, added after fresh installs failed"
)
def test_elastics_privileges_are_set_up(instance: Instance) -> None:
    system = instance.system()
    app = system.table("sys_scope").query("scope=x_elas2_inc_int")[0]
    found = system.table("sys_scope_privilege").query(f"source_scope={app.sys_id}")
    assert {(each["target_name"].casefold(), each["target_type"], each["operation"]) for each in found} >= {
        ("gliderecord.insert", SCRIPTABLE, "execute"),
        ("gliderecord.setvalue", SCRIPTABLE, "execute"),
        ("gliderecordsecure.getvalue", SCRIPTABLE, "execute"),
        ("incident", TABLE, "read"),
        ("scriptableserviceresultbuilder.setbody", SCRIPTABLE, "execute"),
        ("scopedglideelement", SCRIPTABLE, "execute"),
    }
    assert {each["status"] for each in found} == {"allowed"}
