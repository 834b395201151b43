"""The redactor against arbitrary secrets in arbitrary places."""

from __future__ import annotations

import json
from base64 import b64encode
from urllib.parse import quote, quote_plus, urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandtable.recording import Exchange, RecordedAnswer, Redactor
from sandtable.recording.matching import differences

pytestmark = pytest.mark.ours(
    "a secret that was seen is nowhere in the file, and the request is recognised all the same"
)

# What people and generators choose as secrets; marked, so that none is a word of the file itself.
ANY = st.characters(min_codepoint=33, max_codepoint=0x24F, exclude_characters=":")
SECRETS = st.text(ANY, min_size=4, max_size=18).map(lambda text: f"~{text}9")
WORDS = st.text(st.characters(min_codepoint=32, max_codepoint=0x24F), max_size=12)
PLACES = ("basic", "bearer", "apikey", "cookie", "member", "form")


def request_with(place: str, secret: str) -> tuple[list[tuple[str, str]], bytes, str]:
    """Return headers, body and media type of a request that has the secret in its place."""
    headers = {
        "basic": [("Authorization", "Basic " + b64encode(f"user:{secret}".encode()).decode())],
        "bearer": [("Authorization", f"Bearer {secret}")],
        "apikey": [("x-sn-apikey", secret)],
        "cookie": [("Cookie", f"JSESSIONID={quote(secret, safe='')}; other=1")],
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
