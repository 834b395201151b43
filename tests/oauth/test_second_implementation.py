"""A second implementation of JOSE agrees: what it signs is accepted, what it refuses is refused."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from joserfc import jws
from joserfc import jwt as jose
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, OctKey, RSAKey

from sandtable.core.platform.instance import Instance
from sandtable.oauth.errors import InvalidGrant
from sandtable.oauth.signed import compact

pytestmark = pytest.mark.ours("two implementations of the standard, written by different people, agree on it")

RSA_PRIVATE = rsa.generate_private_key(65537, 2048)
CURVES: dict[str, ec.EllipticCurve] = {"ES256": ec.SECP256R1(), "ES384": ec.SECP384R1(), "ES512": ec.SECP521R1()}
EC_PRIVATE = {name: ec.generate_private_key(curve) for name, curve in CURVES.items()}
SHARED = "shared key, for tests only, long enough for all three of the digest sizes there are"
ALL = ["RS256", "RS384", "RS512", "ES256", "ES384", "ES512", "HS256", "HS384", "HS512"]


def pem(key: Any) -> bytes:
    data: bytes = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return data


def keys_of(algorithm: str) -> tuple[Any, Any]:
    """Return the second implementation's key for an algorithm, and ours that verifies."""
    if algorithm.startswith("RS"):
        return RSAKey.import_key(pem(RSA_PRIVATE)), RSA_PRIVATE.public_key()
    if algorithm.startswith("ES"):
        return ECKey.import_key(pem(EC_PRIVATE[algorithm])), EC_PRIVATE[algorithm].public_key()
    return OctKey.import_key(SHARED), SHARED


@pytest.mark.parametrize("algorithm", ALL)
def test_what_it_signs_is_accepted(algorithm: str) -> None:
    theirs, ours = keys_of(algorithm)
    token = jose.encode(
        {"alg": algorithm, "kid": "\u00fc"}, {"sub": "z\u00f6e", "n": [1, {"a": None}]}, theirs, [algorithm]
    )
    parsed = compact.parse(token)
    assert compact.verify(parsed, ours)
    assert compact.json_object(parsed.payload, "payload") == {"sub": "z\u00f6e", "n": [1, {"a": None}]}


@pytest.mark.parametrize("algorithm", ALL)
@pytest.mark.parametrize("other", ALL)
def test_no_key_verifies_what_is_not_its_own(algorithm: str, other: str) -> None:
    theirs, _ = keys_of(algorithm)
    _, wrong = keys_of(other)
    token = compact.parse(jose.encode({"alg": algorithm}, {"sub": "x"}, theirs, [algorithm]))
    same_key = algorithm[:2] == other[:2] and (algorithm == other or not algorithm.startswith("ES"))
    assert compact.verify(token, wrong) is same_key


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(position=st.integers(0, 10_000), character=st.sampled_from("AZaz09-_.=+/ !\n\u00fc"))
def test_a_changed_token_is_refused_by_both(position: int, character: str) -> None:
    theirs, ours = keys_of("RS256")
    token = jose.encode({"alg": "RS256", "kid": "k"}, {"sub": "somebody", "exp": 1}, theirs, ["RS256"])
    position %= len(token)
    changed = token[:position] + character + token[position + 1 :]
    try:
        accepted = compact.verify(compact.parse(changed), ours)
    except InvalidGrant:
        accepted = False
    try:
        jws.deserialize_compact(changed, theirs, ["RS256"])
        accepted_there = True
    except (JoseError, ValueError, UnicodeError):
        accepted_there = False
    # Ours may be stricter (an encoding with stray bits is another text for one signature), never more lenient.
    assert not accepted or accepted_there
    if changed == token:
        assert accepted


def test_the_whole_grant(instance: Instance, ask: Callable[..., Any]) -> None:
    theirs, _ = keys_of("HS256")
    system = instance.system()
    system.table("sys_user").insert({"user_name": "second", "email": "second@example.com"})
    client = system.table("oauth_jwt").insert({"name": "Second", "client_id": "second", "client_secret": "s"})
    system.table("jwt_verifier_map").insert(
        {"name": "Second", "oauth_jwt": client.sys_id, "kid": "k", "shared_key": SHARED}
    )
    now = int(instance.clock.timestamp())
    claims = {"iss": "second", "aud": ["second"], "sub": "second@example.com", "exp": now + 60, "jti": "1"}
    token = jose.encode({"alg": "HS256", "kid": "k"}, claims, theirs, ["HS256"])
    form = {
        "grant_type": "urn:ietf:params:oauth:grant-type:jwt-bearer",
        "client_id": "second",
        "client_secret": "s",
        "assertion": token,
    }
    answer, reason = ask(form)
    assert (answer.status, reason) == (200, "")
    assert json.loads(answer.body)["scope"] == "useraccount"
    assert ask(form)[1].endswith("JTI already used")
