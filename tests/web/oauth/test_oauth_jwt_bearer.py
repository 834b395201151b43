"""The JWT bearer grant over the live endpoint: each fault of an assertion, in both error profiles."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import socket
import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import jwt
import pytest
from jwt.algorithms import RSAAlgorithm

if TYPE_CHECKING:
    import requests

Side = Any  # JwtSide of the conftest beside this file
PROFILES = pytest.mark.parametrize("error_profile", ["servicenow", "rfc"], indirect=True)
GRANT, REQUEST, CLIENT = (400, "invalid_grant"), (400, "invalid_request"), (401, "invalid_client")
GOOD = (200, "")


@dataclass(frozen=True)
class Case:
    """One row: its number, what is sent, what an RFC server answers, and words of the reason in the log."""

    number: str
    form: Callable[[Side], Any]
    expected: tuple[int, str]
    reason: str = ""


def assertion(make: Callable[[Side], str]) -> Callable[[Side], dict[str, str]]:
    return lambda side: side.form(make(side))


def claims(without: str = "", **changes: Any) -> Callable[[Side], dict[str, str]]:
    """A request whose assertion differs from a good one in its claims; a value may be a function of the client."""

    def form(side: Side) -> dict[str, str]:
        values = {name: value(side) if callable(value) else value for name, value in changes.items()}
        return side.form(side.sign(side.claims(without, **values)))

    return form


def header(without: str = "", **changes: Any) -> Callable[[Side], dict[str, str]]:
    def form(side: Side) -> dict[str, str]:
        values = {name: value(side) if callable(value) else value for name, value in changes.items()}
        return side.form(side.sign(header=side.header(without, **values)))

    return form


def raw_claims(text: Callable[[Side], str]) -> Callable[[Side], dict[str, str]]:
    return lambda side: side.form(side.sign(payload=text(side).encode()))


def after(prepare: Callable[[Side], Any], form: Callable[[Side], Any] | None = None) -> Callable[[Side], Any]:
    """A request that is sent after something was changed on the instance."""

    def prepared(side: Side) -> Any:
        prepare(side)
        return side.form() if form is None else form(side)

    return prepared


def swapped_payload(side: Side) -> str:
    head, _, signature = side.sign().split(".")
    _, other, _ = side.sign(side.claims(sub="admin@example.com")).split(".")
    return f"{head}.{other}.{signature}"


def unsigned(side: Side, algorithm: str, signature: str) -> str:
    head, body, _ = side.sign(header=side.header(alg=algorithm)).split(".")
    return f"{head}.{body}.{signature}"


def hmac_with(side: Side, secret: bytes) -> str:
    """An HS256 token whose secret is text that everybody knows; PyJWT would refuse to make it, an attacker does not."""
    head, body, _ = side.sign(header=side.header(alg="HS256")).split(".")
    digest = hmac.new(secret, f"{head}.{body}".encode(), hashlib.sha256).digest()
    return f"{head}.{body}.{base64.urlsafe_b64encode(digest).rstrip(b'=').decode()}"


def jwk_header(side: Side) -> str:
    attacker = side.ring["other"]
    jwk = json.loads(RSAAlgorithm.to_jwk(attacker.private.public_key()))
    return side.sign(header=side.header(jwk=jwk, x5c=["MIIB"]), key=attacker.private)


def with_kid(kid: str, key: str, alg: str) -> Callable[[Side], dict[str, str]]:
    return lambda side: side.form(side.sign(header=side.header(kid=kid, alg=alg), key=side.ring[key].private, alg=alg))


def other_client(side: Side) -> str:
    """Register another client with another certificate and return its kid."""
    from sandtable.oauth.setup import create_jwt_client

    return create_jwt_client(side.instance, side.ring["other"].certificate, name="Other", client_secret="x").key_id


def user_record(**values: str) -> Callable[[Side], Any]:
    return lambda side: side.change("sys_user", side.user, **values)


def make_admin(side: Side) -> None:
    system = side.instance.system()
    role = system.table("sys_user_role").first("name=admin")
    system.table("sys_user_has_role").insert({"user": side.user, "role": role.sys_id, "state": "active"})


def admin_by_group(side: Side) -> None:
    system = side.instance.system()
    role = system.table("sys_user_role").first("name=admin")
    group = system.table("sys_user_group").insert({"name": "Wheel"})
    system.table("sys_group_has_role").insert({"group": group.sys_id, "role": role.sys_id})
    system.table("sys_user_grmember").insert({"user": side.user, "group": group.sys_id})


def claim_row(name: str, value: str, kind: str = "string") -> Callable[[Side], Any]:
    return lambda side: (
        side.instance.system()
        .table("oauth_jwt_claims")
        .insert(
            {
                "oauth_jwt": side.registered.oauth_jwt,
                "claim_name": name,
                "claim_value": value,
                "claim_value_type": kind,
            }
        )
    )


def two_claim_rows(name: str, *values: str) -> Callable[[Side], Any]:
    return lambda side: [claim_row(name, value)(side) for value in values]


def bare_map(side: Side) -> None:
    side.change("jwt_verifier_map", side.registered.jwt_verifier_map, sys_certificate="")


def prop(name: str, value: str) -> Callable[[Side], Any]:
    return lambda side: side.instance.set_property(name, value)


def twin_user(**values: str) -> Callable[[Side], Any]:
    return lambda side: (
        side.instance.system()
        .table("sys_user")
        .insert({"user_name": "twin", "email": "jwt.user@example.com", **values})
    )


def access_token(side: Side) -> dict[str, str]:
    return side.form(side.ask().json()["access_token"])


def doubled(side: Side, name: str) -> list[tuple[str, str]]:
    return [*side.form().items(), (name, side.form()[name])]


def without_credentials(side: Side) -> dict[str, str]:
    return side.form(client_id="-", client_secret="-")


CASES = [
    Case("J1 missing", lambda side: side.form("-"), REQUEST, "parameter assertion is missing"),
    Case("J1 empty", lambda side: side.form(""), REQUEST, "parameter assertion is missing"),
    Case("J2 twice", lambda side: doubled(side, "assertion"), REQUEST, "'assertion' is there more than once"),
    Case("J3 words", assertion(lambda side: "not-a-jwt"), GRANT, "1 parts instead of three"),
    Case("J3 two", assertion(lambda side: side.sign().rpartition(".")[0]), GRANT, "2 parts"),
    Case("J3 four", assertion(lambda side: side.sign() + ".x"), GRANT, "4 parts"),
    Case("J3 newline", assertion(lambda side: side.sign() + "\n"), GRANT, "no base64url"),
    Case("J3 padding", assertion(lambda side: side.sign() + "=="), GRANT, "no base64url"),
    Case("J3 not base64", assertion(lambda side: f"{side.sign()[:-9]}!!!!"), GRANT, "no base64url"),
    Case("J3 blank inside", assertion(lambda side: side.sign().replace(".", ". ", 1)), GRANT, "no base64url"),
    Case(
        "J3 one too many", assertion(lambda side: "A" * 5 + "." + side.sign().partition(".")[2]), GRANT, "no base64url"
    ),
    Case(
        "J4 header no JSON",
        assertion(lambda side: side.sign(header=b"alg")),
        GRANT,
        "header of the assertion is not JSON",
    ),
    Case("J4 header a list", assertion(lambda side: side.sign(header=["RS256"])), GRANT, "no JSON object"),
    Case("J4 payload no JSON", raw_claims(lambda side: "{"), GRANT, "payload of the assertion is not JSON"),
    Case("J4 payload a list", raw_claims(lambda side: "[1]"), GRANT, "payload of the assertion is no JSON object"),
    Case("J4 payload a number", raw_claims(lambda side: "7"), GRANT, "payload of the assertion is no JSON object"),
    Case("J4 not UTF-8", assertion(lambda side: side.sign(payload=b'{"sub":"\xff"}')), GRANT, "is not JSON"),
    Case("J4 deep", raw_claims(lambda side: '{"a":' * 900 + "1" + "}" * 900), GRANT, "aud is missing"),
    Case("J4 deeper", raw_claims(lambda side: "[" * 3500), GRANT, "is not JSON"),
    Case("J4 huge number", raw_claims(lambda side: '{"exp":' + "9" * 5000 + "}"), GRANT, "is not JSON"),
    Case("J5 none", assertion(lambda side: unsigned(side, "none", "")), GRANT, "has no signature"),
    Case("J5 none signed", assertion(lambda side: unsigned(side, "none", "AAAA")), GRANT, "alg 'none' is not allowed"),
    Case("J5 nOnE", assertion(lambda side: unsigned(side, "nOnE", "AAAA")), GRANT, "alg 'nOnE' is not allowed"),
    Case(
        "J5 none listed",
        after(
            prop("sandtable.oauth.jwt_algorithms", "none,RS256"),
            assertion(lambda side: unsigned(side, "none", "AAAA")),
        ),
        GRANT,
        "alg 'none' is not allowed",
    ),
    Case("J6", assertion(lambda side: unsigned(side, "RS256", "")), GRANT, "has no signature"),
    Case("J7 key", assertion(lambda side: hmac_with(side, side.ring["own"].public_pem)), GRANT, "does not fit the key"),
    Case(
        "J7 certificate",
        assertion(lambda side: hmac_with(side, side.ring["own"].certificate.encode())),
        GRANT,
        "does not fit the key",
    ),
    Case("J8 PS256", assertion(lambda side: side.sign(header=side.header(alg="PS256"), alg="PS256")), GRANT, "'PS256'"),
    Case(
        "J8 EdDSA",
        assertion(
            lambda side: side.sign(header=side.header(alg="EdDSA"), key=side.ring["ed25519"].private, alg="EdDSA")
        ),
        GRANT,
        "'EdDSA'",
    ),
    Case("J8 alg no text", header(alg=7), GRANT, "alg in the header is missing or no text"),
    Case("J8 alg missing", header("alg"), GRANT, "alg in the header is missing or no text"),
    Case("J8 alg other case", header(alg="rs256"), GRANT, "alg 'rs256' is not allowed"),
    Case(
        "J9",
        assertion(lambda side: side.sign(header=side.header(alg="ES256"), key=side.ring["p256"].private, alg="ES256")),
        GRANT,
        "alg 'ES256' does not fit",
    ),
    Case(
        "J10",
        after(lambda side: side.add_map(side.ring["p384"].certificate, "k384"), with_kid("k384", "p256", "ES256")),
        GRANT,
        "alg 'ES256' does not fit",
    ),
    Case(
        "J11", assertion(lambda side: side.sign(key=side.ring["other"].private)), GRANT, "signature is not by the key"
    ),
    Case("J12", assertion(swapped_payload), GRANT, "signature is not by the key"),
    Case("J13", header(kid="unknown"), GRANT, "kid 'unknown' is that of no JWT verifier map"),
    Case(
        "J13 other case", header(kid=lambda side: side.registered.key_id.upper()), GRANT, "is that of no JWT verifier"
    ),
    Case(
        "J14",
        assertion(lambda side: side.sign(header=side.header(kid=other_client(side)), key=side.ring["other"].private)),
        GRANT,
        "is that of no JWT verifier map",
    ),
    Case("J15 one map", header("kid"), GOOD),
    Case(
        "J15 two maps",
        after(lambda side: side.add_map(side.ring["other"].certificate), header("kid")),
        GRANT,
        "has no kid, and the client has 2",
    ),
    Case(
        "J15 any",
        after(
            lambda side: (
                side.add_map(side.ring["other"].certificate),
                side.instance.set_property("sandtable.oauth.missing_kid", "any"),
            ),
            header("kid"),
        ),
        GOOD,
    ),
    Case(
        "J15 refuse",
        after(prop("sandtable.oauth.missing_kid", "refuse"), header("kid")),
        GRANT,
        "has no kid",
    ),
    *(
        Case(f"J16 {kid!r}", header(kid=kid), GRANT, "kid")
        for kid in (7, None, ["x"], {"a": 1}, True, "", "../../etc/passwd", "' OR 1=1 --", "a^ORkid!=", "%", "*", "\0")
    ),
    Case("J17", assertion(jwk_header), GRANT, "signature is not by the key"),
    Case("J18 own key", header(jku="http://127.0.0.1:9/jwks.json", x5u="http://127.0.0.1:9/c.pem"), GOOD),
    Case(
        "J18 other key",
        assertion(
            lambda side: side.sign(
                header=side.header(jku="http://127.0.0.1:9/jwks.json"), key=side.ring["other"].private
            )
        ),
        GRANT,
        "signature is not by the key",
    ),
    Case("J19 unknown", header(crit=["exp"]), GRANT, "crit"),
    Case("J19 empty", header(crit=[]), GRANT, "crit"),
    Case("J19 b64", header(crit=["b64"], b64=False), GRANT, "crit"),
    Case("J19 typ", header(typ="at+jwt"), GRANT, "typ in the header is not JWT"),
    Case("J19 typ no text", header(typ=7), GRANT, "typ in the header is not JWT"),
    Case("J19 typ absent", header("typ"), GOOD),
    Case("J19 typ lower case", header(typ="jwt"), GOOD),
    Case("J20 missing", claims("exp"), GRANT, "exp is missing"),
    Case("J20 null", claims(exp=None), GRANT, "exp is missing"),
    Case("J21 past", claims(exp=lambda side: side.now - 301), GRANT, "exp was"),
    Case("J21 at the edge", claims(exp=lambda side: side.instance.clock.timestamp() - 300), GRANT, "exp was 300 s ago"),
    Case("J22", claims(exp=lambda side: side.now - 299 + 1), GOOD),
    Case(
        "J22 no skew",
        after(lambda side: side.change_client(clock_skew="0"), claims(exp=lambda side: side.now - 1)),
        GRANT,
        "clock skew allowed is 0 s",
    ),
    *(
        Case(f"J23 {value!r}", claims(exp=value), GRANT, "exp is no number")
        for value in ("4700000000", True, False, [4700000000], {}, "", "soon")
    ),
    Case("J23 fraction", claims(exp=lambda side: side.now + 10.5), GOOD),
    Case("J23 NaN", raw_claims(lambda side: '{"exp":NaN}'), GRANT, "is not JSON"),
    Case("J23 infinity", raw_claims(lambda side: '{"exp":Infinity}'), GRANT, "is not JSON"),
    Case(
        "J23 1e999",
        raw_claims(lambda side: json.dumps(side.claims()).replace(str(side.now + 3600), "1e999")),
        GRANT,
        "exp is no number that a time can have",
    ),
    Case(
        "J23 too large for a float",
        raw_claims(lambda side: json.dumps(side.claims()).replace(str(side.now + 3600), "9" * 400)),
        GRANT,
        "exp is no number that a time can have",
    ),
    Case("J24", claims(exp=32503680000), GOOD),
    Case("J24 beyond the calendar", claims(exp=10**15), GOOD),
    Case(
        "J24 capped",
        after(prop("sandtable.oauth.longest_assertion_lifetime", "300"), claims(exp=32503680000)),
        GRANT,
        "300 s is the most",
    ),
    Case("J25", claims(nbf=lambda side: side.now + 302), GRANT, "nbf is"),
    Case("J25 within skew", claims(nbf=lambda side: side.now + 299), GOOD),
    Case("J25 no number", claims(nbf="now"), GRANT, "nbf is no number"),
    Case("J25 null", claims(nbf=None), GRANT, "nbf is no number"),
    Case("J26 future", claims(iat=lambda side: side.now + 302), GRANT, "iat is"),
    Case("J26 no number", claims(iat="now"), GRANT, "iat is no number"),
    Case("J26 bool", claims(iat=True), GRANT, "iat is no number"),
    Case(
        "J26 not checked",
        after(prop("sandtable.oauth.check_issued_at", "false"), claims(iat=lambda side: side.now + 302)),
        GOOD,
    ),
    Case("J27", claims("iat"), GOOD),
    Case("J28 missing", claims("aud"), GRANT, "aud is missing"),
    Case("J28 null", claims(aud=None), GRANT, "aud is missing"),
    Case("J28 empty list", claims(aud=[]), GRANT, "aud is missing"),
    Case("J29 other", claims(aud="other"), GRANT, "aud 'other' is not the client ID"),
    Case("J29 prefix", claims(aud=lambda side: side.client_id[:-1]), GRANT, "is not the client ID"),
    Case("J29 other case", claims(aud=lambda side: side.client_id.upper()), GRANT, "is not the client ID"),
    Case("J29 blank", claims(aud=lambda side: side.client_id + " "), GRANT, "is not the client ID"),
    Case("J29 number", claims(aud=7), GRANT, "neither text nor a list"),
    Case("J29 list of numbers", claims(aud=[1]), GRANT, "neither text nor a list"),
    Case("J29 mixed list", claims(aud=lambda side: [side.client_id, 1]), GRANT, "neither text nor a list"),
    Case("J29 object", claims(aud=lambda side: {side.client_id: 1}), GRANT, "neither text nor a list"),
    Case("J30", claims(aud=lambda side: ["other", side.client_id]), GOOD),
    Case("J31", claims(aud=lambda side: f"{side.instance.base_url}/oauth_token.do"), GRANT, "is not the client ID"),
    Case(
        "J31 accepted",
        after(
            prop("sandtable.oauth.accept_endpoint_audience", "true"),
            claims(aud=lambda side: f"{side.instance.base_url}/oauth_token.do"),
        ),
        GOOD,
    ),
    Case("J32", claims("iss"), GRANT, "iss is missing"),
    Case(
        "J33", claims(iss="https://issuer.example.com"), GRANT, "iss 'https://issuer.example.com' is not the client ID"
    ),
    Case(
        "J33 row",
        after(claim_row("iss", "https://issuer.example.com"), claims(iss="https://issuer.example.com")),
        GOOD,
    ),
    Case(
        "J33 row, another",
        after(claim_row("iss", "https://issuer.example.com"), claims(iss="https://other.example.com")),
        GRANT,
        "claim 'iss' is not",
    ),
    Case("J33 other case", claims(iss=lambda side: side.client_id.upper()), GRANT, "is not the client ID"),
    Case("J33 prefix", claims(iss=lambda side: side.client_id[:-1]), GRANT, "is not the client ID"),
    Case("J34 list", claims(iss=lambda side: [side.client_id]), GRANT, "iss is no text"),
    Case("J34 object", claims(iss={"id": 1}), GRANT, "iss is no text"),
    Case("J35 missing", claims("sub"), GRANT, "sub is missing"),
    Case("J35 null", claims(sub=None), GRANT, "sub is missing"),
    Case("J36 empty", claims(sub=""), GRANT, "sub is blank"),
    Case("J36 blanks", claims(sub=" \t"), GRANT, "sub is blank"),
    *(Case(f"J37 {value!r}", claims(sub=value), GRANT, "sub is no text") for value in (7, ["a"], {"a": 1}, True)),
    Case("J37 zero character", claims(sub="jwt.user@example.com\0"), GRANT, "characters that no record can hold"),
    Case(
        "J37 half a pair", raw_claims(lambda side: json.dumps(side.claims(sub="\ud800"))), GRANT, "no record can hold"
    ),
    Case("J38", claims(sub="nobody@example.com"), GRANT, "no user has email 'nobody@example.com'"),
    Case("J38 prefix", claims(sub=lambda side: side.claims()["sub"][:-1]), GRANT, "no user has email"),
    Case("J38 longer", claims(sub=lambda side: side.claims()["sub"] + "x"), GRANT, "no user has email"),
    Case("J38 wildcard", claims(sub="%"), GRANT, "no user has email '%'"),
    Case("J39", after(twin_user()), GRANT, "2 users have email"),
    Case("J39 one of two active", after(twin_user(active="false")), GOOD),
    *(
        Case(f"J40 {text!r}", claims(sub=text), GRANT, "no user has email")
        for text in (
            "x^ORroles=admin",
            "x^ORuser_name=admin",
            "^NQuser_name=admin",
            "javascript:gs.getUserID()",
            "' OR '1'='1",
            "ANYTHING",
        )
    ),
    Case("J41 inactive", after(user_record(active="false")), GRANT, "is inactive"),
    Case("J41 locked", after(user_record(locked_out="true")), GRANT, "is locked out"),
    Case("J42", after(make_admin), GRANT, "Grant access to admin is not allowed"),
    Case("J42 by group", after(admin_by_group), GRANT, "Grant access to admin is not allowed"),
    Case(
        "J42 allowed",
        after(lambda side: (make_admin(side), side.instance.set_property("sandtable.oauth.refuse_admin", "false"))),
        GOOD,
    ),
    Case("J46", claims("jti"), GOOD),
    Case(
        "J46 required",
        after(prop("sandtable.oauth.require_jti", "true"), claims("jti")),
        GRANT,
        "jti is missing",
    ),
    Case(
        "J46 not verified",
        after(
            lambda side: (
                side.instance.set_property("sandtable.oauth.require_jti", "true"),
                side.change_client(enable_jti_verification="false"),
            ),
            claims("jti"),
        ),
        GOOD,
    ),
    Case("J47 number", claims(jti=7), GRANT, "jti is no text"),
    Case("J47 null", claims(jti=None), GRANT, "jti is missing"),
    Case("J47 empty", claims(jti=""), GRANT, "jti is blank"),
    Case("J47 long", claims(jti="x" * 20_000), GRANT, "more than 16384 characters"),
    Case("J47 10 KB", claims(jti="x" * 10_000), GOOD),
    Case(
        "J47 renamed", after(lambda side: side.change_client(jti_claim="nonce"), claims(nonce=7)), GRANT, "nonce is no"
    ),
    Case("J50", lambda side: side.form(client_secret="wrong"), CLIENT, "client_secret of client"),
    Case("J50 missing", lambda side: side.form(client_secret="-"), CLIENT, "no client_secret was sent"),
    Case(
        "J51",
        lambda side: side.form(side.sign(side.claims(aud="someone", iss="someone"))),
        GRANT,
        "aud 'someone' is not the client ID",
    ),
    Case("J52", without_credentials, CLIENT, "no client_id was sent"),
    Case(
        "J52 public",
        after(lambda side: side.change_client(public_client="true"), without_credentials),
        GOOD,
    ),
    Case(
        "J52 public, client_id alone",
        after(lambda side: side.change_client(public_client="true"), lambda side: side.form(client_secret="-")),
        GOOD,
    ),
    Case(
        "J52 public, bad assertion",
        after(
            lambda side: side.change_client(public_client="true"),
            lambda side: side.form("x.y.z", client_id="-", client_secret="-"),
        ),
        CLIENT,
        "no client_id was sent",
    ),
    Case(
        "J52 public, wrong secret",
        after(lambda side: side.change_client(public_client="true"), lambda side: side.form(client_secret="wrong")),
        CLIENT,
        "client_secret of client",
    ),
    Case(
        "J54 jwt client, other grant",
        lambda side: side.form(grant_type="password", username="jwt.user", password="p\u00e4ss:w\u00f6rd"),
        (400, "unauthorized_client"),
        "its inbound_grant_type is jwt",
    ),
    Case(
        "J54 inbound grant type changed",
        after(lambda side: side.change_client(inbound_grant_type="ropc")),
        (400, "unauthorized_client"),
        "its inbound_grant_type is ropc",
    ),
    Case("J55", after(bare_map), GRANT, "neither a certificate nor a shared key"),
    Case(
        "J57 missing",
        after(claim_row("tenant", "a")),
        GRANT,
        "claim 'tenant' is missing",
    ),
    Case("J57 value", after(claim_row("tenant", "a"), claims(tenant="b")), GRANT, "claim 'tenant' is not"),
    Case(
        "J57 two rows",
        after(two_claim_rows("tenant", "a", "b"), claims(tenant="a")),
        GRANT,
        "claim 'tenant' is not",
    ),
    Case("J57 type", after(claim_row("tenant", "7"), claims(tenant=7)), GRANT, "claim 'tenant' is not"),
    Case("J57 number as text", after(claim_row("tenant", "7", "number"), claims(tenant="7")), GRANT, "'tenant' is not"),
    Case(
        "J57 bool as number", after(claim_row("tenant", "1", "number"), claims(tenant=True)), GRANT, "'tenant' is not"
    ),
    Case("J57 right text", after(claim_row("tenant", "a"), claims(tenant="a")), GOOD),
    Case("J57 right number", after(claim_row("tenant", "7", "number"), claims(tenant=7.0)), GOOD),
    Case("J57 right boolean", after(claim_row("tenant", "true", "boolean"), claims(tenant=True)), GOOD),
    Case(
        "J58 payload",
        raw_claims(lambda side: json.dumps(side.claims())[:-1] + ',"sub":"admin@example.com"}'),
        GRANT,
        "'sub' more than once",
    ),
    Case(
        "J58 header",
        assertion(lambda side: side.sign(header=(json.dumps(side.header())[:-1] + ',"alg":"none"}').encode())),
        GRANT,
        "'alg' more than once",
    ),
    Case(
        "J59",
        lambda side: side.form(scope="everything"),
        (400, "invalid_scope"),
        "may not have the scope 'everything'",
    ),
    Case("J59 allowed", lambda side: side.form(scope="useraccount"), GOOD),
    Case("J60 access token", access_token, GRANT, "1 parts instead of three"),
    Case(
        "J61 deactivated",
        after(lambda side: side.change("sys_certificate", side.registered.sys_certificate, active="false")),
        GRANT,
        "is inactive",
    ),
    Case(
        "J61 deleted",
        after(lambda side: side.instance.system().table("sys_certificate").delete(side.registered.sys_certificate)),
        GRANT,
        "certificate",
    ),
    Case(
        "J61 map deleted",
        after(lambda side: side.instance.system().table("jwt_verifier_map").delete(side.registered.jwt_verifier_map)),
        GRANT,
        "has no JWT verifier map",
    ),
    Case("client inactive", after(lambda side: side.change_client(active="false")), CLIENT, "is inactive"),
    Case(
        "assertion too long",
        assertion(lambda side: "a" * 17_000),
        GRANT,
        "more than 16384 characters",
    ),
    Case(
        "user by sys_id",
        after(lambda side: side.change_client(user_field="sys_id"), claims(sub=lambda side: side.user)),
        GOOD,
    ),
    Case(
        "user by user_name",
        after(lambda side: side.change_client(user_field="user_name"), claims(sub="jwt.user")),
        GOOD,
    ),
    Case(
        "user field unknown",
        after(lambda side: side.change_client(user_field="user_password")),
        GRANT,
        "identifies somebody",
    ),
    Case(
        "RS256 alone",
        after(
            prop("sandtable.oauth.jwt_algorithms", "RS256"),
            assertion(lambda side: side.sign(header=side.header(alg="RS512"), alg="RS512")),
        ),
        GRANT,
        "alg 'RS512' is not allowed",
    ),
]


@PROFILES
@pytest.mark.parametrize("case", CASES, ids=[case.number for case in CASES])
@pytest.mark.assumed(
    "the codes are those of RFC 7523 and 6749; that the product has its one recorded body for each fault is our reading"
)
def test_an_assertion_is_checked(jwt_side: Side, outcome: Callable[..., None], error_profile: str, case: Case) -> None:
    answer = jwt_side.ask(case.form(jwt_side))
    outcome(answer, error_profile, *case.expected)
    if case.expected != GOOD:
        reason = jwt_side.reasons()[-1]
        assert reason.startswith(f"Exception on token flow - {case.expected[1]}: ")
        assert case.reason in reason
        assert case.reason.encode() not in answer.content or error_profile == "rfc"


ALGORITHMS = [
    *(("own", name) for name in ("RS256", "RS384", "RS512")),
    ("p256", "ES256"),
    ("p384", "ES384"),
    ("p521", "ES512"),
]


@pytest.mark.parametrize("key, algorithm", ALGORITHMS)
@pytest.mark.documented("OAuth JWT API endpoint: RS and ES algorithms, several verifier maps for a client")
def test_each_algorithm_of_a_certificate(jwt_side: Side, key: str, algorithm: str) -> None:
    kid = jwt_side.add_map(jwt_side.ring[key].certificate)
    signed = jwt_side.sign(
        header=jwt_side.header(kid=kid, alg=algorithm), key=jwt_side.ring[key].private, alg=algorithm
    )
    answer = jwt_side.ask(jwt_side.form(signed))
    assert answer.status_code == 200
    assert set(answer.json()) == {"access_token", "scope", "token_type", "expires_in"}


@pytest.mark.parametrize("algorithm, size", [("HS256", 32), ("HS384", 48), ("HS512", 64)])
@pytest.mark.documented("OAuth console page: HS algorithms with a shared key")
def test_a_shared_key(jwt_side: Side, algorithm: str, size: int) -> None:
    secret = "\u00fc" + "s" * (size - 2)
    row = jwt_side.registered.jwt_verifier_map
    jwt_side.change("jwt_verifier_map", row, sys_certificate="", shared_key=secret)
    signed = jwt.encode(jwt_side.claims(), secret, algorithm=algorithm, headers={"kid": jwt_side.registered.key_id})
    assert jwt_side.ask(jwt_side.form(signed)).status_code == 200
    jwt_side.change("jwt_verifier_map", row, shared_key=secret[:-1])
    assert jwt_side.ask(jwt_side.form(signed)).status_code == 401
    # A shared key verifies HMACs alone: an RSA signature over it is refused by its algorithm.
    assert jwt_side.ask().status_code == 401
    assert "does not fit" in jwt_side.reasons()[-1]


@pytest.mark.ours("a shared key that is the text of a public key verifies nothing")
def test_a_public_key_entered_as_shared_key(jwt_side: Side) -> None:
    pem = jwt_side.ring["own"].public_pem.decode()
    jwt_side.change("jwt_verifier_map", jwt_side.registered.jwt_verifier_map, sys_certificate="", shared_key=pem)
    assert jwt_side.ask(jwt_side.form(hmac_with(jwt_side, pem.encode()))).status_code == 401
    assert "no algorithm at all" in jwt_side.reasons()[-1]


@pytest.mark.documented("Enable JTI Verification: a new assertion for every exchange")
def test_an_assertion_is_good_for_one_exchange(jwt_side: Side) -> None:  # J43
    form = jwt_side.form()
    assert [jwt_side.ask(form).status_code for _ in range(3)] == [200, 401, 401]
    assert jwt_side.reasons()[-1] == "Exception on token flow - invalid_grant: JTI already used"
    again = jwt_side.sign(
        jwt_side.claims(jti=jwt.decode(form["assertion"], options={"verify_signature": False})["jti"])
    )
    assert jwt_side.ask(jwt_side.form(again)).status_code == 401
    jwt_side.change_client(enable_jti_verification="false")
    assert jwt_side.ask(form).status_code == 200


@pytest.mark.recorded("Kibana sends no jti and works with the default settings of a JWT endpoint")
def test_the_assertion_of_kibana(jwt_side: Side) -> None:
    claims_ = {
        "sub": "jwt.user@example.com",
        "aud": jwt_side.client_id,
        "iss": jwt_side.client_id,
        "iat": jwt_side.now,
        "exp": jwt_side.now + 3600,
    }
    form = jwt_side.form(jwt_side.sign(claims_))
    answers = [
        jwt_side.ask(form, headers={"Content-Type": "application/x-www-form-urlencoded; charset=UTF-8"})
        for _ in range(2)
    ]
    assert [answer.status_code for answer in answers] == [200, 200]
    first, second = (answer.json() for answer in answers)
    assert first["access_token"] != second["access_token"]
    assert first["scope"] == "useraccount"
    assert first["expires_in"] in (1799, 1800)


@pytest.mark.ours("two requests at the same moment cannot both use a jti")
def test_parallel_replays(jwt_side: Side) -> None:  # J44
    form = jwt_side.form()
    with ThreadPoolExecutor(8) as pool:
        statuses = list(pool.map(lambda _: jwt_side.ask(form).status_code, range(8)))
    assert sorted(statuses) == [200, *[401] * 7]


@pytest.mark.assumed("RFC 7523: a jti identifies an assertion of its issuer, so clients do not disturb each other")
def test_two_clients_may_use_one_jti(jwt_side: Side) -> None:  # J45
    from sandtable.oauth.setup import create_jwt_client

    other = create_jwt_client(
        jwt_side.instance, jwt_side.ring["other"].certificate, name="Other", client_secret="other"
    )
    jti = str(uuid.uuid4())
    assert jwt_side.ask(jwt_side.form(jwt_side.sign(jwt_side.claims(jti=jti)))).status_code == 200
    theirs = jwt_side.sign(
        jwt_side.claims(jti=jti, iss=other.client_id, aud=other.client_id),
        jwt_side.header(kid=other.key_id),
        key=jwt_side.ring["other"].private,
    )
    form = jwt_side.form(theirs, client_id=other.client_id, client_secret="other")
    assert [jwt_side.ask(form).status_code for _ in range(2)] == [200, 401]


@pytest.mark.ours("a JTI is forgotten once its assertion could not be used again anyway")
def test_old_jtis_are_forgotten(jwt_side: Side) -> None:  # J48
    used = jwt_side.instance.system().table("oauth_jti")
    form = jwt_side.form()
    assert jwt_side.ask(form).status_code == 200
    jwt_side.instance.clock.advance(3600 + 299)
    assert jwt_side.ask(form).status_code == 401
    assert jwt_side.reasons()[-1].endswith("JTI already used")
    jwt_side.instance.clock.advance(2)
    assert jwt_side.ask(form).status_code == 401
    assert "exp was" in jwt_side.reasons()[-1]
    assert jwt_side.ask().status_code == 200
    assert used.count() == 1


@pytest.mark.parametrize("fault", ["signature", "secret", "user", "scope"])
@pytest.mark.ours("a request that fails for another reason does not use up its jti")
def test_a_failed_request_does_not_burn_the_jti(jwt_side: Side, fault: str) -> None:  # J49, J50
    good = jwt_side.form()
    jti = jwt.decode(good["assertion"], options={"verify_signature": False})["jti"]
    bad = {
        "signature": lambda: jwt_side.form(jwt_side.sign(jwt_side.claims(jti=jti), key=jwt_side.ring["other"].private)),
        "secret": lambda: {**good, "client_secret": "wrong"},
        "user": lambda: jwt_side.form(jwt_side.sign(jwt_side.claims(jti=jti, sub="nobody@example.com"))),
        "scope": lambda: {**good, "scope": "everything"},
    }[fault]()
    assert jwt_side.ask(bad).status_code == 401
    assert jwt_side.instance.system().table("oauth_jti").count() == 0
    assert jwt_side.ask(good).status_code == 200


@PROFILES
@pytest.mark.documented("RFC 6749, 2.3: one way of client authentication for a request")
def test_two_ways_of_client_authentication(
    jwt_side: Side, outcome: Callable[..., None], error_profile: str
) -> None:  # J53
    answer = jwt_side.wire.post("/oauth_token.do", auth=(jwt_side.client_id, "test-only-secret"), data=jwt_side.form())
    outcome(answer, error_profile, 400, "invalid_request")
    alone = jwt_side.form(client_id="-", client_secret="-")
    answer = jwt_side.wire.post("/oauth_token.do", auth=(jwt_side.client_id, "test-only-secret"), data=alone)
    outcome(answer, error_profile, *GOOD)


@PROFILES
@pytest.mark.documented("a client that is no JWT endpoint has no verifier maps")
def test_an_ordinary_client_cannot_use_assertions(
    jwt_side: Side, outcome: Callable[..., None], error_profile: str
) -> None:  # J54
    plain = (
        jwt_side.instance.system()
        .table("oauth_entity")
        .insert({"name": "Plain", "client_id": "plain", "client_secret": "plain", "inbound_grant_type": "multiple"})
    )
    signed = jwt_side.sign(jwt_side.claims(iss="plain", aud="plain"))
    answer = jwt_side.ask(jwt_side.form(signed, client_id=plain["client_id"], client_secret="plain"))
    outcome(answer, error_profile, 400, "unauthorized_client")


@pytest.mark.documented("RFC 8725, 3.10: no address in a header is fetched")
def test_nothing_is_fetched(jwt_side: Side) -> None:  # J18
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.setblocking(False)
        address = f"http://127.0.0.1:{listener.getsockname()[1]}"
        header = jwt_side.header(jku=f"{address}/jwks.json", x5u=f"{address}/c.pem")
        jwt_side.change_client(jwks_url=f"{address}/jwks.json")
        assert jwt_side.ask(jwt_side.form(jwt_side.sign(header=header))).status_code == 200
        assert any(entry.name == "oauth_jwt.jwks_url" for entry in jwt_side.instance.ledger.entries())
        jwt_side.instance.ledger.strict = True
        assert jwt_side.ask().status_code == 501
        with pytest.raises(BlockingIOError):
            listener.accept()


@pytest.mark.documented("RFC 8725, 3.11: an assertion is no access token")
def test_an_assertion_is_no_bearer_token(jwt_side: Side) -> None:  # J60
    headers = {"Authorization": f"Bearer {jwt_side.sign()}", "X-Sandtable-Explain": "true"}
    answer = jwt_side.wire.get("/api/now/table/incident?sysparm_limit=1", auth=None, headers=headers)
    assert answer.status_code == 401
    assert answer.json()["error"]["message"] == "User is not authenticated"
    assert 'BEARER realm="Service-now"' in answer.headers["WWW-Authenticate"]
    assert "it is no token of this instance" in answer.headers["X-Sandtable-Explain"]


@pytest.mark.documented("several verifier maps for a client, so that a certificate can be replaced in time")
def test_rotation(jwt_side: Side) -> None:  # J62
    new = jwt_side.add_map(jwt_side.ring["other"].certificate)

    def ask(kid: str, key: str) -> int:
        signed = jwt_side.sign(header=jwt_side.header(kid=kid), key=jwt_side.ring[key].private)
        status: int = jwt_side.ask(jwt_side.form(signed)).status_code
        return status

    old = jwt_side.registered.key_id
    assert [ask(old, "own"), ask(new, "other"), ask(old, "other"), ask(new, "own")] == [200, 200, 401, 401]
    jwt_side.instance.system().table("jwt_verifier_map").delete(jwt_side.registered.jwt_verifier_map)
    assert [ask(old, "own"), ask(new, "other")] == [401, 200]


@pytest.mark.assumed("a certificate outside its dates verifies nothing; whether the product enforces them is not known")
def test_certificate_dates(jwt_side: Side) -> None:
    assert jwt_side.ask().status_code == 200
    jwt_side.instance.clock.advance(361 * 86_400)
    assert jwt_side.ask().status_code == 401
    assert "expired at" in jwt_side.reasons()[-1]
    jwt_side.instance.set_property("sandtable.oauth.check_certificate_dates", "false")
    assert jwt_side.ask().status_code == 200
    jwt_side.instance.set_property("sandtable.oauth.check_certificate_dates", "true")
    jwt_side.instance.clock.advance(-400 * 86_400)
    assert jwt_side.ask().status_code == 401
    assert "is not valid before" in jwt_side.reasons()[-1]


@pytest.mark.ours("the log, the explanation and the answer never hold a secret or an assertion")
def test_no_secret_is_told(jwt_side: Side) -> None:
    form = jwt_side.form(client_secret="a-wrong-secret-that-must-not-be-told")
    answer = jwt_side.ask(form, headers={"X-Sandtable-Explain": "true"})
    told = "\n".join([*jwt_side.reasons(), answer.text, str(dict(answer.headers))])
    assert "client_secret of client" in answer.headers["X-Sandtable-Explain"]
    assert "must-not-be-told" not in told
    assert "test-only-secret" not in told
    assert form["assertion"][:60] not in told


@pytest.mark.recorded(
    "a Python client sends the assertion in a header Authentication; whether the product takes it is open"
)
def test_an_assertion_in_a_header(jwt_side: Side) -> None:
    headers = {"Authentication": f"Bearer {jwt_side.sign()}"}
    assert jwt_side.ask(jwt_side.form("-"), headers=headers).status_code == 401
    assert "sandtable.oauth.assertion_in_header" in jwt_side.reasons()[-1]
    jwt_side.instance.set_property("sandtable.oauth.assertion_in_header", "true")
    assert jwt_side.ask(jwt_side.form("-"), headers=headers).status_code == 200


@pytest.mark.documented("the token is the user's: what they may do is what it may do, and what it writes is theirs")
def test_the_token_acts_for_the_user(jwt_side: Side) -> None:
    token = jwt_side.ask().json()["access_token"]
    headers = {"Authorization": f"Bearer {token}"}
    found = jwt_side.wire.get("/api/now/table/sys_user?sysparm_limit=1", auth=None, headers=headers)
    assert found.headers["X-Is-Logged-In"] == "true"
    system = jwt_side.instance.system()
    role = system.table("sys_user_role").first("name=itil")
    system.table("sys_user_has_role").insert({"user": jwt_side.user, "role": role.sys_id, "state": "active"})
    made: requests.Response = jwt_side.wire.post(
        "/api/now/table/incident", auth=None, headers=headers, json={"short_description": "by token"}
    )
    assert made.status_code == 201
    assert made.json()["result"]["sys_created_by"] == "jwt.user"
