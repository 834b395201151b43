"""The request journal, verification against it, and the ledger of what is not simulated."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest

from sandtable.library.plane_client import PlaneRefusal
from sandtable.web.journal.redaction import header_shown

pytestmark = pytest.mark.ours("the journal tells what came in and what became of it, and keeps secrets")

SECRETS = ("hunter2-secret", "t0ken-secret", "cl13nt-secret", "c00kie-secret")


def test_an_entry_tells_the_whole_story(plane: Any) -> None:
    plane.call(
        "POST",
        "/api/now/table/incident?sysparm_fields=number&sysparm_made_up=1",
        json={"short_description": "x"},
        headers={"X-Test": "here"},
    )
    (entry,) = plane.control.requests()
    assert (entry["method"], entry["path"], entry["status"]) == ("POST", "/api/now/table/incident", 201)
    assert entry["query"] == "sysparm_fields=number&sysparm_made_up=1"
    assert entry["request_headers"]["x-test"] == "here"
    assert json.loads(entry["request_body"]) == {"short_description": "x"}
    assert list(json.loads(entry["response_body"])["result"]) == ["number"]
    assert entry["response_headers"]["X-Is-Logged-In"] == "true"
    assert (entry["user"], entry["table"], entry["api"]) == ("admin", "incident", "Table API")
    assert entry["unsimulated"] == ["parameter:sysparm_made_up"]
    made = [each for each in entry["changes"] if each["table"] == "incident"]
    assert [each["operation"] for each in made] == ["insert"]
    assert made[0]["display"].startswith("INC")
    assert made[0]["values"]["short_description"] == ["", "x"]
    assert plane.control.call("GET", f"/requests/{entry['id']}") == entry


def test_an_import_tells_every_record_that_it_changed(plane: Any) -> None:
    path = "/api/now/import/x_elas2_inc_int_elastic_incident"
    body = {"short_description": "x", "correlation_id": "r:a"}
    plane.call("POST", path, json=body, auth=("elastic.integration", "elastic-integration"))
    (entry,) = plane.control.requests()
    changed = {each["table"]: each["operation"] for each in entry["changes"]}
    assert changed["incident"] == "insert"
    assert changed["x_elas2_inc_int_elastic_incident"] == "insert"
    assert entry["user"] == "elastic.integration"


def test_a_refused_write_changes_nothing(plane: Any) -> None:
    plane.call("POST", "/api/now/table/incident", json={"state": "7"})
    (entry,) = plane.control.requests()
    assert entry["status"] == 403
    assert [each["table"] for each in entry["changes"]] == ["sys_number_counter"], "only the number is used up"


def test_a_refusal_is_explained_in_the_journal(plane: Any) -> None:
    plane.call("GET", "/api/now/table/incident", auth=("admin", "wrong"))
    plane.call("GET", "/api/now/table/incident", auth=("nobody.here", "x"))
    plane.call("GET", "/api/now/table/incident", auth=None)
    reasons = [" ".join(each["explanations"]) for each in plane.control.requests(status=401)]
    assert "the password of the user 'admin'" in reasons[0]
    assert "no user with the user name 'nobody.here'" in reasons[1]
    assert "no credentials" in reasons[2]


def test_secrets_are_stars(plane: Any) -> None:
    plane.call("GET", "/api/now/table/incident", auth=("admin", SECRETS[0]))
    plane.call("GET", "/api/now/table/incident", auth=None, headers={"Authorization": f"Bearer {SECRETS[1]}"})
    plane.call("GET", f"/api/now/table/incident?x-sn-apikey={SECRETS[1]}", auth=None)
    plane.call("GET", "/api/now/table/incident", headers={"Cookie": f"JSESSIONID={SECRETS[3]}; other={SECRETS[3]}"})
    form = {"grant_type": "password", "username": "admin", "password": SECRETS[0], "client_secret": SECRETS[2]}
    plane.call("POST", "/oauth_token.do", data=form, auth=None)
    plane.call("POST", "/api/now/table/sys_user", json={"user_name": "x", "user_password": SECRETS[0]})
    xml = f"<request><entry><user_name>y</user_name><user_password>{SECRETS[0]}</user_password></entry></request>"
    plane.call("POST", "/api/now/table/sys_user", data=xml, headers={"Content-Type": "application/xml"})
    plane.call(
        "POST",
        "/api/now/table/sys_user",
        data=f'{{"user_password": "{SECRETS[0]}',
        headers={"Content-Type": "application/json"},
    )
    entries = plane.control.requests()
    shown = json.dumps(entries)
    assert len(entries) == 8
    assert [secret for secret in SECRETS if secret in shown] == []
    assert "grant_type=password&username=admin&password=********" in shown
    assert "JSESSIONID=********" in shown
    assert "Basic ********" in shown


def test_secrets_within_a_batch_are_stars(plane: Any) -> None:
    inner = base64.b64encode(json.dumps({"user_name": "z", "user_password": SECRETS[0]}).encode()).decode()
    headers = [{"name": "Authorization", "value": f"Bearer {SECRETS[1]}"}, {"name": "Accept", "value": "text/plain"}]
    requests = [
        {"id": "1", "method": "POST", "url": "/api/now/table/sys_user", "headers": headers, "body": inner},
        {"id": "2", "method": "GET", "url": f"/api/now/table/sys_user?access_token={SECRETS[2]}&sysparm_limit=1"},
    ]
    answer = plane.call("POST", "/api/now/v1/batch", json={"batch_request_id": "1", "rest_requests": requests})
    assert answer.status_code == 200
    (entry, *_) = plane.control.requests(path="/api/now/v1/batch")
    shown = json.dumps(plane.control.requests())
    assert [secret for secret in SECRETS if secret in shown] == []
    seen = json.loads(entry["request_body"])["rest_requests"]
    assert seen[0]["headers"][0]["value"] == "Bearer ********"
    assert seen[0]["headers"][1]["value"] == "text/plain"
    assert json.loads(base64.b64decode(seen[0]["body"])) == {"user_name": "z", "user_password": "********"}
    assert seen[1]["url"] == "/api/now/table/sys_user?access_token=********&sysparm_limit=1"


@pytest.mark.parametrize("kept", [0, 30_000])
def test_secrets_within_a_batch_that_is_too_large_to_keep_are_stars(plane: Any, kept: int) -> None:
    inner = json.dumps({"user_name": "z", "user_password": SECRETS[0], "u_long": "x" * (65_536 - kept)})
    packed = base64.b64encode(inner.encode()).decode()
    bearer, cookie = f"Bearer {SECRETS[1]}", f"glide_session={SECRETS[3]}"
    headers = [{"name": "Authorization", "value": bearer}, {"value": cookie, "name": "Cookie"}]
    url = f"/api/now/table/sys_user?access_token={SECRETS[2]}"
    one = {"id": "1", "method": "POST", "url": url, "headers": headers, "body": packed}
    batch = {"batch_request_id": "1", "rest_requests": [one, {**one, "id": "2"}]}
    assert plane.call("POST", "/api/now/v1/batch", json=batch).status_code == 200
    shown = json.dumps(plane.control.requests())
    (entry, *_) = plane.control.requests(path="/api/now/v1/batch")
    assert entry["request_body"].count("Bearer ********") >= 1
    assert "glide_session=********" in entry["request_body"]
    packed_secret = base64.b64encode(inner.encode())[:60].decode()
    assert [secret for secret in (*SECRETS, packed_secret) if secret in shown] == []


def test_secrets_in_queries_are_stars(plane: Any) -> None:
    query = f"active=true^user_password={SECRETS[0]}^ORmanager.client_secretLIKE{SECRETS[2]}^name=a"
    plane.call("GET", "/api/now/table/sys_user", params={"sysparm_query": query, "apiKey": SECRETS[1]})
    (entry,) = plane.control.requests()
    assert [secret for secret in SECRETS if secret in json.dumps(entry)] == []
    starred = "active=true^user_password=********^ORmanager.client_secretLIKE********^name=a"
    assert entry["query"] == f"sysparm_query={starred}&apiKey=********"
    plane.call("GET", "/api/now/table/sys_user", params={"sysparm_query": "name=a b^state=1"})
    assert plane.control.requests()[1]["query"] == "sysparm_query=name%3Da+b%5Estate%3D1", "as it was sent"


def test_an_api_key_is_secret_whatever_its_parameter_is_called(plane: Any) -> None:
    for kind, name in (("auth_header", "X-Acme-Ident"), ("query_param", "ident")):
        plane.control.insert("sys_token_auth_parameter", {"type": kind, "parameter_name": name})
    headers = {"X-Acme-Ident": SECRETS[1]}
    plane.call("GET", f"/api/now/table/incident?ident={SECRETS[2]}", auth=None, headers=headers)
    (entry,) = plane.control.requests()
    assert [secret for secret in SECRETS if secret in json.dumps(entry)] == []
    assert (entry["query"], entry["request_headers"]["x-acme-ident"]) == ("ident=********", "********")


@pytest.mark.parametrize(
    ("name", "value", "shown"),
    [
        *((name, SECRETS[1], "********") for name in ("X-UserToken", "X-UserToken-Response", "x-sn-apikey")),
        *((name, SECRETS[1], "********") for name in ("X-Sandtable-Token", "X-SN-HMAC-Signature-256", "X-MFA_Token")),
        *((name, SECRETS[1], "********") for name in ("X-Api-Key", "ApiKey", "X-Client-Secret", "X-Auth-Token")),
        ("Authorization", f"Bearer {SECRETS[1]}", "Bearer ********"),
        ("Proxy-Authorization", SECRETS[1], "********"),
        ("Cookie", f"a={SECRETS[3]}; b={SECRETS[3]}", "a=********; b=********"),
        ("Set-Cookie", f"a={SECRETS[3]}; Path=/; HttpOnly", "a=********; Path=/; HttpOnly"),
        ("Location", f"https://x.example/?code={SECRETS[1]}&state=1", "https://x.example/?code=********&state=1"),
        ("Content-Type", "text/plain", "text/plain"),
    ],
)
def test_which_headers_are_stars(name: str, value: str, shown: str) -> None:
    assert header_shown(name, value) == shown


def test_tokens_in_answers_are_stars(plane: Any) -> None:
    entity = plane.control.insert(
        "oauth_entity", {"name": "c", "client_id": "cid", "client_secret": "s3cret-of-client", "type": "client"}
    )
    form = {
        "grant_type": "password",
        "username": "admin",
        "password": "admin",
        "client_id": "cid",
        "client_secret": "s3cret-of-client",
    }
    answer = plane.call("POST", "/oauth_token.do", data=form, auth=None)
    assert answer.status_code == 200, answer.text
    (entry,) = plane.control.requests()
    shown = json.dumps(entry)
    assert entity["sys_id"]
    for name in ("access_token", "refresh_token"):
        assert answer.json()[name] not in shown
    assert "s3cret-of-client" not in shown


def test_secrets_in_changed_records_and_addresses_are_stars(plane: Any) -> None:
    values = {"name": "c", "client_id": "cid", "client_secret": SECRETS[2], "type": "client"}
    made = plane.call("POST", "/api/now/table/oauth_entity", json=values)
    assert made.status_code == 201
    plane.call("GET", "/api/now/table/incident", headers={"Referer": f"https://x.example/?code={SECRETS[1]}&a=1"})
    entries = plane.control.requests()
    shown = json.dumps(entries)
    assert [secret for secret in SECRETS if secret in shown] == []
    (change,) = [each for each in entries[0]["changes"] if each["table"] == "oauth_entity"]
    assert change["values"]["client_secret"] == ["", "********"]
    assert entries[1]["request_headers"]["referer"] == "https://x.example/?code=********&a=1"


@pytest.mark.parametrize("how", [{"type": "password2"}, {"is_private": "true"}])
def test_values_of_private_properties_are_stars(plane: Any, how: dict[str, str]) -> None:
    values = {"name": "my.own", "value": SECRETS[0], **how}
    made = plane.call("POST", "/api/now/table/sys_properties", json=values).json()["result"]
    address = f"/api/now/table/sys_properties/{made['sys_id']}"
    plane.call("PATCH", address, json={"value": SECRETS[1]})
    plane.control.snapshot("before")
    plane.call("DELETE", address)
    entries = plane.control.requests()
    shown = json.dumps([entries[0], [each["changes"] for each in entries], plane.control.difference("before")])
    assert [secret for secret in SECRETS if secret in shown] == []
    assert entries[0]["changes"][0]["values"]["value"] == ["", "********"]
    plane.call("POST", "/api/now/table/sys_properties", json={"name": "my.other", "value": "for all"})
    assert plane.control.requests()[-1]["changes"][0]["values"]["value"] == ["", "for all"]


def test_ids_go_on_when_the_journal_is_emptied(plane: Any) -> None:
    plane.create()
    (first,) = plane.control.requests()
    plane.control.forget_requests()
    plane.create()
    (second,) = plane.control.requests(since=first["id"])
    plane.control.reset()
    plane.create()
    (third,) = plane.control.requests(since=second["id"])
    assert (second["id"], third["id"]) == (first["id"] + 1, first["id"] + 2), "who follows the journal misses nothing"


def test_filters_narrow_the_journal(plane: Any) -> None:
    for _ in range(3):
        plane.create()
    plane.call("GET", "/api/now/table/sys_user?sysparm_limit=1")
    plane.call("GET", "/api/now/table/nothing")
    assert len(plane.control.requests()) == 5
    assert len(plane.control.requests(method="post")) == 3
    assert len(plane.control.requests(path="/api/now/table/*")) == 5
    assert [each["table"] for each in plane.control.requests(table="sys_*")] == ["sys_user"]
    assert [each["status"] for each in plane.control.requests(status=400)] == [400]
    third = plane.control.requests()[2]["id"]
    assert len(plane.control.requests(since=third)) == 2
    assert [each["id"] for each in plane.control.requests(limit=1)] == [plane.control.requests()[-1]["id"]]
    assert len(plane.control.requests(body_contains="made", user="admin")) == 3
    assert plane.control.requests(members="status, path", status=400) == [
        {"path": "/api/now/table/nothing", "status": 400}
    ]
    plane.control.forget_requests()
    assert plane.control.requests() == []


def test_the_journal_keeps_the_newest(plane: Any) -> None:
    plane.instance.set_property("sandtable.journal.size", "3")
    for _ in range(5):
        plane.create()
    ids = [each["id"] for each in plane.control.requests()]
    assert len(ids) == 3
    assert ids == sorted(ids)


def test_a_large_body_is_kept_in_part(plane: Any) -> None:
    plane.create(description="x" * 300_000)
    (entry,) = plane.control.requests()
    assert len(entry["request_body"]) < 70_000
    assert entry["request_body"].endswith("bytes more]")


def test_the_journal_shows_faults_and_how_the_exchange_ended(plane: Any) -> None:
    plane.control.add_fault("unavailable", times=1)
    plane.call("GET", "/api/now/table/incident")
    plane.control.add_fault("lost-answer", {"ending": "closed"}, times=1)
    with pytest.raises(Exception, match="Connection aborted"):
        plane.create()
    first, second = plane.control.requests()
    assert (first["faults"], first["status"], first["ending"]) == (["unavailable"], 503, "complete")
    assert (first["user"], first["table"]) == ("admin", "incident"), "whom it was from and what for, answered or not"
    assert (second["faults"], second["status"], second["ending"]) == (["lost-answer"], 201, "closed")
    assert any(each["table"] == "incident" for each in second["changes"])


# verification --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "expected, verified",
    [
        ({}, True),
        ({"exactly": 3}, True),
        ({"exactly": 2}, False),
        ({"exactly": 0}, False),
        ({"at_least": 3}, True),
        ({"at_least": 4}, False),
        ({"at_most": 3}, True),
        ({"at_most": 2}, False),
        ({"at_least": 1, "at_most": 5}, True),
    ],
)
def test_counts_are_verified(plane: Any, expected: dict[str, int], verified: bool) -> None:
    for _ in range(3):
        plane.create()
    plane.call("GET", "/api/now/table/incident")
    answer = plane.control.verify({"method": "POST", "body": {"short_description": "made"}}, **expected)
    assert answer["verified"] is verified
    assert answer["count"] == 3


def test_no_request_verifies_only_what_expects_none(plane: Any) -> None:
    assert plane.control.verify({"method": "POST"})["verified"] is False
    assert plane.control.verify({"method": "POST"}, exactly=0)["verified"] is True
    assert plane.control.verify({"method": "POST"}, at_most=2)["verified"] is True


def test_near_misses_say_what_was_there_instead(plane: Any) -> None:
    plane.create(urgency="1")
    plane.call("GET", "/api/now/table/sys_user", params={"sysparm_limit": "10"})
    match = {
        "method": "POST",
        "path": "/api/now/table/incident",
        "query": {"sysparm_fields": "number"},
        "body": {"urgency": "2", "short_description": "made"},
        "user": "admin",
    }
    answer = plane.control.verify(match)
    assert answer["verified"] is False
    nearest = answer["near_misses"][0]
    assert nearest["request"].endswith("POST /api/now/table/incident -> 201")
    assert nearest["reasons"] == [
        "query parameter sysparm_fields: expected 'number', was not sent",
        "body.urgency: expected '2', was '1'",
    ]
    farther = answer["near_misses"][1]
    assert "method: expected POST, was GET" in farther["reasons"]
    assert "body: expected JSON, was empty" in farther["reasons"]


def test_too_many_is_told_without_near_misses(plane: Any) -> None:
    plane.create()
    plane.create()
    answer = plane.control.verify({"method": "POST"}, at_most=1)
    assert (answer["verified"], answer["expected"], answer["near_misses"]) == (False, "at most 1", [])
    assert len(answer["matching"]) == 2


@pytest.mark.parametrize(
    "body, field",
    [
        ({"match": {"verb": "GET"}}, "match.verb"),
        ({"match": {"path": "api"}}, "match.path"),
        ({"match": {"query": ["a"]}}, "match.query"),
        ({"match": {"query": {"a": 1}}}, "match.query.a"),
        ({"match": {"status": 42}}, "match.status"),
        ({"exactly": -1}, "exactly"),
        ({"exactly": "one"}, "exactly"),
        ({"exactly": 1, "at_least": 1}, "exactly"),
        ({"at_least": 3, "at_most": 1}, "at_most"),
    ],
)
def test_a_bad_expectation_is_refused(plane: Any, body: dict[str, Any], field: str) -> None:
    answer = plane.raw("POST", "/verify", json=body)
    assert answer.status_code == 422
    assert answer.json()["error"]["field"] == field


# the ledger ----------------------------------------------------------------------------------------------------------


def test_the_ledger_counts_what_is_not_simulated(plane: Any) -> None:
    for _ in range(2):
        plane.call("GET", "/api/now/table/incident?sysparm_made_up=1")
    assert (
        plane.control.unsimulated() == [{"kind": "parameter", "name": "sysparm_made_up", "detail": "", "count": 2}]
        or plane.control.unsimulated()[0]["count"] == 2
    )
    plane.control.forget_unsimulated()
    assert plane.control.unsimulated() == []


def test_an_unknown_request_is_named(plane: Any) -> None:
    for number in ("999999", "x", "-1", "9" * 5000):
        with pytest.raises(PlaneRefusal) as caught:
            plane.control.call("GET", f"/requests/{number}")
        assert caught.value.status == 404
