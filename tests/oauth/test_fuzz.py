"""Whatever is sent to the token endpoint and the verifier, there is an answer, and never one that is a bug of ours."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

import jwt
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sandtable.core.platform.instance import Instance
from sandtable.oauth.endpoints import authorization, server
from sandtable.oauth.endpoints.request import HttpRequest
from sandtable.oauth.errors import InvalidGrant, OAuthError
from sandtable.oauth.signed import compact

pytestmark = pytest.mark.ours("bad input gets a refusal, never a traceback, and leaves nothing half written")

SHARED = "shared key for fuzzing only, long enough for the digest"
BEARER = "urn:ietf:params:oauth:grant-type:jwt-bearer"
TAMED = settings(
    max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)

texts = st.text(max_size=40) | st.sampled_from(
    [
        "",
        " ",
        "fuzz",
        "a^ORb=c",
        "' OR 1=1",
        "../../x",
        "\r\nX: y",
        "\ud7ff",
        "%00",
        "javascript:gs.x()",
        "\u202e",
        "\U0001f600",
    ]
)
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=6,
)
parameter_names = st.sampled_from(
    [
        *("grant_type", "client_id", "client_secret", "username", "password", "scope", "assertion", "refresh_token"),
        *("code", "redirect_uri", "code_verifier", "state", "x"),
    ]
)
grant_types = st.sampled_from([grant.grant_type for grant in server.GRANTS])


@pytest.fixture
def fuzz_client(instance: Instance) -> Instance:
    system = instance.system()
    system.table("sys_user").insert(
        {"user_name": "fuzz", "email": "fuzz", "user_password": "fuzz", "first_name": "Fuzz"}
    )
    client = system.table("oauth_jwt").insert(
        {"name": "Fuzz", "client_id": "fuzz", "client_secret": "fuzz", "inbound_grant_type": "multiple"}
    )
    system.table("jwt_verifier_map").insert(
        {"name": "Fuzz", "oauth_jwt": client.sys_id, "kid": "fuzz", "shared_key": SHARED}
    )
    return instance


def answered(instance: Instance, asked: HttpRequest) -> int:
    """Send a request, check that the answer is one of the endpoint's own, and return its status."""
    answers = []
    for profile in ("servicenow", "rfc"):
        instance.set_property("sandtable.oauth.error_profile", profile)
        answers.append(server.answer_token_request(instance, asked))
    opaque, plain = answers
    assert "X-Sandtable-Error" not in {**opaque.headers, **plain.headers}
    for answer in answers:
        assert json.loads(answer.body) == dict(answer.document)
        assert all(value.isprintable() and value.isascii() for value in answer.headers.values())
    assert plain.status in (200, 400, 401, 405, 413)
    if opaque.status != 200:
        assert opaque.status in (401, 413)
        assert opaque.document.keys() == {"error_description", "error"}
    return opaque.status


@TAMED
@given(
    method=st.sampled_from(["POST", "POST", "POST", "GET", "\ud7ff", ""]),
    body=st.binary(max_size=200)
    | st.lists(st.tuples(parameter_names, texts), max_size=8).map(lambda pairs: urlencode(pairs).encode()),
    query=st.text(max_size=30),
    content_type=st.sampled_from(["application/x-www-form-urlencoded", "application/json", "", ";", "x;charset"])
    | st.text(max_size=30),
    authorization_header=st.none() | st.text(max_size=60) | st.binary(max_size=30).map(lambda b: f"Basic {b.hex()}"),
)
def test_any_request(
    fuzz_client: Instance,
    method: str,
    body: bytes,
    query: str,
    content_type: str,
    authorization_header: str | None,
) -> None:
    headers = {"content-type": content_type}
    if authorization_header is not None:
        headers["authorization"] = authorization_header
    assert answered(fuzz_client, HttpRequest(method, body, query, headers)) in (200, 401, 413)


@TAMED
@given(grant_type=grant_types, extra=st.dictionaries(parameter_names, texts, max_size=6))
def test_any_parameters_of_a_known_client(fuzz_client: Instance, grant_type: str, extra: dict[str, str]) -> None:
    form = {"client_id": "fuzz", "client_secret": "fuzz", **extra, "grant_type": grant_type}
    body = urlencode(form, errors="surrogatepass").encode()
    answered(fuzz_client, HttpRequest("POST", body, headers={"content-type": "application/x-www-form-urlencoded"}))


claims_of_any_kind = st.fixed_dictionaries(
    {},
    optional={
        "iss": st.just("fuzz") | json_values,
        "aud": st.just("fuzz") | st.just(["fuzz"]) | json_values,
        "sub": st.just("fuzz") | json_values,
        "exp": st.integers(-(10**20), 10**20) | json_values,
        "nbf": st.integers(0, 10**12) | json_values,
        "iat": st.integers(0, 10**12) | json_values,
        "jti": texts | json_values,
        "extra": json_values,
    },
)


@settings(TAMED, max_examples=150)
@given(
    claims=claims_of_any_kind, header=st.dictionaries(st.sampled_from(["kid", "typ", "crit", "jwk", "x"]), json_values)
)
def test_any_claims_signed_in_earnest(
    fuzz_client: Instance, ask: Callable[..., Any], claims: dict[str, Any], header: dict[str, Any]
) -> None:
    instance = fuzz_client
    instance.set_property("sandtable.oauth.error_profile", "servicenow")
    signed = jwt.PyJWS().encode(json.dumps(claims).encode(), SHARED, algorithm="HS256", headers={"kid": "fuzz"})
    odd = _signed_with_header({"alg": "HS256", "kid": "fuzz", **header}, claims)
    form = {"grant_type": BEARER, "client_id": "fuzz", "client_secret": "fuzz"}
    for assertion in (signed, odd):
        tokens = instance.system().table("oauth_credential")
        before = tokens.count()
        answer, reason = ask({**form, "assertion": assertion})
        assert "server_error" not in reason
        assert tokens.count() - before == (1 if answer.status == 200 else 0)
        if answer.status == 200:
            now = instance.clock.timestamp()
            assert claims["iss"] == "fuzz"
            assert claims["aud"] == "fuzz" or "fuzz" in claims["aud"]
            assert str(claims["sub"]).casefold() == "fuzz"
            assert claims["exp"] > now - 301


def _signed_with_header(header: dict[str, Any], claims: dict[str, Any]) -> str:
    import base64
    import hashlib
    import hmac

    def part(data: bytes) -> str:
        return base64.urlsafe_b64encode(data).rstrip(b"=").decode()

    text = f"{part(json.dumps(header).encode())}.{part(json.dumps(claims).encode())}"
    return f"{text}.{part(hmac.new(SHARED.encode(), text.encode(), hashlib.sha256).digest())}"


@TAMED
@given(
    text=st.text(max_size=120)
    | st.lists(st.binary(max_size=30), max_size=5).map(lambda parts: b".".join(parts).decode("latin-1"))
)
def test_any_text_as_assertion(text: str) -> None:
    try:
        parsed = compact.parse(text)
    except InvalidGrant:
        return
    assert parsed.text == text
    assert text.count(".") == 2


@TAMED
@given(
    parameters=st.dictionaries(
        st.sampled_from(
            ["client_id", "redirect_uri", "response_type", "state", "scope", "code_challenge", "code_challenge_method"]
        ),
        texts | st.sampled_from(["code", "token", "S256", "https://client.example.com/cb"]),
    ),
    known=st.booleans(),
)
def test_any_authorization_request(fuzz_client: Instance, parameters: dict[str, str], *, known: bool) -> None:
    instance = fuzz_client
    client = instance.system().table("oauth_entity").first("client_id=fuzz")
    assert client is not None
    instance.system().table("oauth_entity").update(client.sys_id, {"redirect_url": "https://client.example.com/cb"})
    asked = {**parameters, **({"client_id": "fuzz"} if known else {})}
    try:
        found = authorization.parse_authorization_request(instance, asked)
        location = found.location(code="c")
    except authorization.Refusal as refusal:
        location = refusal.location
    except OAuthError:
        return
    assert location.startswith("https://client.example.com/cb?")
    assert location.isascii()
    assert location.isprintable()
