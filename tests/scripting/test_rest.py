"""Scripted REST APIs that are records: addresses, requests, answers, errors and who may call."""

from __future__ import annotations

from typing import Any

import pytest
from tests.scripting.conftest import Bench

DOCS = "ServiceNowDocs, scripted REST APIs: request, response, errors, versions and security"


class Api:
    """A scripted REST API of an application."""

    def __init__(self, bench: Bench, tracking: str = "none") -> None:
        self.bench = bench
        self.app = bench.application("x_acme_api", tracking)
        self.definition = bench.add(
            "sys_ws_definition", name="Acme", service_id="acme", namespace="x_acme_api", sys_scope=self.app.sys_id
        )

    def add(self, method: str, path: str, body: str, **values: Any) -> None:
        script = f"(function process(/*RESTAPIRequest*/ request, /*RESTAPIResponse*/ response) {{ {body} }})(request, response);"
        given = {
            "name": path, "web_service_definition": self.definition.sys_id, "http_method": method, "relative_path": path,
            "operation_script": script, "sys_scope": self.app.sys_id, "requires_acl_authorization": False,
        }  # fmt: skip
        self.bench.add("sys_ws_operation", **{**given, **values})

    def open_table(self, name: str) -> None:
        """Let other scopes write a table."""
        record = self.bench.system.table("sys_db_object").first(filters={"name": name})
        assert record is not None
        self.bench.system.table("sys_db_object").update(record.sys_id, {"create_access": "true"})

    def call(self, method: str, path: str, **options: Any) -> Any:
        return self.bench.call(method, f"/api/x_acme_api/acme{path}", **options)


@pytest.fixture
def api(bench: Bench) -> Api:
    return Api(bench)


@pytest.mark.documented(DOCS)
def test_the_request(api: Api) -> None:
    api.add(
        "GET",
        "/things/{id}",
        "return {id: request.pathParams.id, q: request.queryParams.q, plain: '' + request.queryParams.q,"
        " h: request.getHeader('x-test'), u: request.uri, s: request.queryString, w: gs.getCurrentScopeName()};",
    )
    answer = api.call("GET", "/things/7?q=a", headers={"X-Test": "t"})
    assert answer.json == {
        "result": {"id": "7", "q": ["a"], "plain": "a", "h": "t", "u": "/api/x_acme_api/acme/things/7", "s": "q=a", "w": "x_acme_api"}
    }  # fmt: skip


@pytest.mark.documented(DOCS)
def test_the_body(api: Api) -> None:
    api.add("POST", "/data", "var d = request.body.data; return [d.a, d.list.length, request.body.dataString];")
    api.add("POST", "/text", "return JSON.parse(request.body.dataString).a;")
    api.add(
        "POST", "/entries", "var n = []; while (request.body.hasNext()) n.push(request.body.nextEntry().a); return n;"
    )
    assert api.call("POST", "/data", json={"a": 1, "list": [1, 2]}).json["result"] == [1, 2, ""]
    assert api.call("POST", "/text", json={"a": "x"}).json["result"] == "x"
    assert api.call("POST", "/entries", json=[{"a": 1}, {"a": 2}]).json["result"] == [1, 2]
    assert api.call("POST", "/data", data="x", content_type="text/csv").status_code == 415
    assert api.call("POST", "/data", data="{", content_type="application/json").status_code == 400


@pytest.mark.documented(DOCS)
@pytest.mark.parametrize(
    "body, status, result",
    [
        ("response.setStatus(201); response.setBody({a: [1, null, true]});", 201, {"a": [1, None, True]}),
        ("return 'text';", 200, "text"),
        ("", 200, {}),
        ("response.setBody([new GlideDateTime('2020-01-01 00:00:00')]);", 200, ["2020-01-01 00:00:00"]),
    ],
)
def test_answers(api: Api, body: str, status: int, result: Any) -> None:
    api.add("GET", "/a", body)
    answer = api.call("GET", "/a")
    assert (answer.status_code, answer.json) == (status, {"result": result})


@pytest.mark.documented(DOCS)
def test_headers_streams_and_xml(api: Api) -> None:
    api.add("GET", "/h", "response.setHeader('X-A', 'b'); response.setLocation('/there'); return 1;")
    api.add(
        "GET",
        "/s",
        "response.setStatus(202); response.setContentType('text/plain'); var w = response.getStreamWriter(); w.writeString('a'); w.writeString('b');",
    )
    answer = api.call("GET", "/h")
    assert (answer.headers["X-A"], answer.headers["Location"]) == ("b", "/there")
    answer = api.call("GET", "/s")
    assert (answer.status_code, answer.get_data(), answer.mimetype) == (202, b"ab", "text/plain")
    assert b"<response>" in api.call("GET", "/h", headers={"Accept": "application/xml"}).get_data()


@pytest.mark.documented("ServiceNowDocs, sn_ws_err: classes, statuses and the envelope")
@pytest.mark.parametrize(
    "form",
    [
        "return new sn_ws_err.{0}",
        "return sn_ws_err.{0}",
        "throw new sn_ws_err.{0}",
        "response.setError(new sn_ws_err.{0})",
    ],
)
@pytest.mark.parametrize(
    "made, status, error",
    [
        ("BadRequestError('m', 'd')", 400, {"message": "m", "detail": "d"}),
        ("NotFoundError('m')", 404, {"message": "m", "detail": ""}),
        ("ConflictError('m')", 409, {"message": "m", "detail": ""}),
    ],
)
def test_errors_of_the_service(api: Api, form: str, made: str, status: int, error: dict[str, str]) -> None:
    api.add("GET", "/e", form.replace("{0}", made))
    answer = api.call("GET", "/e")
    assert (answer.status_code, answer.json) == (status, {"error": error, "status": "failure"})


@pytest.mark.assumed("an uncaught error is 500 with its text, and what was written before it stays")
def test_an_uncaught_error(api: Api) -> None:
    api.open_table("problem")
    api.add(
        "GET",
        "/b",
        "var p = new GlideRecord('problem'); p.initialize(); p.short_description = 'stays'; p.insert(); null.x;",
    )
    answer = api.call("GET", "/b")
    assert answer.status_code == 500
    assert 'Cannot read property "x" from null' in answer.json["error"]["message"]
    assert len(api.bench.system.table("problem").query("short_description=stays")) == 1


@pytest.mark.ours("a runaway is cancelled, and what it wrote is taken back")
def test_a_runaway(api: Api) -> None:
    api.open_table("problem")
    api.bench.instance.set_property("sandtable.script.seconds", "0.2")
    api.add(
        "GET",
        "/r",
        "var p = new GlideRecord('problem'); p.initialize(); p.short_description = 'goes'; p.insert(); while (true) {}",
    )
    answer = api.call("GET", "/r")
    assert (answer.status_code, answer.json["error"]["message"]) == (
        500,
        "Transaction cancelled: maximum execution time exceeded",
    )
    assert api.bench.system.table("problem").query("short_description=goes") == []


@pytest.mark.documented(DOCS)
def test_versions(api: Api) -> None:
    for number, default in ((1, False), (2, True)):
        version = api.bench.add(
            "sys_ws_version",
            web_service_definition=api.definition.sys_id,
            version=number,
            version_id=f"v{number}",
            is_default=default,
        )
        api.add("GET", "/v", f"return {number};", web_service_version=version.sys_id)
    paths = ("/api/x_acme_api/v1/acme/v", "/api/x_acme_api/v2/acme/v", "/api/x_acme_api/acme/v")
    assert [api.bench.call("GET", path).json["result"] for path in paths] == [1, 2, 2]
    assert api.bench.call("GET", "/api/x_acme_api/v3/acme/v").status_code == 400


@pytest.mark.assumed("a literal segment goes before a parameter; other methods are told from unknown addresses")
def test_addresses(api: Api) -> None:
    api.add("GET", "/x/{id}", "return 'parameter';")
    api.add("GET", "/x/literal", "return 'literal';")
    assert [api.call("GET", path).json["result"] for path in ("/x/literal", "/x/other")] == ["literal", "parameter"]
    assert api.call("DELETE", "/x/other").status_code == 405
    assert api.call("GET", "/y").status_code == 400


@pytest.mark.documented(DOCS)
def test_who_may_call(api: Api) -> None:
    bench = api.bench
    bench.add("sys_user", user_name="plain", user_password="plain")  # noqa: S106 - test-only
    acl = bench.add(
        "sys_security_acl",
        name="Acme API",
        type="REST_Endpoint",
        operation="execute",
        advanced=True,
        admin_overrides=False,
        script="answer = gs.getUserName() == 'plain';",
    )
    api.add("GET", "/public", "return gs.getUserName();", requires_authentication=False)
    api.add("GET", "/members", "return gs.getUserName();")
    api.add("GET", "/guarded", "return 1;", requires_acl_authorization=True, enforce_acl=acl.sys_id)
    assert api.call("GET", "/public", user="").json["result"] == "guest"
    assert api.call("GET", "/members", user="").status_code == 401
    assert api.call("GET", "/members", user="plain").json["result"] == "plain"
    assert api.call("GET", "/guarded", user="plain").status_code == 200
    assert api.call("GET", "/guarded").status_code == 403


@pytest.mark.recorded("a scripted API's answer when a cross-scope privilege is missing")
def test_a_missing_privilege(bench: Bench) -> None:
    api = Api(bench, tracking="enforcing")
    api.add(
        "GET",
        "/health",
        "var g = new GlideRecord('incident'); g.setLimit(1); g.query(); return {rows: g.getRowCount()};",
    )
    answer = api.call("GET", "/health")
    assert answer.status_code == 500
    assert answer.json["error"]["message"] == (
        "com.glide.script.fencing.access.ScopeAccessNotGrantedException: read access to incident not granted"
    )
    (privilege,) = bench.system.table("sys_scope_privilege").query(f"source_scope={api.app.sys_id}")
    assert privilege["status"] == "requested"
    bench.system.table("sys_scope_privilege").update(privilege.sys_id, {"status": "allowed"})
    assert api.call("GET", "/health").json == {"result": {"rows": 0}}
