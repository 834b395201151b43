"""Each refusal that can be reached over the wire, literally; and the envelope, whatever is thrown at a route."""

from __future__ import annotations

import gzip
import json
import xml.etree.ElementTree as ElementTree
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sandtable.core.platform.instance import Instance
from sandtable.core.values import errors
from sandtable.library.in_process import WSGIAdapter
from sandtable.web.errors import STATUS, status_of

if TYPE_CHECKING:
    from tests.web.conftest import Wire

INCIDENTS = "/api/now/table/incident"
JSON = {"Content-Type": "application/json"}


def envelope(message: str, detail: str | None) -> dict[str, Any]:
    return {"error": {"message": message, "detail": detail}, "status": "failure"}


@pytest.mark.ours("an address that is none is refused, left out or led nowhere, wherever anybody can write one")
def test_addresses_that_are_none(wire: Wire, instance: Instance) -> None:
    nowhere = "http://[x"
    system = instance.system()
    instance.set_property("sandtable.oauth.protected_resource_metadata", "true")
    system.table("oauth_protected_resource").insert({"resource_name": "r", "resource_identifier": nowhere})
    client = {"client_id": "https://c.example/m.json", "redirect_url": nowhere, "metadata_sync_mode": "static"}
    system.table("oauth_entity_cimd").insert(client)
    asked = {"response_type": "code", "client_id": client["client_id"], "redirect_uri": nowhere, "state": "s"}
    script = f"var m = new sn_ws.RESTMessageV2(); m.setEndpoint('{nowhere}'); '' + m.execute().getStatusCode()"
    answers = [
        wire.get("/_sandtable/info", headers={"Origin": nowhere}),
        wire.get(INCIDENTS + "?sysparm_limit=1", headers={"Origin": nowhere, "Referer": nowhere}),
        wire.post("/login.do", data={"user_name": "a"}, headers={"Origin": nowhere}),
        wire.get(f"/nav_to.do?uri={nowhere}"),
        wire.get("/incident.do?sys_id=-1&sysparm_goto_url=//[x"),
        wire.get("/.well-known/oauth-protected-resource"),
        wire.get("/oauth_auth.do", params=asked),
        wire.post("/api/now/tinyurl", json={"url": nowhere}),
        wire.post("/_sandtable/scripts", json={"script": script}),
    ]
    assert [each.status_code for each in answers] == [403, 200, 403, 302, 200, 200, 400, 200, 200]
    assert answers[3].headers["Location"].partition("://")[2].partition("/")[2] == ""
    assert answers[-1].json()["value"] == "0"


@pytest.mark.parametrize(
    "body",
    [
        b"{",
        b'{"short_description":}',
        b"nonsense",
        b'"text"',
        b"7",
        b"true",
        b"\xff\xfe",
        b"<request/>",
        b"[" * 5000,
        b'{"description":1e999}',
        b'{"description":' + b"[" * 101 + b"]" * 101 + b"}",
        b'{"description":' + b'{"a":' * 900 + b"1" + b"}" * 900 + b"}",
    ],
    ids=repr,
)
@pytest.mark.parametrize("verb", ["POST", "PATCH", "PUT"])
@pytest.mark.recorded("fragment of a captured answer to malformed JSON")
def test_malformed_json(wire: Wire, instance: Instance, verb: str, body: bytes) -> None:
    record = instance.system().table("incident").insert({"short_description": "before"})
    count = instance.system().table("incident").count()
    path = INCIDENTS if verb == "POST" else f"{INCIDENTS}/{record.sys_id}"
    answer = wire.request(verb, path, data=body, headers=JSON)
    assert answer.status_code == 400
    assert answer.json()["error"]["message"] == "Exception while reading request"
    assert answer.json()["error"]["detail"]
    assert instance.system().table("incident").count() == count
    assert instance.system().table("incident").get(record.sys_id)["sys_mod_count"] == record["sys_mod_count"]


@pytest.mark.parametrize("chunked", [False, True])
@pytest.mark.recorded("KB0747638: the text of a body over the limit")
def test_a_body_over_the_limit(wire: Wire, instance: Instance, chunked: bool) -> None:
    count = instance.system().table("incident").count()
    size = 10 * 1024 * 1024 + 1 if chunked else 15_105_102
    body = b'{"description":"' + b"x" * (size - 18) + b'"}'
    answer = wire.post(INCIDENTS, data=iter([body]) if chunked else body, headers=JSON)
    assert answer.status_code == 400
    assert answer.json() == envelope(
        "Exception while reading request",
        f"Rejected large REST payload with content-length = {size} bytes. Max allowed: 10485760 bytes.",
    )
    assert instance.system().table("incident").count() == count
    assert wire.get(f"{INCIDENTS}?sysparm_limit=1").status_code == 200


@pytest.mark.parametrize("value, megabytes", [("1", 1), ("25", 25), ("99", 25), ("nonsense", 10), ("", 10), ("0", 10)])
@pytest.mark.documented("ServiceNow docs: glide.rest.max_content_length, 10 MB by default and 25 at most")
def test_the_limit_is_a_property(instance: Instance, value: str, megabytes: int) -> None:
    from sandtable.web.wire.body import body_limit

    instance.set_property("glide.rest.max_content_length", value)
    assert body_limit(instance) == megabytes * 1024 * 1024


@pytest.mark.parametrize(
    "content_type", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "text/xml"]
)
@pytest.mark.documented("ServiceNow docs: 415 for a body of another type")
def test_unsupported_media_type(wire: Wire, content_type: str) -> None:
    answer = wire.post(INCIDENTS, data=b"a=b", headers={"Content-Type": content_type})
    assert (answer.status_code, answer.json()) == (415, envelope("Unsupported media type", None))


@pytest.mark.parametrize("coding", ["gzip", "GZIP", "br", "deflate, gzip"])
@pytest.mark.assumed("a compressed body is refused, and that nobody knows better is noted")
def test_compressed_bodies(wire: Wire, instance: Instance, coding: str) -> None:
    count = instance.system().table("incident").count()
    answer = wire.post(INCIDENTS, data=gzip.compress(b"{}"), headers={**JSON, "Content-Encoding": coding})
    assert (answer.status_code, answer.json()) == (415, envelope("Unsupported media type", None))
    assert "header:Content-Encoding" in answer.headers["X-Sandtable-Unsimulated"]
    assert instance.system().table("incident").count() == count
    plain = wire.post(INCIDENTS, data=b"{}", headers={**JSON, "Content-Encoding": "identity"})
    assert plain.status_code == 201


WALKS = ["parent" + ".parent" * depth for depth in range(70)]


@pytest.mark.parametrize(
    "path",
    [
        f"{INCIDENTS}?sysparm_query={WALKS[-1]}.number=1",
        f"{INCIDENTS}?sysparm_query=" + "^".join(f"{walk}.number!=1" for walk in WALKS),
        f"{INCIDENTS}?sysparm_query=ORDERBY{WALKS[-1]}.number",
        f"{INCIDENTS}?{WALKS[-1]}.number=1",
        f"/api/now/stats/incident?sysparm_count=true&sysparm_group_by={WALKS[-1]}.number",
    ],
    ids=["deep", "many", "order", "filter", "group"],
)
@pytest.mark.ours("what a database cannot join is refused, and the refusal says how to ask")
def test_too_many_dot_walks(wire: Wire, instance: Instance, path: str) -> None:
    instance.set_property("sandtable.web.longest_address", "0")
    answer = wire.get(path)
    assert answer.status_code == 400
    assert answer.json()["error"]["message"] == "Query too complex"
    shorter = wire.get(path.replace("parent." * 20, "").partition("^")[0])
    assert shorter.status_code == 200


@pytest.mark.ours("an order by the same column again decides nothing, however often it is asked for")
def test_the_same_order_again_and_again(wire: Wire, instance: Instance) -> None:
    for order in ("2", "1", "3"):
        instance.system().table("incident").insert({"order": order})
    query = "ORDERBYDESCorder" + "^ORDERBYorder^ORDERBYDESCorder" * 1500
    instance.set_property("sandtable.web.longest_address", "0")
    path = f"{INCIDENTS}?sysparm_suppress_pagination_header=true&sysparm_fields=order&sysparm_query={query}"
    answer = wire.get(path)
    assert answer.json() == {"result": [{"order": "3"}, {"order": "2"}, {"order": "1"}]}


@pytest.mark.parametrize("verb, path", [("GET", INCIDENTS), ("POST", INCIDENTS), ("GET", "/api/now/import/imp_user/x")])
@pytest.mark.documented("ServiceNow docs: 406 when Accept names other types only")
def test_not_acceptable(wire: Wire, instance: Instance, verb: str, path: str) -> None:
    count = instance.system().table("incident").count()
    answer = wire.request(verb, path, json={}, headers={"Accept": "text/html"})
    assert (answer.status_code, answer.json()) == (406, envelope("Not acceptable format requested", None))
    assert instance.system().table("incident").count() == count


@pytest.mark.assumed("errors are XML when XML was asked for")
def test_errors_in_xml(wire: Wire) -> None:
    answer = wire.get(f"{INCIDENTS}/nosuch", headers={"Accept": "application/xml"})
    assert answer.status_code == 404
    root = ElementTree.fromstring(answer.text)
    assert (root.findtext("error/message"), root.findtext("status")) == ("No Record found", "failure")


@pytest.mark.parametrize(
    "path", ["/api", "/api/", "/api/now", "/api/now/nosuch", "/api/now/v2", "/api/x/y/z", "/api//now"]
)
@pytest.mark.recorded("captured answer to an unknown path below /api")
def test_unknown_resource(wire: Wire, path: str) -> None:
    answer = wire.get(path)
    assert (answer.status_code, answer.json()) == (
        400,
        envelope("Requested URI does not represent any resource", None),
    )
    assert "path:" in answer.headers["X-Sandtable-Unsimulated"]


@pytest.mark.assumed("what is no API and no page is not found")
def test_unknown_page(wire: Wire) -> None:
    answer = wire.get("/nosuch")
    assert (answer.status_code, answer.headers["Content-Type"]) == (404, "text/html;charset=UTF-8")


@pytest.mark.recorded("captured, tab and line break included")
def test_data_policy(wire: Wire, instance: Instance) -> None:
    record = instance.system().table("incident").insert({"short_description": "x"})
    path = f"{INCIDENTS}/{record.sys_id}"
    both = wire.patch(path, json={"state": "6"})
    assert both.status_code == 403
    error = both.json()["error"]
    assert error["message"] == "Operation Failed"
    assert error["detail"].startswith("Data Policy Exception: \n\tThe following fields are mandatory: ")
    one = wire.patch(path, json={"state": "6", "close_notes": "done", "close_code": "No such code at all"})
    assert one.status_code == 403
    assert one.json()["error"]["detail"].count(",") == 0
    assert instance.system().table("incident").get(record.sys_id)["state"] == "1"


@pytest.mark.recorded("captured: writes that access control refuses")
def test_write_access(wire: Wire, instance: Instance) -> None:
    answer = wire.post("/api/now/table/sys_properties", auth=("itil", "itil"), json={"name": "x"})
    assert (answer.status_code, answer.json()) == (
        403,
        envelope("Operation Failed", "ACL Exception Insert Failed due to security constraints"),
    )


@pytest.mark.documented("ServiceNow docs: a table that is closed to web services answers 403")
def test_a_table_closed_to_web_services(wire: Wire, instance: Instance) -> None:
    tables = instance.system().table("sys_db_object")
    found = tables.first("name=cmn_location")
    assert found is not None
    tables.update(found.sys_id, {"ws_access": "false"})
    answer = wire.get("/api/now/table/cmn_location", auth=("itil", "itil"))
    assert (answer.status_code, answer.json()["error"]["message"]) == (403, "Operation Failed")


@pytest.mark.ours("every refusal of the core has one status")
def test_every_refusal_has_a_status() -> None:
    kinds = [
        kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, errors.PlatformError)
    ]
    missing = [k for k in kinds if k is not errors.PlatformError and not any(base in STATUS for base in k.__mro__)]
    assert missing == []
    assert status_of(errors.Aborted("incident", "r", "0" * 32)) == 403
    assert status_of(errors.PayloadTooLarge(2, 1)) == 400


@pytest.mark.ours("a bug of the simulator says that it is ours, and shows no traceback")
def test_a_bug_is_ours(wire: Wire, instance: Instance, monkeypatch: pytest.MonkeyPatch) -> None:
    from sandtable.core.platform.table_access import TableAccess

    def broken(*_: object, **__: object) -> object:
        raise ZeroDivisionError("secret inner state")

    monkeypatch.setattr(TableAccess, "page", broken)
    answer = wire.get(INCIDENTS, auth=None)
    assert answer.status_code in (401, 500)
    monkeypatch.undo()
    monkeypatch.setattr(TableAccess, "insert", broken)
    answer = wire.post(INCIDENTS, json={})
    assert answer.status_code == 500
    assert answer.headers["X-Sandtable-Error"] == "internal"
    assert "bug of the simulator" in answer.json()["error"]["detail"]
    assert "secret inner state" not in answer.text
    assert "Traceback" not in answer.text


SEGMENTS = st.sampled_from(
    [
        "api",
        "now",
        "v1",
        "v2",
        "table",
        "import",
        "incident",
        "imp_user",
        "insertMultiple",
        "sys_user",
        "x",
        "..",
        "%00",
    ]
) | st.text(max_size=8)
NAMES = st.sampled_from(
    [
        "sysparm_query",
        "sysparm_fields",
        "sysparm_limit",
        "sysparm_offset",
        "sysparm_display_value",
        "sysparm_view",
        "sysparm_no_count",
        "sysparm_input_display_value",
        "sysparm_exclude_reference_link",
        "active",
        "caller_id",
        "sysparm_nosuch",
    ]
)
VALUES = st.sampled_from(
    [
        "true",
        "all",
        "active=true^ORDERBYDESCnumber",
        "caller_id.name.x=1^ORa=b^NQ",
        "opened_at>javascript:gs.daysAgoStart(0)",
        "numberIN,^ORDERBY^EQ",
        "stateBETWEEN1@",
        "RLQUERYsys_user_has_role.user,>=1^ENDRLQUERY",
        "-1",
        "99999999999999999999",
        "caller_id.manager.manager.name,number,,",
    ]
) | st.text(max_size=30)
BODIES = st.one_of(
    st.none(),
    st.binary(max_size=30),
    st.dictionaries(
        st.sampled_from(
            ["short_description", "state", "caller_id", "sys_id", "number", "u_x", "work_notes", "opened_at"]
        )
        | st.text(max_size=6),
        st.text(max_size=20) | st.integers() | st.booleans() | st.none() | st.lists(st.text(max_size=3), max_size=2),
        max_size=4,
    ).map(lambda value: json.dumps(value).encode()),
)


@pytest.mark.ours("whatever we throw at any route, the envelope holds and it is never a 500")
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(
    method=st.sampled_from(["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"]),
    segments=st.lists(SEGMENTS, max_size=5) | st.tuples(st.just("incident")).map(lambda t: ["api", "now", "table", *t]),
    parameters=st.lists(st.tuples(NAMES, VALUES), max_size=4),
    body=BODIES,
    accept=st.sampled_from([None, "application/json", "application/xml", "text/html", "*/*;q=x", ",;="]),
    content_type=st.sampled_from(
        [None, "application/json", "application/xml", "text/plain", "application/json;charset=x"]
    ),
)
def test_the_envelope_holds(
    app: Any,
    instance: Instance,
    method: str,
    segments: list[str],
    parameters: list[tuple[str, str]],
    body: bytes | None,
    accept: str | None,
    content_type: str | None,
) -> None:
    import requests

    headers = {"Authorization": "Basic YWRtaW46YWRtaW4=", "Accept": accept, "Content-Type": content_type}
    url = "http://dev00000.example.com/" + "/".join(
        requests.utils.quote(part.encode("utf-8", "replace"), safe="%.") for part in segments
    )
    clean = [(name, value.encode("utf-8", "replace").decode()) for name, value in parameters]
    asked = requests.Request(method, url, params=clean, data=body, headers={k: v for k, v in headers.items() if v})
    answer = WSGIAdapter(app).send(asked.prepare())
    assert answer.status_code < 500, answer.text
    if method == "HEAD" or answer.status_code == 204 or not answer.url.startswith("http://dev00000.example.com/api"):
        return
    if answer.headers["Content-Type"].startswith("application/json"):
        content = answer.json()
        if answer.status_code >= 400:
            assert set(content) == {"error", "status"}
            assert set(content["error"]) == {"message", "detail"}
            assert content["status"] == "failure"
        else:
            assert "result" in content or "import_set_id" in content
    elif answer.headers["Content-Type"].startswith("application/xml"):
        root = ElementTree.fromstring(answer.content)
        assert root.tag == "response"
        assert (root.find("error") is not None) == (answer.status_code >= 400)
    else:
        assert answer.status_code == 404
