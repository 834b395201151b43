"""API keys, access policies and auth scopes: which credentials open which API."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from sandtable.core.platform.instance import Instance

if TYPE_CHECKING:
    import requests
    from tests.web.conftest import Wire

INCIDENTS = "/api/now/table/incident?sysparm_limit=1"
USERS = "/api/now/table/sys_user?sysparm_limit=1"
KEY = "now_test-only-key"
B401 = {
    "error": {"message": "User is not authenticated", "detail": "Required to provide Auth information"},
    "status": "failure",
}


class Gate:
    """An administrator's hand on the records of API access, and a caller in front of them."""

    def __init__(self, wire: Wire, instance: Instance) -> None:
        self.wire, self.instance = wire, instance

    def insert(self, table: str, **values: object) -> str:
        return self.instance.system().table(table).insert(values).sys_id

    def key(self, **values: object) -> str:
        user = self.instance.system().table("sys_user").first("user_name=admin")
        return self.insert("api_key", **{"name": "Key", "user": user.sys_id, "token": KEY, **values})

    def parameter(self, kind: str = "auth_header") -> str:
        found = self.instance.system().table("sys_token_auth_parameter").first(f"type={kind}")
        return found.sys_id

    def key_profile(self, kind: str = "auth_header") -> str:
        return self.insert("http_key_auth", name="Keys", auth_parameter=self.parameter(kind))

    def standard_profile(self, kind: str) -> str:
        return self.instance.system().table("std_http_auth").first(f"type={kind}").sys_id

    def policy(self, *profiles: str, **values: object) -> str:
        policy = self.insert("sys_api_access_policy", **{"name": "Policy", "api": "Table API [now/table]", **values})
        for profile in profiles:
            self.insert("sys_auth_profile_mapping", api_access_policy=policy, inbound_auth_profile=profile)
        return policy

    def call(self, path: str = INCIDENTS, method: str = "GET", key: str = KEY, **options: object) -> requests.Response:
        headers = {"x-sn-apikey": key, "X-Sandtable-Explain": "true"}
        return self.wire.request(method, path, auth=None, headers=headers, **options)

    def bearer(self, **client: object) -> dict[str, str]:
        """Register a client, and return the header of a token of the administrator's."""
        self.insert("oauth_entity", **{"name": "App", "client_id": "app", "client_secret": "app", **client})
        form = {"grant_type": "password", "client_id": "app", "client_secret": "app"}
        answer = self.wire.post("/oauth_token.do", auth=None, data={**form, "username": "admin", "password": "admin"})
        return {"Authorization": f"Bearer {answer.json()['access_token']}", "X-Sandtable-Explain": "true"}


@pytest.fixture
def gate(wire: Wire, instance: Instance) -> Gate:
    instance.clock.freeze()
    return Gate(wire, instance)


# API keys ------------------------------------------------------------------------------------------------------------


@pytest.mark.documented("an API key needs a profile, its own record and an access policy for the API")
def test_an_api_key(gate: Gate) -> None:
    gate.key()
    refused = gate.call()
    assert (refused.status_code, refused.json()) == (401, B401)
    assert "no active REST API access policy" in refused.headers["X-Sandtable-Explain"]
    gate.policy(gate.key_profile())
    allowed = gate.call()
    assert allowed.status_code == 200
    assert allowed.headers["X-Is-Logged-In"] == "true"
    made = gate.call("/api/now/table/incident", "POST", json={"short_description": "by key"})
    assert made.json()["result"]["sys_created_by"] == "admin"


@pytest.mark.parametrize(
    "table, values, reason",
    [
        ("api_key", {"active": "false"}, "is inactive"),
        ("api_key", {"expires": "2020-01-01 00:00:00"}, "expired at 2020-01-01 00:00:00 UTC"),
        ("api_key", {"user": ""}, "has no user"),
        ("api_key", {"token": "now_another"}, "the key is unknown"),
        ("sys_api_access_policy", {"active": "false"}, "no active REST API access policy"),
        ("sys_api_access_policy", {"apply_all_methods": "false", "http_method": "POST"}, "no active REST API"),
        ("sys_api_access_policy", {"apply_all_versions": "false", "version": "v2"}, "no active REST API"),
        ("sys_api_access_policy", {"apply_all_tables": "false", "api_tablename": "problem"}, "no active REST API"),
        ("sys_api_access_policy", {"api": "Import Set API [now/import]"}, "no active REST API"),
        ("sys_api_access_policy", {"api": "", "apply_global": "true"}, "no active REST API"),
        ("http_key_auth", {"active": "false"}, "no active REST API"),
        ("http_key_auth", {"auth_parameter": ""}, "no active REST API"),
    ],
)
@pytest.mark.documented("what an API key hangs on; not allowed in a global policy")
def test_what_an_api_key_hangs_on(gate: Gate, table: str, values: dict[str, str], reason: str) -> None:
    key, profile = gate.key(), gate.key_profile()
    records = {"api_key": key, "http_key_auth": profile, "sys_api_access_policy": gate.policy(profile)}
    assert gate.call().status_code == 200
    gate.instance.system().table(table).update(records[table], values)
    answer = gate.call()
    assert (answer.status_code, answer.json()) == (401, B401)
    assert reason in answer.headers["X-Sandtable-Explain"]
    assert reason in gate.instance.system().table("syslog").query("source=API key")[-1]["message"]
    assert KEY not in answer.headers["X-Sandtable-Explain"]


@pytest.mark.documented("the policy may name tables; the key works for these alone")
def test_tables_of_a_policy(gate: Gate) -> None:
    gate.key()
    table = gate.instance.system().table("sys_db_object").first("name=incident")
    gate.policy(gate.key_profile(), apply_all_tables="false", api_tablename=table.sys_id)
    assert [gate.call(path).status_code for path in (INCIDENTS, USERS)] == [200, 401]


@pytest.mark.documented("a key may be sent in the query string when its parameter says so")
def test_a_key_in_the_query_string(gate: Gate) -> None:
    gate.key()
    gate.policy(gate.key_profile("query_param"))
    assert gate.call().status_code == 401
    assert gate.wire.get(f"{INCIDENTS}&x-sn-apikey={KEY}", auth=None).status_code == 200


@pytest.mark.parametrize("key", ["", "unknown", KEY.upper(), KEY[:-1], f"{KEY}x", "a^ORactive=true", "x" * 5000])
@pytest.mark.ours("anything but the key itself is refused in the same way")
def test_wrong_keys(gate: Gate, key: str) -> None:
    gate.key()
    gate.policy(gate.key_profile())
    answer = gate.call(key=key)
    assert (answer.status_code, answer.json()) == (401, B401)


@pytest.mark.recorded("a generated key begins with now_, and the API never shows it")
def test_a_generated_key(gate: Gate) -> None:
    made = gate.wire.post("/api/now/table/api_key", json={"name": "made"})
    assert made.status_code == 201
    record = gate.instance.system().table("api_key").get(made.json()["result"]["sys_id"])
    assert record["token"].startswith("now_")
    assert record["token"] not in made.text


# access policies -----------------------------------------------------------------------------------------------------


@pytest.mark.recorded("once a policy has a mapped profile, only mapped ways are accepted; Basic must be mapped too")
def test_a_policy_keeps_other_ways_out(gate: Gate) -> None:
    gate.key()
    policy = gate.policy(gate.key_profile())
    headers = {"X-Sandtable-Explain": "true"}
    refused = gate.wire.get(INCIDENTS, headers=headers)
    assert (refused.status_code, refused.json()) == (401, B401)
    assert "accepts api key, not basic" in refused.headers["X-Sandtable-Explain"]
    assert gate.wire.get("/api/now/import/imp_user/x").status_code != 401
    gate.insert(
        "sys_auth_profile_mapping", api_access_policy=policy, inbound_auth_profile=gate.standard_profile("basic_auth")
    )
    assert gate.wire.get(INCIDENTS).status_code == 200
    assert gate.call().status_code == 200


@pytest.mark.documented("the header of a refusal names the newest mapped profile, or all of them")
def test_the_challenges_of_a_policy(gate: Gate) -> None:
    gate.policy(gate.standard_profile("oauth"))
    assert gate.wire.get(INCIDENTS).headers["WWW-Authenticate"] == 'BEARER realm="Service-now"'
    headers = gate.bearer()
    assert gate.wire.get(INCIDENTS, auth=None, headers=headers).status_code == 200


@pytest.mark.documented("a policy for an API beats a global one")
def test_a_global_policy(gate: Gate) -> None:
    gate.policy(gate.standard_profile("oauth"), api="", apply_global="true")
    assert gate.wire.get(INCIDENTS).status_code == 401
    gate.policy(gate.standard_profile("basic_auth"))
    assert gate.wire.get(INCIDENTS).status_code == 200


BASIC_ALONE, TOKENS_ALONE = "basic_auth", "oauth"
BY_METHOD = {"apply_all_methods": "false", "http_method": "GET"}
BY_RESOURCE = {"apply_all_resources": "false", "api_resource": "incident"}
BY_VERSION = {"apply_all_versions": "false", "version": "v2"}


@pytest.mark.documented("API access policy prioritization: the policy that names most of a call decides")
@pytest.mark.parametrize(
    "decides, yields",
    [
        (BY_METHOD | BY_RESOURCE | BY_VERSION, BY_METHOD | BY_RESOURCE),
        (BY_METHOD | BY_RESOURCE, BY_RESOURCE | BY_VERSION),
        (BY_RESOURCE | BY_VERSION, BY_RESOURCE),
        (BY_RESOURCE, BY_METHOD | BY_VERSION),
        (BY_METHOD | BY_VERSION, BY_METHOD),
        (BY_METHOD, BY_VERSION),
        (BY_VERSION, {}),
        ({}, {"api": "", "apply_global": "true", **BY_METHOD}),
        ({"api": "", "apply_global": "true", **BY_METHOD}, {"api": "", "apply_global": "true"}),
    ],
)
def test_which_policy_decides(gate: Gate, decides: dict[str, str], yields: dict[str, str]) -> None:
    asked = "/api/now/v2/table/incident?sysparm_limit=1"
    gate.policy(gate.standard_profile(TOKENS_ALONE), **yields)
    assert gate.wire.get(asked).status_code == 401
    gate.policy(gate.standard_profile(BASIC_ALONE), **decides)
    assert gate.wire.get(asked).status_code == 200


class Machine:
    """A web service user with the role admin, and the control that holds it."""

    def __init__(self, gate: Gate, **control: str) -> None:
        self.gate = gate
        user = gate.instance.system().table("sys_user").first("user_name=elastic.integration")
        gate.instance.system().table("sys_user").update(user.sys_id, {"web_service_access_only": "true"})
        role = gate.instance.system().table("sys_user_role").first("name=admin").sys_id
        gate.insert("sys_user_has_role", user=user.sys_id, role=role)
        policy = gate.policy(active="false", **BY_METHOD)
        values = {"name": "Reads incidents", "rest_api_policy": policy, **control}
        self.control = gate.insert("sys_machine_access_control", **values)
        gate.insert("sys_machine_access_control_user", access_control=self.control, user=user.sys_id)

    def call(self, method: str, path: str) -> requests.Response:
        body = {} if method == "GET" else {"json": {}}
        auth = ("elastic.integration", "elastic-integration")
        return self.gate.wire.request(method, path, auth=auth, **body)


@pytest.mark.documented("machine identity access controls: nothing but what is named, whatever the roles are")
@pytest.mark.parametrize(
    "control, method, path, status",
    [
        ({}, "GET", "/api/now/table/incident?sysparm_limit=1", 200),
        ({}, "POST", "/api/now/table/incident", 403),
        ({}, "GET", "/api/now/stats/incident?sysparm_count=true", 403),
        ({}, "POST", "/incident.do?SOAP", 403),
        ({}, "GET", "/incident_list.do?JSONv2", 403),
        ({"soap_api_policy": "incident"}, "POST", "/incident.do?SOAP", 500),
        ({"soap_api_policy": "incident"}, "POST", "/problem.do?SOAP", 403),
        ({"tables": "incident"}, "GET", "/api/now/table/incident?sysparm_limit=1", 200),
        ({"tables": "incident"}, "GET", "/api/now/table/problem?sysparm_limit=1", 403),
        ({"tables": "task"}, "GET", "/api/now/table/problem?sysparm_limit=1", 403),
        ({"tables": "task", "applies_to_child_table": "true"}, "GET", "/api/now/table/problem?sysparm_limit=1", 200),
        ({"active": "false"}, "POST", "/api/now/table/incident", 201),
    ],
)
def test_machine_identity_access_controls(
    gate: Gate, control: dict[str, str], method: str, path: str, status: int
) -> None:
    tables = gate.instance.system().table("sys_db_object")
    if "tables" in control:
        control = {**control, "tables": tables.first(f"name={control['tables']}").sys_id}
    assert Machine(gate, **control).call(method, path).status_code == status


@pytest.mark.documented("machine identity access controls: only users with web service access can be named")
def test_people_are_held_to_no_control(gate: Gate) -> None:
    machine = Machine(gate)
    user = gate.instance.system().table("sys_user").first("user_name=elastic.integration")
    gate.instance.system().table("sys_user").update(user.sys_id, {"web_service_access_only": "false"})
    assert machine.call("POST", "/api/now/table/incident").status_code == 201


@pytest.mark.recorded("the policy that new instances have for reading tables is inactive")
def test_the_shipped_policy_is_inactive(gate: Gate) -> None:
    gate.key()
    found = gate.instance.system().table("sys_api_access_policy").first("name=Table GET API Access Policy")
    gate.insert("sys_auth_profile_mapping", api_access_policy=found.sys_id, inbound_auth_profile=gate.key_profile())
    assert gate.call().status_code == 401
    values = {"active": "true", "apply_all_tables": "true"}
    gate.instance.system().table("sys_api_access_policy").update(found.sys_id, values)
    assert gate.call().status_code == 200
    assert gate.call("/api/now/table/incident", "POST", json={}).status_code == 401


# auth scopes ---------------------------------------------------------------------------------------------------------


def bind(gate: Gate, name: str, **values: object) -> str:
    scope = gate.insert("sys_auth_scope", name=name)
    gate.insert("sys_api_access_scope", **{"name": name, "auth_scope": scope, "api": "Table API [now/table]", **values})
    return scope


def give(gate: Gate, scope: str) -> None:
    client = gate.instance.system().table("oauth_entity").first("client_id=app")
    gate.insert("oauth_entity_auth_scope_mapping", oauth_entity=client.sys_id, auth_scope=scope)


@pytest.mark.recorded("403 Missing required api access scope, until the client has a mapping for it")
def test_an_api_that_is_bound_to_a_scope(gate: Gate) -> None:
    headers = gate.bearer()
    assert gate.wire.get(INCIDENTS, auth=None, headers=headers).status_code == 200
    scope = bind(gate, "tables")
    refused = gate.wire.get(INCIDENTS, auth=None, headers=headers)
    assert refused.status_code == 403
    assert refused.json()["error"] == {
        "message": "User Not Authorized",
        "detail": "Missing required api access scope: tables",
    }
    assert "has no auth scope tables" in refused.headers["X-Sandtable-Explain"]
    assert gate.wire.get(INCIDENTS).status_code == 200  # Basic is not held to scopes
    give(gate, scope)
    assert gate.wire.get(INCIDENTS, auth=None, headers=headers).status_code == 200


@pytest.mark.parametrize(
    "values, path, status",
    [
        ({"apply_all_methods": "false", "http_method": "POST"}, INCIDENTS, 200),
        ({"apply_all_methods": "false", "http_method": "get"}, INCIDENTS, 403),
        ({"apply_all_versions": "false", "version": "v2"}, INCIDENTS, 200),
        ({"apply_all_versions": "false", "version": "v2"}, INCIDENTS.replace("/table", "/v2/table"), 403),
        ({"apply_all_resources": "false", "api_resource": "incident"}, INCIDENTS, 403),
        ({"apply_all_resources": "false", "api_resource": "incident"}, USERS, 200),
        ({"api": "Table API"}, INCIDENTS, 403),
        ({"api": "x", "api_path": "now/table"}, INCIDENTS, 403),
        ({"api": "Import Set API [now/import]"}, INCIDENTS, 200),
        ({"active": "false"}, INCIDENTS, 200),
    ],
)
@pytest.mark.documented("a binding is for an API, or a method, version or resource of it")
def test_what_a_binding_covers(gate: Gate, values: dict[str, str], path: str, status: int) -> None:
    headers = gate.bearer()
    bind(gate, "tables", **values)
    assert gate.wire.get(path, auth=None, headers=headers).status_code == status


@pytest.mark.documented("useraccount opens every API, and a property switches the check off")
def test_what_makes_up_for_a_scope(gate: Gate) -> None:
    headers = gate.bearer()
    bind(gate, "tables")
    gate.instance.set_property("com.glide.rest.api.auth.scope.check.enable", "false")
    assert gate.wire.get(INCIDENTS, auth=None, headers=headers).status_code == 200
    gate.instance.set_property("com.glide.rest.api.auth.scope.check.enable", "true")
    assert gate.wire.get(INCIDENTS, auth=None, headers=headers).status_code == 403
    give(gate, gate.instance.system().table("sys_auth_scope").first("name=useraccount").sys_id)
    assert gate.wire.get(INCIDENTS, auth=None, headers=headers).status_code == 200


@pytest.mark.documented("a client that is held to its scopes opens no API without one")
def test_a_restricted_client(gate: Gate) -> None:
    headers = gate.bearer(scope_restriction_status="restricted")
    refused = gate.wire.get(INCIDENTS, auth=None, headers=headers)
    assert refused.status_code == 403
    assert refused.json()["error"] == {
        "message": "User Not Authorized",
        "detail": "Access to unscoped api is not allowed",
    }
    give(gate, bind(gate, "tables"))
    assert gate.wire.get(INCIDENTS, auth=None, headers=headers).status_code == 200


@pytest.mark.ours("a session that a token opened is held to the scopes of the token's client")
def test_a_cookie_does_not_shed_the_scope(gate: Gate) -> None:
    headers = gate.bearer()
    with gate.wire.session() as session:
        assert session.get(gate.wire.base_url + INCIDENTS, headers=headers).status_code == 200
        bind(gate, "tables")
        assert session.get(gate.wire.base_url + INCIDENTS).status_code == 403


@pytest.mark.documented("with bound auth scopes the token's scope names them")
def test_the_scope_of_a_token(gate: Gate) -> None:
    gate.bearer()
    give(gate, bind(gate, "tables"))
    give(gate, gate.insert("sys_auth_scope", name="more"))
    form = {"grant_type": "password", "client_id": "app", "client_secret": "app"}
    person = {"username": "admin", "password": "admin"}
    answer = gate.wire.post("/oauth_token.do", auth=None, data={**form, **person})
    assert answer.json()["scope"] == "tables more"
    answer = gate.wire.post("/oauth_token.do", auth=None, data={**form, **person, "scope": "more"})
    assert answer.json()["scope"] == "more"
    answer = gate.wire.post("/oauth_token.do", auth=None, data={**form, **person, "scope": "useraccount"})
    assert answer.status_code == 401


# who may set it up ---------------------------------------------------------------------------------------------------


@pytest.mark.documented("oauth_admin manages OAuth records; others do not even see them")
def test_who_may_set_up_a_client(gate: Gate) -> None:
    system = gate.instance.system()
    for name, role in (("setter", "oauth_admin"), ("other", "itil")):
        user = system.table("sys_user").insert({"user_name": name, "user_password": "test-only"}).sys_id
        found = system.table("sys_user_role").first(f"name={role}")
        gate.insert("sys_user_has_role", user=user, role=found.sys_id, state="active")
    for table in ("oauth_jwt", "jwt_verifier_map"):
        path = f"/api/now/table/{table}"
        made = gate.wire.post(path, auth=("setter", "test-only"), json={"name": "made"})
        assert made.status_code == 201
        assert made.json()["result"]["sys_created_by"] == "setter"
        assert gate.wire.post(path, auth=("other", "test-only"), json={"name": "made"}).status_code == 403
        assert gate.wire.get(path, auth=("other", "test-only")).status_code == 403
        assert system.table(table).count("name=made") == 1
    made = gate.wire.post("/api/now/table/oauth_jwt", auth=("setter", "test-only"), json={"name": "shown"})
    record = system.table("oauth_jwt").get(made.json()["result"]["sys_id"])
    assert made.json()["result"]["client_secret"] == "********"
    assert len(record["client_secret"]) == len(record["client_id"]) == 32
    assert record["client_secret"] not in made.text
