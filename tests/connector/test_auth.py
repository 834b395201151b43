"""Authentication as generators, driven by hand: no transport takes part."""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

from sandtable_connector import MemoryTokenCache, StoredToken, errors
from sandtable_connector.auth import carry_out
from sandtable_connector.auth.assertion import Assertion, SigningKey
from sandtable_connector.auth.basic import Basic
from sandtable_connector.auth.oauth_jwt import GRANT_TYPE, OAuthJwt
from sandtable_connector.errors import Redactor
from sandtable_connector.transport import Request, Response

pytestmark = pytest.mark.recorded("Kibana's unit tests of its OAuth client; observed with jsonwebtoken 9")

NOW = 1_700_000_000.0
SECRET = "client secret!'()*"
CALL = Request("GET", "https://h/x")


@dataclass
class Parts:
    """An OAuth scheme with everything it touches at hand."""

    scheme: OAuthJwt
    tokens: Any
    log: list[tuple[str, str]]
    time: list[float] = field(default_factory=list)


@pytest.fixture
def parts(rsa_pem: str) -> Any:
    def make(tokens: Any = None, **more: Any) -> Parts:
        log: list[tuple[str, str]] = []
        time = [NOW]
        cache = tokens if tokens is not None else MemoryTokenCache()
        settings: dict[str, Any] = {
            "connector_id": "c1",
            "token_url": lambda: "https://h/oauth_token.do",
            "client_id": "client",
            "client_secret": SECRET,
            "user": "a@b.c",
            "key_id": "kid-1",
            "key": SigningKey(rsa_pem),
            "tokens": cache,
            "clock": lambda: time[0],
            "log": lambda level, text: log.append((level, text)),
            "redact": Redactor([SECRET]),
            "headers": {"Accept": "x"},
        }
        return Parts(OAuthJwt(**{**settings, **more}), cache, log, time)

    return make


def token(body: Any = None, status: int = 200, text: str | None = None) -> Response:
    given = {"access_token": "T", "token_type": "Bearer", "expires_in": 1799} if body is None else body
    return Response(status, {}, (text if text is not None else json.dumps(given)).encode(), "https://h/oauth_token.do")


@pytest.mark.documented("RFC 7617: user name and password in UTF-8, base64")
@pytest.mark.parametrize("username, password", [("u", "p"), ("ü", "p:ä"), ("u", "")])
def test_basic(username: str, password: str) -> None:
    flow = Basic(username, password).flow(CALL)
    sent = next(flow)
    scheme, _, value = sent.headers["Authorization"].partition(" ")
    assert (scheme, base64.b64decode(value).decode()) == ("Basic", f"{username}:{password}")
    with pytest.raises(StopIteration):
        flow.send(Response(200))


def test_a_cold_flow_asks_for_a_token_and_then_calls(parts: Any, rsa_key: rsa.RSAPrivateKey) -> None:
    made = parts()
    flow = made.scheme.flow(CALL)
    asked = next(flow)
    assert (asked.method, asked.url) == ("POST", "https://h/oauth_token.do")
    assert asked.headers == {
        "Accept": "x",
        "Content-Type": "application/x-www-form-urlencoded; charset=UTF-8",
    }
    body = (asked.body or b"").decode()
    assert [pair.partition("=")[0] for pair in body.split("&")] == [
        "assertion",
        "client_id",
        "client_secret",
        "grant_type",
    ]
    assert "client_secret=client%20secret%21%27%28%29%2A&" in body
    assert body.endswith("&grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Ajwt-bearer")
    form = {name: values[0] for name, values in parse_qs(body).items()}
    assert form["client_secret"] == SECRET
    assert form["grant_type"] == GRANT_TYPE
    assert jwt.get_unverified_header(form["assertion"]) == {"alg": "RS256", "typ": "JWT", "kid": "kid-1"}
    claims = jwt.decode(
        form["assertion"], rsa_key.public_key(), ["RS256"], audience="client", options={"verify_exp": False}
    )
    assert claims == {"sub": "a@b.c", "aud": "client", "iss": "client", "iat": int(NOW), "exp": int(NOW) + 3600}
    called = flow.send(token())
    assert (called.url, called.headers["Authorization"]) == (CALL.url, "Bearer T")
    with pytest.raises(StopIteration):
        flow.send(Response(200))
    assert made.tokens.read("c1") == StoredToken("Bearer T", "2023-11-14T22:43:19.000Z")


def test_a_token_is_used_until_it_expires_and_not_a_moment_longer(parts: Any) -> None:
    made = parts()
    answers = iter([token({"access_token": "T", "token_type": "B", "expires_in": 10}), Response(200)])
    carry_out(made.scheme, CALL, lambda request: next(answers))
    made.time[0] = NOW + 9.999
    assert next(made.scheme.flow(CALL)).headers["Authorization"] == "B T"
    made.time[0] = NOW + 10
    assert next(made.scheme.flow(CALL)).method == "POST"


def test_the_lifetime_counts_from_before_the_request(parts: Any) -> None:
    made = parts()
    flow = made.scheme.flow(CALL)
    next(flow)
    made.time[0] = NOW + 100  # the endpoint took its time
    flow.send(token({"access_token": "T", "token_type": "B", "expires_in": 10}))
    assert made.tokens.read("c1").expiry() == NOW + 10


@pytest.mark.parametrize(
    "status, deleted",
    [
        (399, False),
        (400, True),
        (401, True),
        (403, True),
        (404, True),
        (429, True),
        (499, True),
        (500, False),
        (503, False),
        (200, False),
    ],
)
def test_any_4xx_deletes_the_token_and_nothing_is_replayed(parts: Any, status: int, deleted: bool) -> None:
    made = parts()
    made.tokens.write("c1", StoredToken.until("Bearer T", NOW + 60))
    flow = made.scheme.flow(CALL)
    next(flow)
    with pytest.raises(StopIteration):
        flow.send(Response(status))
    assert (made.tokens.read("c1") is None) is deleted


def test_a_refused_token_request_deletes_nothing(parts: Any) -> None:
    made = parts()
    made.tokens.write("c1", StoredToken.until("Bearer old", NOW - 1))
    flow = made.scheme.flow(CALL)
    next(flow)
    with pytest.raises(errors.TokenRefused):
        flow.send(token({"error": "x"}, 401))
    assert made.tokens.read("c1") is not None


@pytest.mark.parametrize(
    "answer, kind, text",
    [
        (
            token({"error_description": "User not found", "error": "invalid_grant"}, 401),
            errors.TokenRefused,
            '{"error":"invalid_grant","error_description":"User not found"}',
        ),
        (token(status=400, text="<html>"), errors.TokenRefused, '"<html>"'),
        (token(status=401, text=""), errors.TokenRefused, '""'),
        (token({"b": {"d": 1, "c": 2}, "a": "é"}, 201), errors.TokenRefused, '{"a":"é","b":{"c":2,"d":1}}'),
        (token({"error": "down"}, 503), errors.TokenUnavailable, '{"error":"down"}'),
        (token({"error": "slow"}, 429), errors.TokenUnavailable, '{"error":"slow"}'),
        (token({"error": f"bad {SECRET}"}, 401), errors.TokenRefused, '{"error":"bad [redacted]"}'),
    ],
)
def test_what_a_refusal_says(parts: Any, answer: Response, kind: type[errors.ConnectorError], text: str) -> None:
    made = parts()
    flow = made.scheme.flow(CALL)
    next(flow)
    with pytest.raises(kind) as caught:
        flow.send(answer)
    assert caught.value.message == text
    assert caught.value.status is None, "a token error is no answer to the call: closing must not read it as a 404"
    assert made.log == [("warn", f"error thrown getting the access token from https://h/oauth_token.do: {text}")]


@pytest.mark.assumed("follows from reading Kibana's code: absent parts are printed as JavaScript prints them")
@pytest.mark.parametrize(
    "body, header",
    [
        ({}, "undefined undefined"),
        ({"access_token": "T"}, "undefined T"),
        ({"access_token": "T", "token_type": None}, "null T"),
    ],
)
def test_a_200_without_a_token(parts: Any, body: Any, header: str) -> None:
    flow = parts(slips=True).scheme.flow(CALL)
    next(flow)
    assert flow.send(token(body)).headers["Authorization"] == header
    flow = parts().scheme.flow(CALL)
    next(flow)
    with pytest.raises(errors.TokenRefused, match="without a token_type and an access_token"):
        flow.send(token(body))


@pytest.mark.assumed("a page or a cut body says nothing of the client: the instance sleeps, and may be awake next time")
@pytest.mark.parametrize("text", ["<html>Instance Hibernating page</html>", "", '{"access_token": "T', "null", "[]"])
def test_a_200_from_no_token_endpoint_is_worth_another_try(parts: Any, text: str) -> None:
    made = parts()
    flow = made.scheme.flow(CALL)
    next(flow)
    with pytest.raises(errors.TokenUnavailable, match="something other than a JSON object"):
        flow.send(token(status=200, text=text))
    assert made.tokens.read("c1") is None


@pytest.mark.parametrize(
    "expires_in, expiry, warned",
    [
        (None, NOW + 3600, False),
        (0, NOW, False),
        ("60", NOW + 60, False),
        ("soon", None, True),
        ({}, None, True),
        (1e30, None, True),
    ],
)
def test_odd_lifetimes(parts: Any, expires_in: Any, expiry: float | None, warned: bool) -> None:
    made = parts()
    flow = made.scheme.flow(CALL)
    next(flow)
    sent = flow.send(token({"access_token": "T", "token_type": "B", "expires_in": expires_in}))
    assert sent.headers["Authorization"] == "B T", "the token in hand is used all the same"
    stored = made.tokens.read("c1")
    assert (stored.expiry() if stored else None) == expiry
    assert any("Not able to update connector token for connectorId: c1" in text for _, text in made.log) is warned


class Broken:
    """A store that fails at everything."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def _fail(self, what: str) -> Any:
        self.asked.append(what)
        raise OSError(f"disk says no to {SECRET}")

    def read(self, connector_id: str) -> Any:
        return self._fail("read")

    def write(self, connector_id: str, token: StoredToken) -> None:
        self._fail("write")

    def delete(self, connector_id: str) -> None:
        self._fail("delete")


def test_a_broken_store_is_reported_and_the_call_goes_on(parts: Any) -> None:
    store = Broken()
    made = parts(tokens=store)
    answers = iter([token(), Response(404)])
    assert carry_out(made.scheme, CALL, lambda request: next(answers)).status == 404
    assert store.asked == ["read", "delete", "write", "delete"]
    assert len(made.log) == 4
    assert all(level == "warn" and SECRET not in text for level, text in made.log)


@pytest.mark.parametrize("missing", ["client_id", "client_secret", "user", "key_id"])
def test_missing_inputs(parts: Any, missing: str) -> None:
    made = parts(**{missing: ""})
    with pytest.raises(errors.TokenRefused, match="^Unable to retrieve access token for connectorId: c1$"):
        next(made.scheme.flow(CALL))
    assert made.log == [("warn", "Missing required fields for requesting OAuth JWT access token")]


@pytest.mark.ours("a jti claim is an option, and a new one each time")
def test_jti(parts: Any) -> None:
    made = parts(jti=True)
    seen = set()
    for _ in range(2):
        form = parse_qs((made.scheme.token_request().body or b"").decode())
        seen.add(jwt.decode(form["assertion"][0], options={"verify_signature": False})["jti"])
    assert len(seen) == 2


def pem_of(key: Any, passphrase: str | None = None, style: Any = serialization.PrivateFormat.PKCS8) -> str:
    lock = serialization.BestAvailableEncryption(passphrase.encode()) if passphrase else serialization.NoEncryption()
    return key.private_bytes(serialization.Encoding.PEM, style, lock).decode()


SMALL = rsa.generate_private_key(public_exponent=65537, key_size=1024)
ELLIPTIC = ec.generate_private_key(ec.SECP256R1())
OTHER = ed25519.Ed25519PrivateKey.generate()
ASYMMETRIC = "secretOrPrivateKey must be an asymmetric key when using RS256"
MATERIAL = "secretOrPrivateKey is not valid key material"


@pytest.mark.parametrize("style", [serialization.PrivateFormat.PKCS8, serialization.PrivateFormat.TraditionalOpenSSL])
@pytest.mark.parametrize("passphrase", [None, "correct horse"])
def test_keys_that_sign(rsa_key: rsa.RSAPrivateKey, style: Any, passphrase: str | None) -> None:
    pem = pem_of(rsa_key, passphrase, style)
    signed = Assertion("c", "u", "k").signed(SigningKey(pem, passphrase), NOW)
    assert (
        jwt.decode(signed, rsa_key.public_key(), ["RS256"], audience="c", options={"verify_exp": False})["sub"] == "u"
    )


def test_a_passphrase_for_an_open_key_is_no_mistake(rsa_pem: str) -> None:
    assert SigningKey(rsa_pem, "unneeded").load().key_size == 2048


@pytest.mark.parametrize(
    "case, problem",
    [
        ("garbage", ASYMMETRIC),
        ("empty", ASYMMETRIC),
        ("cut", ASYMMETRIC),
        ("public", ASYMMETRIC),
        ("locked, no passphrase", ASYMMETRIC),
        ("locked, wrong passphrase", MATERIAL),
        ("garbage with passphrase", MATERIAL),
        ("small", "secretOrPrivateKey has a minimum key size of 2048 bits for RS256"),
        ("elliptic", '"alg" parameter for "ec" key type must be one of: ES256, ES384, ES512.'),
        ("edwards", ASYMMETRIC),
    ],
)
def test_keys_that_do_not(case: str, problem: str, rsa_key: rsa.RSAPrivateKey, rsa_pem: str) -> None:
    public = rsa_key.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    key = {
        "garbage": SigningKey("not a key \u20ac \ud800"),
        "empty": SigningKey(" "),
        "cut": SigningKey(rsa_pem[:400]),
        "public": SigningKey(public.decode()),
        "locked, no passphrase": SigningKey(pem_of(rsa_key, "right one")),
        "locked, wrong passphrase": SigningKey(pem_of(rsa_key, "right one"), "wrong one"),
        "garbage with passphrase": SigningKey("not a key", "x"),
        "small": SigningKey(pem_of(SMALL)),
        "elliptic": SigningKey(pem_of(ELLIPTIC)),
        "edwards": SigningKey(pem_of(OTHER)),
    }[case]
    with pytest.raises(errors.KeyUnusable) as caught:
        key.load()
    assert caught.value.message == f"Unable to generate JWT token. Error: Error: {problem}"
    assert "PRIVATE" not in repr(key)


def misfit(key: rsa.RSAPrivateKey, **wrong: int) -> SigningKey:
    """The PKCS#1 text of a key, with some of its numbers changed."""
    own = key.private_numbers()
    numbers = {"n": own.public_numbers.n, "e": 65537, "d": own.d, "p": own.p, "q": own.q}
    numbers |= {"dp": own.dmp1, "dq": own.dmq1, "qi": own.iqmp}
    changed = (0, *(numbers | wrong).values())
    members = b"".join(der(0x02, number.to_bytes(number.bit_length() // 8 + 1, "big")) for number in changed)
    text = base64.encodebytes(der(0x30, members)).decode()
    return SigningKey(f"-----BEGIN RSA PRIVATE KEY-----\n{text}-----END RSA PRIVATE KEY-----\n")


def der(tag: int, content: bytes) -> bytes:
    size = len(content)
    length = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes([tag, size] if size < 128 else [tag, 128 | len(length), *length]) + content


@pytest.mark.recorded("Node 20's crypto.sign with such keys: it signs with all but the one without an inverse")
def test_numbers_of_a_key_that_do_not_fit_each_other(rsa_key: rsa.RSAPrivateKey) -> None:
    own = rsa_key.private_numbers()
    for wrong in ({"p": own.p + 2}, {"d": own.d + 2}, {"dp": own.dmp1 + 2}):
        signed = Assertion("client", "user", "kid").signed(misfit(rsa_key, **wrong), 1_700_000_000)
        assert jwt.decode(signed, rsa_key.public_key(), ["RS256"], audience="client", options={"verify_exp": False})
    with pytest.raises(errors.KeyUnusable, match="no inverse"):
        Assertion("client", "user", "kid").signed(misfit(rsa_key, n=own.public_numbers.n + 1), 1_700_000_000)


@pytest.mark.parametrize("preset", ["documented", "kibana-8.13", "kibana-9"])
def test_an_unusable_key_through_a_connector(stage: Any, preset: str, rsa_key: rsa.RSAPrivateKey) -> None:
    locked = pem_of(rsa_key, "right one")
    secrets = {"privateKey": locked, "privateKeyPassword": "wrong passphrase"}
    played = stage.push(preset, [], oauth=True, secrets=secrets)
    end = {
        "kibana-9": " [status=none] [method=get] [endpoint=health] [status=none] [method=post] [endpoint=import_set]"
    }.get(preset, " Reason: unknown: errorResponse was null" * 2)
    assert played.text == (
        "[Action][ServiceNow]: Unable to create incident. Error: "
        "[Action][ServiceNow]: Unable to get application version. Error: "
        f"Unable to generate JWT token. Error: Error: {MATERIAL}{end}"
    )
    assert "wrong passphrase" not in played.text + str(played.log)
    assert locked[60:100] not in played.text + str(played.log)


def test_a_token_is_kept_by_the_connectors_id_and_can_be_forgotten(stage: Any) -> None:
    tokens = MemoryTokenCache()
    script = stage.Script([token(), stage.answer([]), stage.answer([]), token(), stage.answer([])])
    connector = stage.connector(script, oauth=True, tokens=tokens)
    ask = {"subAction": "getFields", "subActionParams": {}}
    connector.run(ask)
    stage.connector(script, oauth=True, tokens=tokens).run(ask)
    assert len(script.requests) == 3, "the second connector of that ID uses the first one's token"
    connector.forget_token()
    connector.run(ask)
    assert len(script.requests) == 5


@pytest.mark.ours("a flow that fails half way is closed")
def test_carry_out_closes_the_flow() -> None:
    closed: list[bool] = []

    class Watching:
        def flow(self, request: Request) -> Any:
            try:
                yield request
            finally:
                closed.append(True)

    def fail(request: Request) -> Response:
        raise errors.ConnectionFailed("gone")

    with pytest.raises(errors.ConnectionFailed):
        carry_out(Watching(), CALL, fail)
    assert closed == [True]
