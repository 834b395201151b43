"""What a plain client sees of each fault, in process and over a socket, and what it leaves behind in the instance."""

from __future__ import annotations

import json
import time
from email.utils import parsedate_to_datetime
from typing import Any

import pytest
import requests

from sandtable.faults.catalogue import CATALOGUE
from sandtable.oauth import tokens
from sandtable.oauth.users import by_sys_id

pytestmark = [pytest.mark.ours("each fault does what its page says, in process as over a socket"), pytest.mark.sockets]

STAGING = "x_elas2_inc_int_elastic_incident"
INTEGRATION = ("elastic.integration", "elastic-integration")


def test_every_fault_of_the_catalogue_is_tested_here() -> None:
    tested = {name for name in globals() if name.startswith("test_")}
    missing = [kind.kind for kind in CATALOGUE if not any(kind.kind.replace("-", "_") in name for name in tested)]
    assert missing == []


# answers in place of the instance's ----------------------------------------------------------------------------------


@pytest.mark.documented("ServiceNow documentation, inbound REST API rate limiting: status, body and headers")
def test_rate_limited(client: Any) -> None:
    client.instance.clock.freeze()
    client.plan("rate-limited", {"limit": 500}, times=1)
    before = client.incidents()
    answer = client.create()
    now = client.instance.clock.timestamp()
    reset = int(answer.headers["X-RateLimit-Reset"])
    assert answer.status_code == 429
    assert answer.json() == {
        "error": {
            "message": "Rate limit exceeded",
            "detail": "Rate limit of 500 requests per hour for Table API exceeded",
        },
        "status": "failure",
    }
    assert answer.headers["X-RateLimit-Limit"] == "500"
    assert "X-RateLimit-Remaining" not in answer.headers
    assert reset % 3600 == 0
    assert 0 < reset - now <= 3600
    assert int(answer.headers["Retry-After"]) == pytest.approx(reset - now, abs=1)
    assert client.incidents() == before
    assert client.create().status_code == 201


def test_rate_limited_answers_in_the_format_asked_for_and_only_to_those_who_may_ask(client: Any) -> None:
    client.plan("rate-limited", {"retry_after": 7})
    answer = client.create(headers={"Accept": "application/xml"})
    assert answer.status_code == 429
    assert answer.headers["Retry-After"] == "7"
    assert answer.text.startswith("<?xml")
    assert "Rate limit exceeded" in answer.text
    assert client.create(auth=("admin", "wrong")).status_code == 401


def test_server_error(client: Any) -> None:
    client.plan("server-error", {"message": "Script failed", "detail": "at line 3"})
    before = client.incidents()
    answer = client.create()
    assert answer.status_code == 500
    assert answer.json() == {"error": {"message": "Script failed", "detail": "at line 3"}, "status": "failure"}
    assert client.incidents() == before


@pytest.mark.parametrize("status", [502, 503, 504])
def test_unavailable(client: Any, status: int) -> None:
    client.plan("unavailable", {"status": status, "retry_after": 30})
    answer = client.listed()
    assert answer.status_code == status
    assert answer.headers["Content-Type"].startswith("text/html")
    assert answer.headers["Retry-After"] == "30"
    assert answer.text.startswith("<!DOCTYPE html>")


@pytest.mark.documented("RFC 9110, section 10.2.3: Retry-After is a number of seconds, or a date")
def test_unavailable_until_a_date(client: Any) -> None:
    client.instance.clock.freeze()
    client.plan("unavailable", {"retry_after": 30, "as_date": True})
    until = parsedate_to_datetime(client.listed().headers["Retry-After"])
    assert 29 <= (until - client.instance.clock.now()).total_seconds() <= 30


@pytest.mark.recorded("sleeping developer instances: status 200, text/html, the title of the page")
def test_hibernating(client: Any) -> None:
    client.plan("hibernating")
    before = client.incidents()
    answer = client.create()
    assert answer.status_code == 200
    assert answer.headers["Content-Type"].startswith("text/html")
    assert "<title>Instance Hibernating page</title>" in answer.text
    assert client.incidents() == before


def test_hibernating_instance_wakes_after_calls(client: Any) -> None:
    client.plan("hibernating", {"status": 503, "wakes_after_calls": 2})
    assert [client.listed().status_code for _ in range(4)] == [503, 503, 200, 200]


def test_hibernating_instance_wakes_after_time_of_its_clock(client: Any) -> None:
    client.instance.clock.freeze()
    client.plan("hibernating", {"wakes_after_seconds": 60})
    assert "Hibernating" in client.listed().text
    client.instance.clock.advance(59)
    assert "Hibernating" in client.listed().text
    client.instance.clock.advance(1)
    assert "result" in client.listed().json()


def test_the_first_call_finds_an_instance_asleep_however_soon_it_wakes(client: Any) -> None:
    client.plan("hibernating", {"wakes_after_seconds": 0})
    assert "Hibernating" in client.listed().text
    assert client.listed().json() == {"result": []}


def test_maintenance(client: Any) -> None:
    client.instance.clock.freeze()
    client.plan("maintenance", {"seconds": 600, "retry_after": 600})
    answer = client.listed()
    assert answer.status_code == 503
    assert answer.headers["Retry-After"] == "600"
    assert "maintenance" in answer.text
    client.instance.clock.advance(600)
    assert client.listed().status_code == 200


def test_login_redirect(client: Any) -> None:
    client.plan("login-redirect")
    answer = client.listed()
    assert answer.status_code == 302
    assert answer.headers["Location"] == "/login.do"
    followed = client.session.get(client.base_url + "/api/now/table/incident", auth=("admin", "admin"))
    assert followed.status_code == 200
    assert followed.headers["Content-Type"].startswith("text/html")
    assert [each.status_code for each in followed.history] == [302]


# connections that break ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("ending", ["reset", "closed"])
def test_connection_reset(client: Any, ending: str) -> None:
    client.plan("connection-reset", {"ending": ending}, times=1)
    before = client.incidents()
    with pytest.raises(requests.ConnectionError) as caught:
        client.create()
    assert ("reset" in str(caught.value).lower()) is (ending == "reset")
    assert client.incidents() == before
    assert client.create().status_code == 201


@pytest.mark.parametrize("ending", ["reset", "closed"])
def test_lost_answer(client: Any, ending: str) -> None:
    client.plan("lost-answer", {"ending": ending}, times=1)
    before = client.incidents()
    with pytest.raises(requests.ConnectionError):
        client.create()
    assert client.incidents() == before + 1


def test_lost_answer_after_the_time_out_of_the_client(client: Any) -> None:
    client.plan("lost-answer", {"seconds": 1.0}, times=1)
    before = client.incidents()
    with pytest.raises(requests.ReadTimeout):
        client.create(timeout=0.6)
    client.settle()
    assert client.incidents() == before + 1


@pytest.mark.parametrize("keep", [0.0, 0.5, 1.0])
def test_truncated_body(client: Any, keep: float) -> None:
    client.plan("truncated-body", {"keep": keep}, times=1)
    before = client.incidents()
    with pytest.raises((requests.ConnectionError, requests.exceptions.ChunkedEncodingError)):
        client.create()
    assert client.incidents() == before + 1


def test_truncated_body_that_looks_whole(client: Any) -> None:
    client.plan("truncated-body", {"ending": "complete", "keep": 0.5}, times=1)
    answer = client.create()
    assert answer.status_code == 201
    assert answer.text.startswith('{"result":{')
    with pytest.raises(ValueError):
        answer.json()


def test_of_a_truncated_body_at_least_one_byte_is_missing(client: Any) -> None:
    whole = client.listed().content
    client.plan("truncated-body", {"ending": "complete", "keep": 1}, times=1)
    assert client.listed().content == whole[:-1]


# bodies that are no good ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("damage", ["unclosed", "garbage", "empty"])
def test_malformed_body(client: Any, damage: str) -> None:
    client.plan("malformed-body", {"damage": damage}, times=1)
    answer = client.create()
    assert answer.status_code == 201
    assert answer.headers["Content-Type"].startswith("application/json")
    assert (answer.content == b"") is (damage == "empty")
    with pytest.raises(ValueError):
        answer.json()


def test_wrong_content_type(client: Any) -> None:
    client.plan("wrong-content-type", {"content_type": "text/plain"}, times=1)
    answer = client.create()
    assert answer.headers["Content-Type"] == "text/plain"
    assert answer.json()["result"]["short_description"] == "made"


@pytest.mark.assumed("access control hides rows after they were counted, so the total stays")
def test_zero_rows(client: Any) -> None:
    client.create()
    total = client.listed().headers["X-Total-Count"]
    client.plan("zero-rows", times=2)
    answer = client.listed()
    assert answer.status_code == 200
    assert answer.json() == {"result": []}
    assert answer.headers["X-Total-Count"] == total != "0"
    xml = client.listed(headers={"Accept": "application/xml"})
    assert "<result>" not in xml.text
    assert "<response" in xml.text


def test_zero_rows_can_say_so_and_leaves_single_records_alone(client: Any) -> None:
    made = client.create().json()["result"]["sys_id"]
    client.plan("zero-rows", {"total": "zero"})
    assert client.listed().headers["X-Total-Count"] == "0"
    assert client.call("GET", f"/api/now/table/incident/{made}").json()["result"]["sys_id"] == made


@pytest.mark.recorded("a transaction cancelled after its output began: status 200, a partial list, then the error")
def test_transaction_cancelled_after_output(client: Any) -> None:
    for _ in range(3):
        client.create()
    whole = client.listed().json()["result"]
    client.plan("transaction-cancelled", {"output": "after"}, times=1)
    answer = client.listed()
    document = answer.json()
    assert answer.status_code == 200
    assert document["result"] == whole[: (len(whole) + 1) // 2]
    assert document["status"] == "failure"
    assert document["error"]["message"] == "Transaction cancelled: maximum execution time exceeded"


@pytest.mark.recorded("a transaction cancelled before its output began: status 500, and the write may have happened")
def test_transaction_cancelled_before_output(client: Any) -> None:
    client.plan("transaction-cancelled", times=1)
    before = client.incidents()
    answer = client.create()
    assert answer.status_code == 500
    assert answer.json()["status"] == "failure"
    assert client.incidents() == before + 1


# inside the instance -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("which, number", [("first", 0), ("last", 1)])
def test_duplicate_delivery(client: Any, which: str, number: int) -> None:
    client.plan("duplicate-delivery", {"answer": which}, times=1)
    before = client.incidents()
    answer = client.create()
    made = [each["number"] for each in client.instance.system().table("incident").query("ORDERBYnumber")]
    assert client.incidents() == before + 2
    assert answer.json()["result"]["number"] == made[-2:][number]


def test_duplicate_delivery_of_a_chunked_body(client: Any) -> None:
    client.plan("duplicate-delivery", times=1)
    before = client.incidents()
    parts = (part for part in (b'{"short_desc', b'ription":"in parts"}'))
    answer = client.call("POST", "/api/now/table/incident", data=parts, headers={"Content-Type": "application/json"})
    assert answer.json()["result"]["short_description"] == "in parts"
    assert client.incidents() == before + 2


@pytest.mark.recorded("Import Set API: a row whose target a business rule refuses is answered with 201 and an error")
def test_import_row_error(client: Any) -> None:
    client.plan("import-row-error", {"rule": "Frozen for audit"}, times=1)
    before = client.incidents()
    row = {"short_description": "x", "correlation_id": "r:a"}
    answer = client.call("POST", f"/api/now/import/{STAGING}", json=row, auth=INTEGRATION)
    assert answer.status_code == 201
    result = answer.json()["result"][0]
    assert result["status"] == "error"
    assert "Frozen for audit" in result["error_message"]
    assert client.incidents() == before
    staged = client.instance.system().table(STAGING).query("correlation_id=r:a")
    assert [each["sys_import_state"] for each in staged] == ["error"]
    again = client.call("POST", f"/api/now/import/{STAGING}", json=row, auth=INTEGRATION)
    assert again.json()["result"][0]["status"] == "inserted"


def bearer(client: Any) -> str:
    """Return an access token of the integration user, issued by the instance."""
    instance = client.instance
    with instance.transaction():
        system = instance.system()
        entity = system.table("oauth_entity").insert({"name": "test client", "client_id": "c1", "type": "client"})
        found = (
            system.table("sys_user")
            .page("", limit=1, offset=0, filters={"user_name": "elastic.integration"})
            .records[0]
        )
        user = by_sys_id(instance, found.sys_id)
        refresh = tokens.issue_refresh(instance, entity, user, scope="useraccount", grant_type="password")
        issued = tokens.issue(instance, entity, user, scope="useraccount", grant_type="password", refresh=refresh)
        return issued["token"]


def test_expired_token_and_revoked_token_only_end_the_one_presented(client: Any) -> None:
    one, other = bearer(client), bearer_again(client)
    client.plan("expired-token", times=1, after=1)
    assert called_with(client, one) == 200
    assert called_with(client, one) == 401
    assert called_with(client, one) == 401
    assert called_with(client, other) == 200
    client.plan("revoked-token", times=1)
    assert called_with(client, other) == 401
    credentials = client.instance.system().table("oauth_credential")
    refresh = {each.sys_id: each["expires"] for each in credentials.query("type=refresh_token")}
    behind = {each["token"]: each["refresh_token"] for each in credentials.query("type=access_token")}
    now = client.instance.clock.text()
    assert refresh[behind[one]] > now, "an expired token leaves its refresh token alone"
    assert refresh[behind[other]] <= now, "a revoked one takes it along"
    third = bearer_again(client)
    client.plan("revoked-token", {"also": ""}, times=1)
    assert called_with(client, third) == 401
    refresh = {each.sys_id: each["expires"] for each in credentials.query("type=refresh_token")}
    behind = {each["token"]: each["refresh_token"] for each in credentials.query("type=access_token")}
    assert refresh[behind[third]] > now, "unless it is told not to"


def bearer_again(client: Any) -> str:
    """Return a second token, of the same client and user."""
    instance = client.instance
    with instance.transaction():
        entity = instance.system().table("oauth_entity").first("client_id=c1")
        user = instance.acting_as("elastic.integration").user
        assert entity is not None
        assert user is not None
        refresh = tokens.issue_refresh(instance, entity, user, scope="useraccount", grant_type="password")
        issued = tokens.issue(instance, entity, user, scope="useraccount", grant_type="password", refresh=refresh)
        return issued["token"]


def called_with(client: Any, token: str) -> int:
    """Return the status of a call with a bearer token."""
    headers = {"Authorization": f"Bearer {token}"}
    return client.listed(auth=None, headers=headers).status_code


@pytest.mark.parametrize("seconds", [7200.0, -7200.0])
def test_clock_jump(client: Any, seconds: float) -> None:
    client.instance.clock.freeze()
    before = client.instance.clock.timestamp()
    client.plan("clock-jump", {"seconds": seconds}, times=1)
    made = client.create().json()["result"]["sys_created_on"]
    assert client.instance.clock.timestamp() == before + seconds
    assert made == client.instance.clock.text()
    client.plan("clock-jump", {"seconds": seconds, "moment": "after"}, times=1)
    assert client.create().json()["result"]["sys_created_on"] == made
    assert client.instance.clock.timestamp() == before + 2 * seconds


# time ----------------------------------------------------------------------------------------------------------------


def test_latency(client: Any) -> None:
    client.plan("latency", {"seconds": 0.05}, times=1)
    start = time.perf_counter()
    assert client.create().status_code == 201
    assert time.perf_counter() - start >= 0.05


def test_latency_beyond_the_time_out_of_the_client(client: Any) -> None:
    client.plan("latency", {"seconds": 1.0}, times=1)
    with pytest.raises(requests.ReadTimeout):
        client.create(timeout=0.6)


def test_latency_of_the_instances_clock_costs_no_real_time(client: Any) -> None:
    client.instance.clock.freeze()
    before = client.instance.clock.timestamp()
    client.plan("latency", {"seconds": 3000, "passes": "clock"}, times=1)
    assert client.create(timeout=30).status_code == 201
    assert client.instance.clock.timestamp() == before + 3000


@pytest.mark.documented("ServiceNow documentation: Server-Timing tells how long a request waited for a semaphore")
def test_slow_semaphores(client: Any) -> None:
    client.plan("slow-semaphores", {"seconds": 2.5, "passes": "clock"}, times=1)
    answer = client.listed()
    assert answer.status_code == 200
    assert answer.headers["Server-Timing"] == "sem_wait;dur=2500, sesh_wait;dur=0"


def test_slow_semaphores_with_a_full_queue(client: Any) -> None:
    client.plan("slow-semaphores", {"semaphores": 0, "queue": 0})
    answer = client.listed()
    assert answer.status_code == 429
    assert answer.headers["Content-Type"].startswith("text/html")


@pytest.mark.documented(
    "ServiceNow support articles KB0564204 and KB3047080: 202 for one request of a session too many"
)
def test_session_queue(client: Any) -> None:
    client.plan("session-queue")
    before = client.incidents()
    assert client.create().status_code == 201
    cookie = {"Cookie": "glide_user_route=x; JSESSIONID=0123456789ABCDEF"}
    answer = client.create(headers=cookie)
    assert answer.status_code == 202
    assert answer.headers["Content-Type"].startswith("text/html")
    assert client.incidents() == before + 1


@pytest.mark.documented(
    "ServiceNow support articles KB0564204 and KB3047080: 202 for one request of a session too many"
)
def test_session_queue_for_everyone(client: Any) -> None:
    client.plan("session-queue", {"everyone": True}, times=1)
    before = client.incidents()
    assert client.create().status_code == 202
    assert client.incidents() == before
    assert client.create().status_code == 201


@pytest.mark.documented("LetPeopleWork/Lighthouse, findings; intuitem/ciso-assistant-community 4674")
def test_unstable_order(client: Any) -> None:
    for number in range(12):
        client.instance.system().table("incident").insert({"short_description": f"{number}", "correlation_id": "tie"})

    def listed(query: str) -> list[str]:
        answer = client.listed(params={"sysparm_query": query, "sysparm_fields": "sys_id"})
        return [row["sys_id"] for row in answer.json()["result"]]

    ties, complete = "correlation_id=tie^ORDERBYcorrelation_id", "correlation_id=tie^ORDERBYsys_id"
    assert listed(ties) == listed(ties)
    client.plan("unstable-order")
    several = [listed(ties) for _ in range(3)]
    assert several[0] != several[1] != several[2]
    assert {tuple(sorted(rows)) for rows in several} == {tuple(listed(complete))}
    assert listed(complete) == sorted(several[0])


# together ------------------------------------------------------------------------------------------------------------


def test_faults_compose_outermost_first(client: Any) -> None:
    client.instance.clock.freeze()
    before = client.instance.clock.timestamp()
    client.plan("latency", {"seconds": 10, "passes": "clock"})
    client.plan("duplicate-delivery")
    client.plan("clock-jump", {"seconds": 100})
    client.plan("wrong-content-type", {"content_type": "text/plain"})
    incidents = client.incidents()
    answer = client.create()
    assert answer.headers["Content-Type"] == "text/plain"
    assert client.incidents() == incidents + 2
    assert client.instance.clock.timestamp() == before + 10 + 2 * 100


def test_a_script_takes_turns_and_ends(client: Any) -> None:
    script = ["rate-limited", "pass", {"fault": "unavailable", "with": {"status": 502}}]
    client.world.faults.add({"script": script, "when": {"method": "POST"}})
    assert client.listed().status_code == 200
    assert [client.create().status_code for _ in range(5)] == [429, 201, 502, 201, 201]


def test_the_test_plane_is_out_of_reach_of_faults(client: Any) -> None:
    client.plan("connection-reset")
    assert client.call("GET", "/_sandtable/health/ready").status_code == 200
    assert client.call("DELETE", "/_sandtable/faults").status_code == 204
    assert client.listed().status_code == 200


def test_a_head_request_has_no_body_whatever_goes_wrong(client: Any) -> None:
    client.plan("unavailable")
    answer = client.call("HEAD", "/api/now/table/incident")
    assert answer.status_code == 503
    assert answer.content == b""


def test_compressed_answers_are_changed_as_well(client: Any) -> None:
    for _ in range(10):
        client.create()
    client.plan("malformed-body", {"damage": "garbage"})
    answer = client.listed(headers={"Accept-Encoding": "gzip"})
    assert b"<<garbage>>" in answer.content
    with pytest.raises(ValueError):
        json.loads(answer.content)
