"""The redactor against arbitrary secrets in arbitrary places."""

from __future__ import annotations

import json
from base64 import b64decode, b64encode
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote, quote_plus, urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandtable.library.in_process import session_for
from sandtable.recording import Exchange, RecordedAnswer, RecordedRequest, RecordingProxy, Redactor, records_of
from sandtable.recording.exchanges import Body
from sandtable.recording.matching import differences
from sandtable.serving.server import Server

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

pytestmark = pytest.mark.ours(
    "a secret that was seen is nowhere in the file, and the request is recognised all the same"
)

# What people and generators choose as secrets; marked, so that none is a word of the file itself.
ANY = st.characters(min_codepoint=33, max_codepoint=0x24F, exclude_characters=":")
SECRETS = st.text(ANY, min_size=4, max_size=18).map(lambda text: f"~{text}9")
WORDS = st.text(st.characters(min_codepoint=32, max_codepoint=0x24F), max_size=12)
NOTHING = RecordedAnswer(204, "No Content")
PLACES = ("basic", "bearer", "apikey", "cookie", "member", "form")


def request_with(place: str, secret: str) -> tuple[list[tuple[str, str]], bytes, str]:
    """Return headers, body and media type of a request that has the secret in its place."""
    headers = {
        "basic": [("Authorization", "Basic " + b64encode(f"user:{secret}".encode()).decode())],
        "bearer": [("Authorization", f"Bearer {secret}")],
        "apikey": [("x-sn-apikey", secret)],
        "cookie": [("Cookie", f"first=1; JSESSIONID={quote(secret, safe='')}; last=1")],
    }.get(place, [])
    if place == "form":
        return (
            headers,
            urlencode({"grant_type": "password", "password": secret}).encode(),
            "application/x-www-form-urlencoded",
        )
    body = {"a": "b", "password": secret} if place == "member" else {"a": "b"}
    return headers, json.dumps(body).encode(), "application/json"


@given(secret=SECRETS, words=WORDS, place=st.sampled_from(PLACES))
def test_no_secret_survives(secret: str, words: str, place: str) -> None:
    redactor = Redactor("https://acme.service-now.com")
    seen = quote(secret, safe="") if place == "cookie" else secret
    headers, body, kind = request_with(place, secret)
    first = redactor.request("POST", "/login", "", [*headers, ("Content-Type", kind)], body)
    # The same text once more, where nobody expects it.
    text = f"{words}{seen}{words}"
    query = urlencode({"sysparm_query": f"descriptionLIKE{text}"})
    again = json.dumps({"description": text, "nested": [{"comments": seen}]}).encode()
    second = redactor.request("POST", "/api/now/table/incident", query, [("Content-Type", "application/json")], again)
    answer = redactor.answer(200, "OK", [("Content-Type", "application/json"), ("X-Note", seen)], again)
    for recorded, answered in ((first, RecordedAnswer(200, "OK")), (second, answer)):
        written = Exchange("0001-POST-x.json", recorded, answered).as_json()
        json.loads(written)
        for form in {seen, quote(seen, safe=""), quote_plus(seen), json.dumps(seen)[1:-1]}:
            assert form not in written.replace("\\\\", "\\"), (form, written)
    plain = redactor.plain("POST", "/api/now/table/incident", query, "application/json", again)
    assert differences(second, plain) == []
    assert differences(first, redactor.plain("POST", "/login", "", kind, body)) == []


@given(value=st.emails(), column=st.sampled_from(["email", "mobile_phone", "u_nickname"]))
def test_no_personal_value_survives(value: str, column: str) -> None:
    redactor = Redactor("https://acme.service-now.com", ["u_nickname"])
    shown = {"value": value, "display_value": value, "link": "https://acme.service-now.com/x"}
    rows = json.dumps({"result": [{column: value}, {column: shown}, {"comments": f"ask {value}!"}]}).encode()
    answer = redactor.answer(200, "OK", [("Content-Type", "application/json")], rows)
    assert answer.body.text is not None
    assert value not in answer.body.text
    assert "acme" not in answer.body.text
    names = {each for row in json.loads(answer.body.text)["result"][:1] for each in row.values()}
    escaped = value.replace("^", "^^")
    query = f"{column}={escaped}^ORcaller_id.{column}={escaped}"
    asked = redactor.request("GET", "/api/now/table/sys_user", urlencode({"sysparm_query": query}), [], b"")
    (pseudonym,) = names
    assert dict(asked.query)["sysparm_query"] == f"{column}={pseudonym}^ORcaller_id.{column}={pseudonym}"


def batch(secret: str, url: str) -> bytes:
    """Return a batch whose first request has a secret in its headers, its address and its body."""
    inner = {"user_name": "x", "user_password": secret, "email": f"{secret}@example.com"}
    first = {
        "id": "1",
        "method": "POST",
        "url": url,
        "headers": [{"name": "Authorization", "value": f"Bearer {secret}"}, {"name": "Accept", "value": "text/plain"}],
        "body": b64encode(json.dumps(inner).encode()).decode(),
    }
    second = {"id": "2", "method": "GET", "url": "/api/now/table/incident", "body": b64encode(b'{"a": "b"}').decode()}
    return json.dumps({"batch_request_id": "1", "rest_requests": [first, second]}).encode()


@given(secret=SECRETS)
def test_no_secret_survives_within_a_batch(secret: str) -> None:
    redactor = Redactor("https://acme.service-now.com")
    url = "/api/now/table/sys_user?" + urlencode(
        {"sysparm_query": f"user_password={secret.replace('^', '^^')}", "x": 1}
    )
    kind = [("Content-Type", "application/json")]
    asked = redactor.request("POST", "/api/now/v1/batch", "", kind, batch(secret, url))
    served = b64encode(json.dumps({"result": {"token": secret, "number": "INC1"}}).encode()).decode()
    cookie = {"name": "Set-Cookie", "value": f"a={secret}; Path=/"}
    outcome = {"serviced_requests": [{"id": "1", "status_code": 200, "body": served, "headers": [cookie]}]}
    answer = redactor.answer(200, "OK", kind, json.dumps(outcome).encode())
    written = Exchange("0001-POST-x.json", asked, answer).as_json()
    packed = [
        b64decode(asked.body.json["rest_requests"][0]["body"]).decode(),
        b64decode(answer.body.json["serviced_requests"][0]["body"]).decode(),
    ]
    for form in {secret, quote(secret, safe=""), quote_plus(secret), json.dumps(secret)[1:-1]}:
        assert form not in "".join([written, *packed]).replace("\\\\", "\\")
    assert json.loads(packed[0]) == {"user_name": "x", "user_password": "********", "email": "redacted-1"}
    assert json.loads(packed[1]) == {"result": {"token": "********", "number": "INC1"}}
    assert asked.body.json["rest_requests"][0]["headers"][1] == {"name": "Accept", "value": "text/plain"}
    assert b64decode(asked.body.json["rest_requests"][1]["body"]) == b'{"a": "b"}'
    again = redactor.plain("POST", "/api/now/v1/batch", "", "application/json", batch(secret + "x", url))
    assert differences(asked, again) == []
    other = batch(secret, url).replace(b64encode(b'{"a": "b"}'), b64encode(b'{"a": "c"}'))
    assert differences(asked, redactor.plain("POST", "/api/now/v1/batch", "", "application/json", other)) != []


@pytest.mark.parametrize(
    "name",
    ["api_key", "apiKey", "X-Api-Key", "sysparm_token", "accessToken", "clientSecret", "u_new_password", "pwd"],
)
def test_what_others_call_their_secrets(name: str) -> None:
    redactor = Redactor("https://acme.service-now.com")
    secrets = [f"s3cret-{number}" for number in range(5)]
    query = urlencode({name: secrets[0], "sysparm_query": f"active=true^{name.replace('-', '_')}={secrets[1]}^state=1"})
    body = json.dumps({name: secrets[2], "a": {name: {"value": secrets[3], "display_value": secrets[3], "link": "/x"}}})
    headers = [("Content-Type", "application/json"), (name, secrets[4])]
    written = Exchange(
        "0001-POST-x.json", redactor.request("POST", "/x", query, headers, body.encode()), NOTHING
    ).as_json()
    assert [secret for secret in secrets if secret in written] == []
    assert '"/x"' in written
    assert "active=true^" in written
    assert "^state=1" in written
    xml = f"<a><{name}>{secrets[0]}9</{name}><b>kept</b></a>".encode()
    answer = redactor.answer(200, "OK", [("Content-Type", "application/xml")], xml)
    assert answer.body.text == f"<a><{name}>********</{name}><b>kept</b></a>"


def test_a_header_that_is_named_is_left_out() -> None:
    redactor = Redactor("https://acme.service-now.com", ["X-Acme-Ident"])
    asked = redactor.request("GET", "/x", "note=of+joe-the-admin", [("X-Acme-Ident", "joe-the-admin")], b"")
    assert (asked.headers["x-acme-ident"], asked.query) == ("********", (("note", "of ********"),))


def test_a_signed_token_is_one_wherever_it_stands() -> None:
    redactor = Redactor("https://acme.service-now.com")
    token = ".".join(
        b64encode(part).decode().rstrip("=") for part in (b'{"alg":"RS256"}', b'{"sub":"ada"}', b"signature")
    )
    body = json.dumps({"comments": f"sent {token}, and was refused"}).encode()
    asked = redactor.request("POST", "/x", "", [("Content-Type", "application/json")], body)
    assert asked.body.json == {"comments": "sent ********, and was refused"}
    assert differences(asked, redactor.plain("POST", "/x", "", "application/json", body)) == []


def test_records_are_taken_as_they_were_first_seen() -> None:
    sys_id = "a" * 32
    exchanges = []
    for number, values in enumerate(({"state": "1"}, {"state": "2", "number": "INC1"}), 1):
        body = Body(json.dumps({"result": [{"sys_id": sys_id, **values}]}))
        asked = RecordedRequest("GET", "/api/now/table/incident")
        exchanges.append(Exchange(f"000{number}-GET-x.json", asked, RecordedAnswer(200, "OK", body=body)))
    assert records_of(exchanges).records == {"incident": [{"sys_id": sys_id, "state": "1", "number": "INC1"}]}


@pytest.mark.parametrize(
    "url, shown",
    [
        ("http://127.0.0.1:1", "a=1; HttpOnly; Path=/"),
        ("https://127.0.0.1:1", "a=1; Secure; HttpOnly; Path=/"),
    ],
)
def test_cookies_are_bound_to_the_proxy_and_no_longer_to_the_instance(url: str, shown: str, tmp_path: Path) -> None:
    def upstream(environ: WSGIEnvironment, start_response: StartResponse) -> list[bytes]:
        cookie = "a=1; Domain=acme.service-now.com; Secure; HttpOnly; Path=/"
        start_response("200 OK", [("Set-Cookie", cookie), ("Content-Length", "0")])
        return []

    with Server(upstream) as server, session_for(RecordingProxy(server.url, tmp_path), url) as session:
        assert session.get(f"{url}/x").headers["Set-Cookie"] == shown


@pytest.mark.parametrize(
    "recorded, given, found",
    [
        ("a=1&b=2", "b=2&a=1", []),
        ("a=1&a=2", "a=2&a=1", []),
        ("a=1", "a=1&b=2", ["b='2' was not there"]),
        ("a=1", "a=1&a=1", ["a='1' was not there"]),
        ("a=1&b=2", "a=1", ["b='2' is missing"]),
        ("a=1", "a=2", ["a is '2', recorded was '1'"]),
        ("a=x********", "a=xyz", []),
        ("a=x********", "a=yz", ["a is 'yz', recorded was 'x********'"]),
        ("a=redacted-1 b", "a=anybody b", []),
        ("a=", "a=", []),
    ],
)
def test_where_the_query_of_a_request_differs(recorded: str, given: str, found: list[str]) -> None:
    def asked(text: str) -> RecordedRequest:
        pairs = [part.split("=") for part in text.split("&")]
        return RecordedRequest("GET", "/x", tuple((name, value) for name, value in pairs))

    one, other = asked(recorded), asked(given)
    assert differences(one, other) == found
