"""The Batch API on the wire."""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING, Any

import pytest

from sandtable.core.platform.instance import Instance

if TYPE_CHECKING:
    import requests
    from tests.web.conftest import Wire

pytestmark = pytest.mark.documented("ServiceNow docs, Batch API")
BATCH = "/api/now/v1/batch"
INCIDENTS = "/api/now/table/incident"


def encoded(value: Any) -> str:
    return base64.b64encode(json.dumps(value).encode()).decode()


def decoded(item: dict[str, Any]) -> Any:
    return json.loads(base64.b64decode(item["body"]))


def header(item: dict[str, Any], name: str) -> str | None:
    return next((each["value"] for each in item["headers"] if each["name"] == name), None)


def send(wire: Wire, *items: dict[str, Any], **options: Any) -> requests.Response:
    return wire.post(BATCH, json={"batch_request_id": "1", "rest_requests": list(items)}, **options)


def get(item_id: Any, url: str, **more: Any) -> dict[str, Any]:
    return {"id": item_id, "method": "GET", "url": url, **more}


@pytest.mark.parametrize("path", [BATCH, "/api/now/batch"])
def test_items_run_in_order_and_fail_alone(wire: Wire, instance: Instance, path: str) -> None:
    sys_id = "0123456789abcdef0123456789abcdef"
    answer = wire.post(
        path,
        json={
            "batch_request_id": 7,
            "rest_requests": [
                {
                    "id": 1,
                    "method": "POST",
                    "url": INCIDENTS,
                    "headers": [{"name": "Content-Type", "value": "application/json"}],
                    "body": encoded({"sys_id": sys_id, "short_description": "batched"}),
                },
                get("2", "/api/now/table/nosuch"),
                {
                    "id": "3",
                    "method": "PATCH",
                    "url": f"{INCIDENTS}/{sys_id}",
                    "body": encoded({"urgency": "1"}),
                },
                get("4", f"{INCIDENTS}?sysparm_query=sys_id={sys_id}&sysparm_fields=short_description,urgency"),
                {"id": "5", "method": "DELETE", "url": f"{INCIDENTS}/{sys_id}"},
            ],
        },
    )
    assert answer.status_code == 200
    content = answer.json()
    assert content["batch_request_id"] == "7"
    assert content["unserviced_requests"] == []
    items = content["serviced_requests"]
    assert [item["id"] for item in items] == ["1", "2", "3", "4", "5"]
    assert [item["status_code"] for item in items] == [201, 400, 200, 200, 204]
    assert [item["status_text"] for item in items] == ["Created", "Bad Request", "OK", "OK", "No Content"]
    assert all(type(item["execution_time"]) is int for item in items)
    assert decoded(items[1])["error"]["message"] == "Invalid table nosuch"
    assert decoded(items[3]) == {"result": [{"short_description": "batched", "urgency": "1"}]}
    assert header(items[3], "X-Total-Count") == "1"
    assert (header(items[3], "Content-Type") or "").startswith("application/json")
    assert items[4]["body"] == ""
    assert instance.system().table("incident").find(sys_id) is None


def test_response_headers_can_be_left_out(wire: Wire) -> None:
    items = send(wire, get("1", f"{INCIDENTS}?sysparm_limit=1", exclude_response_headers=True)).json()
    assert items["serviced_requests"][0]["headers"] == []


@pytest.mark.ours("the answer to an item holds nothing that belongs to a connection or a browser")
def test_an_item_gives_no_session_away(wire: Wire) -> None:
    other = [{"name": "Authorization", "value": "Basic " + base64.b64encode(b"itil:itil").decode()}]
    answer = send(wire, get("1", INCIDENTS), get("2", INCIDENTS, headers=other))
    for item in answer.json()["serviced_requests"]:
        names = [each["name"].lower() for each in item["headers"]]
        assert not {"set-cookie", "connection", "keep-alive", "transfer-encoding"} & set(names)
        # Not the length of the batch's answer, compressed or not, but that of the body in it.
        assert names.count("content-length") == 1
        assert header(item, "Content-Length") == str(len(base64.b64decode(item["body"])))
    assert "JSESSIONID" in answer.cookies


def test_each_item_is_the_callers(wire: Wire, instance: Instance) -> None:
    instance.system().table("sys_user").insert({"user_name": "nobody", "user_password": "test-only", "active": "true"})
    body = encoded({"short_description": "mine"})
    item = {"id": "1", "method": "POST", "url": INCIDENTS, "body": body}
    first = send(wire, item).json()["serviced_requests"][0]
    assert decoded(first)["result"]["sys_created_by"] == "admin"
    denied = send(wire, get("1", "/api/now/stats/sys_security_acl?sysparm_count=true"), auth=("nobody", "test-only"))
    assert denied.json()["serviced_requests"][0]["status_code"] == 403
    assert send(wire, item, auth=None).status_code == 401


@pytest.mark.assumed("an item may say itself who asks")
def test_an_item_with_other_credentials(wire: Wire) -> None:
    wrong = [{"name": "Authorization", "value": "Basic " + base64.b64encode(b"admin:wrong").decode()}]
    items = send(wire, get("1", INCIDENTS, headers=wrong), get("2", f"{INCIDENTS}?sysparm_limit=1")).json()
    assert [item["status_code"] for item in items["serviced_requests"]] == [401, 200]


def test_what_is_not_reached_in_time_is_unserviced(wire: Wire, instance: Instance) -> None:
    instance.set_property("sandtable.batch.seconds", "0")
    content = send(wire, get("1", INCIDENTS), get("2", INCIDENTS)).json()
    assert (content["serviced_requests"], content["unserviced_requests"]) == ([], ["1", "2"])


@pytest.mark.parametrize(
    "options", [{"headers": {"X-BATCHREQUEST-MAX-OUTPUT-SIZE": "200"}}, {}], ids=["header", "property"]
)
def test_output_limit(wire: Wire, instance: Instance, options: dict[str, Any]) -> None:
    small, large = get("1", f"{INCIDENTS}/x"), get("2", "/api/now/table/sys_user")
    if not options:
        instance.set_property("glide.rest.batch.max.outputSize", "0")
    content = send(wire, small, large, small, **options).json()
    if options:
        assert [item["id"] for item in content["serviced_requests"]] == ["1"]
        assert content["unserviced_requests"] == ["2", "1"]
    else:
        assert (content["serviced_requests"], content["unserviced_requests"]) == ([], ["1", "2", "1"])


def test_input_limit_of_an_item(wire: Wire, instance: Instance) -> None:
    instance.set_property("glide.rest.batch.max.inputSize", "0")
    item = {"id": "2", "method": "POST", "url": INCIDENTS, "body": encoded({"short_description": "x"})}
    content = send(wire, get("1", f"{INCIDENTS}?sysparm_limit=1"), item).json()
    assert [each["id"] for each in content["serviced_requests"]] == ["1"]
    assert content["unserviced_requests"] == ["2"]


@pytest.mark.parametrize("kind, status", [("application/json", 200), ("application/xml", 415), ("text/plain", 415)])
def test_only_json(wire: Wire, kind: str, status: int) -> None:
    body = '{"batch_request_id":"1","rest_requests":[]}'
    assert wire.post(BATCH, data=body, headers={"Content-Type": kind}).status_code == status


def test_input_limit(wire: Wire) -> None:
    item = {"id": "1", "method": "POST", "url": INCIDENTS, "body": "A" * (5 * 1024 * 1024)}
    answer = send(wire, item)
    assert answer.status_code == 400
    assert answer.json()["error"]["detail"].startswith("Rejected large REST payload")


@pytest.mark.parametrize(
    "body, word",
    [
        ({}, "batch_request_id"),
        ({"batch_request_id": "1"}, "rest_requests"),
        ({"batch_request_id": "1", "rest_requests": {}}, "rest_requests"),
        ({"batch_request_id": "1", "rest_requests": ["x"]}, "rest_requests"),
        ({"batch_request_id": "1", "rest_requests": [{"method": "GET", "url": "/x"}]}, "rest_requests[0].id"),
        ({"batch_request_id": "1", "rest_requests": [{"id": "1", "method": "BREW", "url": "/x"}]}, "method"),
        ({"batch_request_id": "1", "rest_requests": [{"id": "1", "method": "GET", "url": "http://x/"}]}, "url"),
        ({"batch_request_id": "1", "rest_requests": [get("1", "/x", headers={"a": "b"})]}, "headers"),
        ({"batch_request_id": "1", "rest_requests": [get("1", "/x", body="%%%")]}, "body"),
        ({"batch_request_id": "1", "rest_requests": [get("1", "/x", body=5)]}, "body"),
    ],
)
@pytest.mark.assumed("the status is documented, the words are ours")
def test_bad_structure(wire: Wire, body: Any, word: str) -> None:
    answer = wire.post(BATCH, json=body)
    assert answer.status_code == 400
    assert word in answer.json()["error"]["detail"]


@pytest.mark.ours("a batch inside a batch is a request like any other")
def test_nested(wire: Wire) -> None:
    inner = encoded({"batch_request_id": "in", "rest_requests": [get("x", f"{INCIDENTS}?sysparm_limit=1")]})
    item = send(wire, {"id": "out", "method": "POST", "url": BATCH, "body": inner}).json()["serviced_requests"][0]
    assert decoded(item)["serviced_requests"][0]["status_code"] == 200


@pytest.mark.parametrize("method", ["GET", "PUT", "PATCH", "DELETE"])
def test_only_post(wire: Wire, method: str) -> None:
    assert wire.request(method, BATCH).status_code == 405


@pytest.mark.ours("a line break in a header of an item begins no other header")
def test_hostile_headers(wire: Wire) -> None:
    hostile = [{"name": "X\r\nAccept", "value": "text/html\r\nAuthorization: none"}]
    item = send(wire, get("1", f"{INCIDENTS}?sysparm_limit=1", headers=hostile)).json()["serviced_requests"][0]
    assert item["status_code"] == 200


@pytest.mark.ours("half of a surrogate pair, which JSON can spell, is a character that no record has")
def test_halves_of_characters(wire: Wire) -> None:
    answer = send(wire, get("\ud800", INCIDENTS + "/\ud800"), get("2", INCIDENTS + "?sysparm_query=number=\udfff"))
    one, other = answer.json()["serviced_requests"]
    assert (one["status_code"], other["status_code"], decoded(other)) == (404, 200, {"result": []})


@pytest.mark.ours("the requests of a batch go to the world that the batch was sent to")
def test_worlds() -> None:
    from sandtable.library.in_process import session_for
    from sandtable.serving.assembly import make_worlds
    from sandtable.settings.settings import Settings
    from sandtable.web.app import create_app

    worlds = make_worlds(Settings(random_seed=1))
    other = worlds.create("other")
    other.system().table("incident").insert({"short_description": "of the other world"})
    body = {"batch_request_id": "1", "rest_requests": [get("1", f"{INCIDENTS}?sysparm_fields=short_description")]}
    with session_for(create_app(worlds), "https://dev00000.service-now.com") as session:
        session.auth = ("admin", "admin")
        for prefix, expected in (("/_worlds/other", [{"short_description": "of the other world"}]), ("", [])):
            answer = session.post(f"https://dev00000.service-now.com{prefix}{BATCH}", json=body)
            assert decoded(answer.json()["serviced_requests"][0]) == {"result": expected}


@pytest.mark.documented("support articles as Pedr0Leite/obsidian-servicenow-docs tells them: a fault of Zurich")
@pytest.mark.parametrize("raw", [" ", ",", "|"])
def test_addresses_that_are_not_encoded(wire: Wire, instance: Instance, raw: str) -> None:
    item = get("1", f"{INCIDENTS}?sysparm_query=short_description=a{raw}b")
    encoded_too = get("2", f"{INCIDENTS}?sysparm_query=short_description=a%2Cb")
    statuses = {}
    for taken in ("true", "false"):
        instance.set_property("sandtable.batch.raw_addresses", taken)
        answer = send(wire, item, encoded_too).json()["serviced_requests"]
        statuses[taken] = [each["status_code"] for each in answer]
    assert statuses == {"true": [200, 200], "false": [400, 200]}
