"""A plain client at the token endpoint, with assertions that are right, and wrong in one way each."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import time
from collections.abc import Callable, Mapping
from typing import Any

import jwt
import requests

from sandtable_scenarios.actions.attempts import rule_of
from sandtable_scenarios.actions.credentials import CLIENT_SECRET, register_client, user_record
from sandtable_scenarios.checks import tokens
from sandtable_scenarios.findings import Unavailable
from sandtable_scenarios.keys import pair
from sandtable_scenarios.targets.wire import HEALTH
from sandtable_scenarios.world import World

Claims = dict[str, Any]
Change = Callable[[World, Claims, dict[str, Any]], None]
"""Takes the world, the claims and the way of signing, and makes one of them wrong."""


def _claim(name: str, value: Any) -> Change:
    def change(_world: World, claims: Claims, _signing: dict[str, Any]) -> None:
        claims[name] = value

    return change


def _without(name: str) -> Change:
    def change(_world: World, claims: Claims, _signing: dict[str, Any]) -> None:
        del claims[name]

    return change


def _shifted(name: str, seconds: int, *, as_text: bool = False) -> Change:
    def change(_world: World, claims: Claims, signing: dict[str, Any]) -> None:
        moment = signing["now"] + seconds
        claims[name] = str(moment) if as_text else moment

    return change


def _signing(**how: Any) -> Change:
    def change(_world: World, _claims: Claims, signing: dict[str, Any]) -> None:
        signing.update(how)

    return change


def _client_prefix(name: str, make: Callable[[str], Any]) -> Change:
    def change(_world: World, claims: Claims, _signing: dict[str, Any]) -> None:
        claims[name] = make(claims[name])

    return change


def _as_administrator(world: World, claims: Claims, _signing: dict[str, Any]) -> None:
    administrator = user_record(world, world.instance.admin.user)
    world.instance.table.update("sys_user", administrator["sys_id"], {"email": "administrator@example.com"})
    claims["sub"] = "administrator@example.com"


def _with_user(column: str, value: str) -> Change:
    def change(world: World, _claims: Claims, _signing: dict[str, Any]) -> None:
        world.instance.table.update("sys_user", user_record(world)["sys_id"], {column: value})

    return change


def _with_record(table: str, name: str, values: Mapping[str, str]) -> Change:
    def change(world: World, _claims: Claims, _signing: dict[str, Any]) -> None:
        world.instance.table.update(table, world.facts["client"][name], values)

    return change


def _foreign_kid(world: World, _claims: Claims, signing: dict[str, Any]) -> None:
    signing["kid"] = register_client(world, "other", name="another client")["kid"]
    signing["key"] = "other"


def _twin(world: World, claims: Claims, _signing: dict[str, Any]) -> None:
    world.instance.table.insert("sys_user", {"user_name": "the.twin", "email": claims["sub"], "active": "true"})


# What is wrong, by the rule that it is against.
WRONG: Mapping[str, Mapping[str, Change]] = {
    tokens.SIGNATURE.id: {
        "another key": _signing(key="other"),
        "no signature": _signing(strip=True),
        "claims changed after signing": _signing(tamper=True),
    },
    tokens.ALGORITHM.id: {
        "none": _signing(alg="none"),
        "none in mixed case": _signing(alg="nOnE"),
        "HMAC with the certificate": _signing(alg="HS256"),
        "an algorithm of another key": _signing(alg="ES256", raw=True),
    },
    tokens.KEY_ID.id: {
        "unknown": _signing(kid="0" * 32),
        "of another client": _foreign_kid,
        "a query": _signing(kid="x^ORkidISNOTEMPTY"),
    },
    tokens.AUDIENCE.id: {
        "missing": _without("aud"),
        "another": _claim("aud", "somebody else"),
        "a part": _client_prefix("aud", lambda text: text[:-1]),
        "in capitals": _client_prefix("aud", lambda text: text.upper() + "X"),
        "an empty list": _claim("aud", []),
    },
    tokens.ISSUER.id: {
        "missing": _without("iss"),
        "another": _claim("iss", "somebody else"),
        "a list": _client_prefix("iss", lambda text: [text]),
    },
    tokens.TIMES.id: {
        "expired": _shifted("exp", -3600),
        "expired just beyond the skew": _shifted("exp", -302),
        "no expiry": _without("exp"),
        "expiry as text": _shifted("exp", 3600, as_text=True),
        "not yet valid": _shifted("nbf", 3600),
    },
    tokens.SUBJECT.id: {
        "missing": _without("sub"),
        "blank": _claim("sub", ""),
        "unknown": _claim("sub", "nobody.at.all@example.com"),
        "a number": _claim("sub", 1),
        "a query": _claim("sub", "x^ORuser_nameISNOTEMPTY"),
        "a pattern": _client_prefix("sub", lambda text: text[:-1] + "%"),
        "an administrator": _as_administrator,
        "inactive": _with_user("active", "false"),
        "locked out": _with_user("locked_out", "true"),
        "two users": _twin,
    },
    tokens.CLIENT.id: {
        "wrong secret": _signing(client_secret="x" + CLIENT_SECRET),
        "no secret": _signing(client_secret=""),
        "unknown client": _signing(client_id="0" * 32),
        "inactive": _with_record("oauth_jwt", "client", {"active": "false"}),
    },
    tokens.CERTIFICATE.id: {
        "inactive": _with_record("sys_certificate", "certificate", {"active": "false"}),
        "out of its dates": _signing(outdated=True),
    },
}


def _part(value: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode("ascii")


def assertion_of(claims: Claims, signing: Mapping[str, Any]) -> str:
    """Return the claims signed as asked, wrong ways included that a JWT library would not do."""
    header = {"typ": "JWT", "kid": signing["kid"]}
    algorithm = signing["alg"]
    if algorithm.lower() == "none":
        return f"{_part({**header, 'alg': algorithm})}.{_part(claims)}."
    if algorithm == "HS256":
        unsigned = f"{_part({**header, 'alg': algorithm})}.{_part(claims)}"
        digest = hmac.new(pair("first").certificate.encode(), unsigned.encode(), hashlib.sha256).digest()
        return f"{unsigned}.{base64.urlsafe_b64encode(digest).rstrip(b'=').decode('ascii')}"
    # A list as issuer is no valid claim, so it is signed by hand below like every other claim.
    token = jwt.api_jws.encode(
        json.dumps(claims).encode(), pair(signing["key"]).private, algorithm="RS256", headers=header
    )
    head, body, signature = token.split(".")
    if signing.get("raw"):
        head = _part({**header, "alg": algorithm})
    if signing.get("strip"):
        signature = ""
    if signing.get("tamper"):
        body = _part({**claims, "exp": claims["exp"] + 1})
    return f"{head}.{body}.{signature}"


def _prepared(world: World, *, jti: str = "", outdated: bool = False) -> tuple[Claims, dict[str, Any]]:
    made = world.facts.get("client")
    if made is None:
        made = world.facts["client"] = register_client(world, "first", outdated=outdated)
    now = int(time.time())
    claims: Claims = {
        "iss": made["client_id"],
        "aud": made["client_id"],
        "sub": user_record(world)["email"],
        "iat": now,
        "exp": now + 600,
    }
    if jti:
        claims["jti"] = jti
    signing = {
        "kid": made["kid"],
        "alg": "RS256",
        "key": "first",
        "now": now,
        "client_id": made["client_id"],
        "client_secret": CLIENT_SECRET,
    }
    return claims, signing


def _asked(world: World, claims: Claims, signing: Mapping[str, Any]) -> requests.Response:
    return world.instance.wire.token(assertion_of(claims, signing), signing["client_id"], signing["client_secret"])


def _described(response: requests.Response) -> str:
    return f"status {response.status_code}: {response.text[:160]}"


def ask_token(world: World, jti: str = "", skew: int = 0) -> None:
    """Buy a token with a proper assertion (``skew`` seconds of the instance's clock are off) and use it."""
    claims, signing = _prepared(world, jti=jti)
    claims["iat"] += skew
    claims["exp"] += skew
    response = _asked(world, claims, signing)
    body = response.json() if response.status_code == 200 else {}
    shaped = body.get("token_type") == "Bearer" and bool(body.get("access_token")) and "refresh_token" not in body
    world.check(tokens.ACCEPTED, shaped, "a Bearer token without a refresh token", _described(response)[:60])
    lifetime = body.get("expires_in")
    fits = isinstance(lifetime, int) and 0 < lifetime <= 1800
    world.check(tokens.ACCEPTED, fits, "expires_in of at most 1800 seconds", f"expires_in {lifetime!r}")
    world.facts["token"] = body["access_token"]
    answer = world.instance.wire.send("GET", HEALTH, bearer=body["access_token"])
    world.check(tokens.ACCEPTED, answer.status_code == 200, "the token opens the application", _described(answer))


def ask_wrongly(world: World, about: str, how: str) -> None:
    """Ask for a token with one thing wrong, and expect none."""
    try:
        change = WRONG[about][how]
    except KeyError:
        raise Unavailable(f"there is no way to be wrong called {how!r} against {about}") from None
    claims, signing = _prepared(world, outdated=how == "out of its dates")
    change(world, claims, signing)
    response = _asked(world, claims, signing)
    refused = response.status_code in (400, 401) and "access_token" not in response.text
    world.check(rule_of(about), refused, "a refusal without a token", _described(response)[:60])
    shown = [text for text in (signing["client_secret"], str(claims.get("sub", ""))) if text and text in response.text]
    world.check(tokens.OPAQUE, not shown, "nothing that was sent", _described(response))
    same = response.json() == {"error_description": "access_denied", "error": "server_error"}
    world.check(tokens.OPAQUE, same, "server_error, access_denied", _described(response))


def ask_again(world: World) -> None:
    """Use one assertion with an ID twice; before that, spoil its signature once, which must not use it up."""
    claims, signing = _prepared(world, jti="one-and-only")
    spoiled = _asked(world, claims, {**signing, "key": "other"})
    world.check(tokens.SIGNATURE, spoiled.status_code in (400, 401), "a refusal", _described(spoiled)[:60])
    first = _asked(world, claims, signing)
    world.check(tokens.REPLAY, first.status_code == 200, "a token for the first use", _described(first)[:60])
    second = _asked(world, claims, signing)
    world.check(tokens.REPLAY, second.status_code in (400, 401), "no token for the second", _described(second)[:60])


def _opens(world: World, bearer: str) -> tuple[bool, str]:
    answer = world.instance.wire.send("GET", HEALTH, bearer=bearer)
    return answer.status_code == 200, _described(answer)


def end_token(world: World, how: str) -> None:
    """Let the token of `ask_token` end, by time, by an act, or as another text, and expect that it opens nothing."""
    token = world.facts["token"]
    control = world.require_control()
    if how == "expire":
        control.advance(1700)
        usable, said = _opens(world, token)
        world.check(tokens.BEARER, usable, "a token that works until it expires", said)
        control.advance(101)
    elif how == "revoke":
        world.instance.wire.send("POST", "/oauth_revoke_token.do", form={"token": token})
    elif how == "lock":
        world.instance.table.update("sys_user", user_record(world)["sys_id"], {"locked_out": "true"})
    elif how == "cut":
        token = token[:-1]
    elif how == "case":
        token = token.swapcase()
    elif how == "assertion":
        claims, signing = _prepared(world)
        token = assertion_of(claims, signing)
    else:
        raise Unavailable(f"a token cannot end by {how!r}")
    usable, said = _opens(world, token)
    world.check(tokens.BEARER, not usable, "a refusal", said)


ACTIONS = {"ask_token": ask_token, "ask_wrongly": ask_wrongly, "ask_again": ask_again, "end_token": end_token}
