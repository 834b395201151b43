"""The Table API on the wire."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import requests

from sandtable.core.platform.instance import Instance

if TYPE_CHECKING:
    from tests.web.conftest import Wire

ADMIN = ("admin", "admin")

INCIDENTS = "/api/now/table/incident"
NOT_FOUND = {
    "error": {
        "message": "No Record found",
        "detail": "Record doesn't exist or ACL restricts the record retrieval",
    },
    "status": "failure",
}
UNKNOWN = "0" * 32


def made(wire: Wire, **values: str) -> dict[str, object]:
    answer = wire.post(INCIDENTS, json={"short_description": "made", **values})
    assert answer.status_code == 201, answer.text
    result: dict[str, object] = answer.json()["result"]
    return result


@pytest.mark.parametrize("version", ["", "/v1", "/v2", "/v7"])
@pytest.mark.documented("ServiceNow docs, Table API: 201 with the record and its address, in the version asked through")
def test_insert(wire: Wire, version: str) -> None:
    answer = wire.post(f"/api/now{version}/table/incident", json={"short_description": "x", "nosuch": "y"})
    record = answer.json()["result"]
    assert answer.status_code == 201
    assert answer.headers["Location"] == f"{wire.base_url}/api/now{version}/table/incident/{record['sys_id']}"
    assert record["opened_by"]["link"].startswith(f"{wire.base_url}/api/now{version}/table/sys_user/")
    assert record["short_description"] == "x"
    assert "nosuch" not in record
    assert record["number"].startswith("INC")
    assert record["comments"] == ""
    assert all(value is not None for value in record.values())


@pytest.mark.parametrize("verb", ["PUT", "PATCH"])
@pytest.mark.documented("ServiceNow docs, KB0534905: PUT and PATCH change only the keys that are sent")
def test_update_keeps_other_fields(wire: Wire, verb: str) -> None:
    record = made(wire, description="kept", urgency="2")
    answer = wire.request(verb, f"{INCIDENTS}/{record['sys_id']}", json={"urgency": 1})
    changed = answer.json()["result"]
    assert answer.status_code == 200
    assert (changed["description"], changed["urgency"], changed["sys_mod_count"]) == ("kept", "1", "1")


@pytest.mark.parametrize("verb", ["GET", "PUT", "PATCH", "DELETE"])
@pytest.mark.recorded("captured answers to an unknown sys_id")
def test_unknown_record(wire: Wire, instance: Instance, verb: str) -> None:
    before = instance.system().table("incident").count()
    answer = wire.request(verb, f"{INCIDENTS}/{UNKNOWN}", json={"short_description": "x"})
    assert (answer.status_code, answer.json()) == (404, NOT_FOUND)
    assert instance.system().table("incident").count() == before


@pytest.mark.parametrize("sys_id", ["x", "1 2", "%27%3B--", "a^b", "\u00e4", "%00", "." * 300, "%2E%2E"])
@pytest.mark.assumed("a malformed sys_id is one that no record has")
def test_malformed_sys_id(wire: Wire, sys_id: str) -> None:
    answer = wire.get(f"{INCIDENTS}/{requests.utils.requote_uri(sys_id)}")
    assert (answer.status_code, answer.json()) == (404, NOT_FOUND)


@pytest.mark.documented("ServiceNow docs, Table API: 204 without a body")
def test_delete(wire: Wire) -> None:
    path = f"{INCIDENTS}/{made(wire)['sys_id']}"
    answer = wire.delete(path)
    assert (answer.status_code, answer.content) == (204, b"")
    assert "Content-Type" not in answer.headers
    assert wire.get(path).status_code == 404


@pytest.mark.parametrize("version, status", [("", 200), ("/v2", 200), ("/v3", 200), ("/v1", 404)])
@pytest.mark.documented("ServiceNow docs, Table API: an empty list is 404 in v1 and 200 from v2 on")
def test_a_list_without_match(wire: Wire, version: str, status: int) -> None:
    answer = wire.get(f"/api/now{version}/table/incident?sysparm_query=number=nosuch")
    assert answer.status_code == status
    assert answer.json() == ({"result": []} if status == 200 else NOT_FOUND)


@pytest.mark.parametrize("trailing", ["", "/"])
@pytest.mark.assumed("a slash after the table is tolerated")
def test_trailing_slash(wire: Wire, trailing: str) -> None:
    assert wire.get(f"{INCIDENTS}{trailing}?sysparm_limit=1").status_code == 200


@pytest.mark.parametrize("path", ["foo", "Incident", "sys_user_list", "%27", "inc%20ident", "\u00e4", "foo/" + UNKNOWN])
@pytest.mark.recorded("captured answers to an unknown table; table names are lower case")
def test_unknown_table(wire: Wire, path: str) -> None:
    answer = wire.get(f"/api/now/table/{requests.utils.requote_uri(path)}")
    name = requests.utils.unquote(path.partition("/")[0])
    assert answer.status_code == 400
    assert answer.json() == {"error": {"message": f"Invalid table {name}", "detail": None}, "status": "failure"}


@pytest.mark.recorded("captured: without authentication an unknown table is 401 like any other")
def test_authentication_comes_before_the_table(wire: Wire) -> None:
    assert wire.get("/api/now/table/foo", auth=None).status_code == 401


@pytest.mark.parametrize(
    "verb, path",
    [
        ("PATCH", INCIDENTS),
        ("PUT", INCIDENTS),
        ("DELETE", INCIDENTS),
        ("POST", f"{INCIDENTS}/{UNKNOWN}"),
        ("OPTIONS", INCIDENTS),
    ],
)
@pytest.mark.documented("ServiceNow docs: 405 for a verb that the resource does not have")
def test_unsupported_verbs(wire: Wire, verb: str, path: str) -> None:
    answer = wire.request(verb, path, json={})
    assert answer.status_code == 405
    assert answer.json() == {"error": {"message": "Method not supported", "detail": None}, "status": "failure"}


@pytest.mark.documented("ServiceNow docs: X-HTTP-Method-Override on a POST makes it that verb")
def test_method_override(wire: Wire) -> None:
    path = f"{INCIDENTS}/{made(wire)['sys_id']}"
    patched = wire.post(path, json={"urgency": "1"}, headers={"X-HTTP-Method-Override": "patch"})
    assert (patched.status_code, patched.json()["result"]["urgency"]) == (200, "1")
    assert wire.post(path, headers={"X-HTTP-Method-Override": "DELETE"}).status_code == 204
    assert wire.get(path, headers={"X-HTTP-Method-Override": "DELETE"}).status_code == 404


@pytest.mark.documented("ServiceNow docs: X-no-response-body suppresses the body of a write")
def test_no_response_body(wire: Wire) -> None:
    headers = {"X-no-response-body": "true"}
    created = wire.post(INCIDENTS, json={}, headers=headers)
    assert (created.status_code, created.content) == (201, b"")
    changed = wire.patch(
        created.headers["Location"].removeprefix(wire.base_url), json={"urgency": "1"}, headers=headers
    )
    assert (changed.status_code, changed.content) == (200, b"")


@pytest.mark.documented("ServiceNow docs: HEAD is GET with the headers only")
def test_head(wire: Wire) -> None:
    answer = wire.request("HEAD", f"{INCIDENTS}?sysparm_limit=1")
    assert (answer.status_code, answer.content) == (200, b"")
    assert answer.headers["X-Total-Count"] == wire.get(f"{INCIDENTS}?sysparm_limit=1").headers["X-Total-Count"]


@pytest.mark.parametrize(
    "body",
    [
        {"json": {}},
        {"data": b""},
        {"data": b"  \n"},
        {"json": []},
        {"data": b"null", "headers": {"Content-Type": "application/json"}},
        {"data": b"", "headers": {"Content-Type": "text/plain"}},
    ],
)
@pytest.mark.assumed("client libraries create records from empty bodies")
def test_an_empty_body_inserts_defaults(wire: Wire, body: dict[str, object]) -> None:
    answer = wire.post(INCIDENTS, **body)
    assert answer.status_code == 201
    assert (answer.json()["result"]["state"], answer.json()["result"]["priority"]) == ("1", "5")


@pytest.mark.documented("ServiceNow docs: one record for each call, further members of an array are ignored")
def test_the_first_of_an_array_counts(wire: Wire, instance: Instance) -> None:
    before = instance.system().table("incident").count()
    answer = wire.post(INCIDENTS, json=[{"short_description": "one"}, {"short_description": "two"}])
    assert answer.json()["result"]["short_description"] == "one"
    assert instance.system().table("incident").count() == before + 1


@pytest.mark.parametrize(
    "options",
    [
        {"data": b"{'short_description':'quoted'}", "headers": {"Content-Type": "application/json"}},
        {"data": b'{"short_description":"quoted"}'},
        {
            "data": b"<request><entry><short_description>quoted</short_description></entry></request>",
            "headers": {"Content-Type": "application/xml"},
        },
        {"json": {"short_description": "quoted"}, "headers": {"Content-Type": "application/json; charset=utf-8"}},
        {"data": (part for part in [b'{"short_description"', b':"quoted"}'])},
    ],
    ids=["single quotes", "no content type", "xml", "charset", "chunked"],
)
@pytest.mark.documented("ServiceNow docs: JSON, single-quoted in the curl samples, and XML bodies")
def test_request_bodies(wire: Wire, options: dict[str, object]) -> None:
    options = dict(options)
    if hasattr(options.get("data"), "__next__"):
        options["data"] = iter([b'{"short_description"', b':"quoted"}'])
    answer = wire.post(INCIDENTS, **options)
    assert answer.status_code == 201
    assert answer.json()["result"]["short_description"] == "quoted"


@pytest.mark.parametrize(
    "value, stored",
    [
        ("text", "text"),
        (7, "7"),
        (True, "true"),
        (None, ""),
        ("", ""),
        ("\ud83d\ude00 \u00e4\u4e2d", "\U0001f600 \u00e4\u4e2d"),
    ],
)
@pytest.mark.recorded("clients send numbers and booleans; everything is stored as text")
def test_input_types(wire: Wire, value: object, stored: str) -> None:
    assert made(wire, description=value)["description"] == stored  # type: ignore[arg-type]


@pytest.mark.documented("ServiceNow docs: the XML form of a record")
def test_xml_answer(wire: Wire) -> None:
    path = f"{INCIDENTS}/{made(wire, short_description='a < b')['sys_id']}"
    answer = wire.get(f"{path}?sysparm_fields=short_description,close_notes", headers={"Accept": "application/xml"})
    assert answer.headers["Content-Type"] == "application/xml; charset=UTF-8"
    assert answer.text == (
        '<?xml version="1.0" encoding="UTF-8"?><response><result><short_description>a &lt; b</short_description>'
        "<close_notes/></result></response>"
    )


@pytest.mark.parametrize(
    "query",
    [
        "sysparm_query=number={n}^active=true",
        "sysparm_query=number%3D{n}%5Eactive%3Dtrue",
        "sysparm_query=active=true%5Enumber={n}^ORDERBYnumber",
        "number={n}",
        "number={n}&sysparm_query=active=true",
        "sysparm_query=number={n}&active=true&array=false",
        "number={n}&number=other",
        "sysparm_query=nosuch=x^number={n}",
        "sysparm_query=short_description=a+b|{{c}}^number={n}",
        "sysparm_query=short_description=a%20b%7C%7Bc%7D^number={n}",
        "sysparm_query=^number={n}^&sysparm_limit=garbage&sysparm_offset=-3",
        "sysparm_query=number={n}^EQ",
        "number={n}&opened_by=admin",
        "number={n}&opened_by=System Administrator",
        "number={n}&opened_by=System%20Administrator&state=New&urgency=3 - Low&active=1",
    ],
)
@pytest.mark.recorded("the forms in which connectors and libraries send queries")
def test_ways_to_ask_for_one(wire: Wire, query: str) -> None:
    made(wire, short_description="other")
    record = made(wire, short_description="a b|{c}")
    answer = wire.get(f"{INCIDENTS}?{query.format(n=record['number'])}")
    assert [each["sys_id"] for each in answer.json()["result"]] == [record["sys_id"]]
    assert answer.headers["X-Total-Count"] == "1"


@pytest.mark.recorded("connectors send a JSON body on GET; it has no effect")
def test_a_body_on_get_is_ignored(wire: Wire) -> None:
    assert wire.get(f"{INCIDENTS}?sysparm_limit=1", data=b"{broken", headers={"Content-Type": "x/y"}).status_code == 200


@pytest.mark.parametrize(
    "fields, keys",
    [
        ("number", {"number"}),
        (" number , sys_id,, ", {"number", "sys_id"}),
        ("number,nosuch,nosuch.name", {"number"}),
        ("nosuch", set()),
        ("opened_by.name,opened_by", {"opened_by.name", "opened_by"}),
    ],
)
@pytest.mark.documented("ServiceNow docs: unknown names in sysparm_fields are ignored, dotted ones walk references")
def test_fields(wire: Wire, fields: str, keys: set[str]) -> None:
    answer = wire.get(f"{INCIDENTS}/{made(wire)['sys_id']}", params={"sysparm_fields": fields})
    assert set(answer.json()["result"]) == keys


@pytest.mark.documented("ServiceNow docs: a record of a child class is found through its parent table")
def test_a_child_through_its_parent(wire: Wire) -> None:
    record = made(wire)
    shown = wire.get(f"/api/now/table/task/{record['sys_id']}").json()["result"]
    assert shown["number"] == record["number"]
    assert shown["sys_class_name"] == "incident"
    assert "caller_id" not in shown


@pytest.mark.documented("ServiceNow docs: sysparm_fields wins over sysparm_view")
def test_views(wire: Wire) -> None:
    path = f"{INCIDENTS}/{made(wire)['sys_id']}"
    mobile = wire.get(f"{path}?sysparm_view=mobile").json()["result"]
    assert set(mobile) == {"number", "short_description", "priority", "state", "assigned_to"}
    assert "opened_at" in wire.get(f"{path}?sysparm_view=desktop").json()["result"]
    assert set(wire.get(f"{path}?sysparm_view=mobile&sysparm_fields=sys_id").json()["result"]) == {"sys_id"}
    unknown = wire.get(f"{path}?sysparm_view=nosuch")
    assert "work_notes" in unknown.json()["result"]
    assert "parameter:sysparm_view" in unknown.headers["X-Sandtable-Unsimulated"]


@pytest.mark.documented("ServiceNow docs: sysparm_input_display_value takes labels and display values")
def test_input_display_value(wire: Wire) -> None:
    body = {"urgency": "1 - High", "caller_id": "Abel Tuter"}
    answer = wire.post(f"{INCIDENTS}?sysparm_input_display_value=true&sysparm_display_value=all", json=body)
    record = answer.json()["result"]
    assert record["urgency"]["value"] == "1"
    assert record["caller_id"]["display_value"] == "Abel Tuter"


@pytest.mark.recorded("a live client test: an explicit sys_id is honoured and echoed as sent")
def test_an_explicit_sys_id(wire: Wire) -> None:
    sys_id = "ABCDEFabcdef00000000000000000001"
    answer = wire.post(INCIDENTS, json={"sys_id": sys_id})
    assert answer.json()["result"]["sys_id"] == sys_id
    assert answer.headers["Location"].endswith(sys_id)
    again = wire.post(INCIDENTS, json={"sys_id": sys_id})
    assert again.status_code == 403
    assert "Unique Key violation detected by database" in again.json()["error"]["detail"]


@pytest.mark.recorded("captured: a reference to a record that does not exist is returned as it is, link included")
def test_a_broken_reference(wire: Wire) -> None:
    record = made(wire, assigned_to="no value")
    assert record["assigned_to"] == {"link": f"{wire.base_url}/api/now/table/sys_user/no value", "value": "no value"}


@pytest.mark.documented("ServiceNow docs: passwords are never shown")
def test_passwords_are_hidden(wire: Wire) -> None:
    for mode in ("false", "true", "all"):
        answer = wire.get(f"/api/now/table/sys_user?user_name=admin&sysparm_display_value={mode}")
        assert "$" not in str(answer.json()["result"][0]["user_password"])
    assert ADMIN[1] not in str(answer.json()["result"][0]["user_password"])
