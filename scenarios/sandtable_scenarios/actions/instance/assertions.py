"""A plain client at the token endpoint, with assertions that are right, and wrong in one way each."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import re
import time
from collections.abc import Callable, Mapping
from typing import Any

import requests
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding

from sandtable_scenarios.actions.attempts import rule_of
from sandtable_scenarios.actions.credentials import CLIENT_SECRET, register_client, user_record
from sandtable_scenarios.actions.instance.wrong_assertions import WRONG, Claims
from sandtable_scenarios.checks.instance import tokens
from sandtable_scenarios.stage.findings import Unavailable
from sandtable_scenarios.stage.keys import pair, private_key
from sandtable_scenarios.stage.world import World
from sandtable_scenarios.targets.wire import HEALTH

ASSERTION = re.compile(r"\beyJ[A-Za-z0-9_-]{16,}\.[A-Za-z0-9_-]{16,}\.")


def _encoded(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode("ascii")


def _part(value: object) -> str:
    return _encoded(json.dumps(value).encode())


def _signed(header: Mapping[str, Any], claims: Claims, key: str) -> str:
    """Sign whatever header and claims there are with RS256; a JWT library would refuse some of them."""
    unsigned = f"{_part({**header, 'alg': 'RS256'})}.{_part(claims)}"
    signature = private_key(key).sign(unsigned.encode("ascii"), padding.PKCS1v15(), hashes.SHA256())
    return f"{unsigned}.{_encoded(signature)}"


def assertion_of(claims: Claims, signing: Mapping[str, Any]) -> str:
    """Return the claims signed as asked, wrong ways included that a JWT library would not do."""
    header = {"typ": "JWT", "kid": signing["kid"]}
    if signing["kid"] is None:
        del header["kid"]
    algorithm = signing["alg"]
    if algorithm.lower() == "none":
        return f"{_part({**header, 'alg': algorithm})}.{_part(claims)}."
    if algorithm == "HS256":
        unsigned = f"{_part({**header, 'alg': algorithm})}.{_part(claims)}"
        digest = hmac.new(pair("first").certificate.encode(), unsigned.encode(), hashlib.sha256).digest()
        return f"{unsigned}.{_encoded(digest)}"
    token = _signed(header, claims, signing["key"])
    head, body, signature = token.split(".")
    if signing.get("raw"):
        head = _part({**header, "alg": algorithm})
    if signing.get("strip"):
        signature = ""
    if signing.get("borrow"):
        other = _signed(header, {**claims, "iat": 1}, signing["key"])
        signature = other.rpartition(".")[2]
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


def _with_audiences(_world: World, claims: Claims) -> None:
    claims["aud"] = ["somebody else", claims["aud"]]


def _without_issue(_world: World, claims: Claims) -> None:
    del claims["iat"]


def _beginning_now(_world: World, claims: Claims) -> None:
    claims["nbf"] = claims["iat"] + 120


def _in_fractions(_world: World, claims: Claims) -> None:
    claims["iat"], claims["exp"] = claims["iat"] + 0.5, claims["exp"] + 0.5


def _beside_an_inactive_twin(world: World, claims: Claims) -> None:
    world.instance.table.insert("sys_user", {"user_name": "has.left", "email": claims["sub"], "active": "false"})


# What an assertion may be like, too.
ALLOWED: Mapping[str, Callable[[World, Claims], None]] = {
    "": lambda _world, claims: None,
    "several audiences": _with_audiences,
    "no time of issue": _without_issue,
    "a beginning within the skew": _beginning_now,
    "times with fractions": _in_fractions,
    "a subject in other letters": lambda _world, claims: claims.update(sub=claims["sub"].swapcase()),
    "a user who left has the same address": _beside_an_inactive_twin,
    "other claims": lambda _world, claims: claims.update(scope="a", extra={"a": [1]}),
}


def ask_token(world: World, jti: str = "", skew: int = 0, like: str = "") -> None:
    """Buy a token with a proper assertion (``skew`` seconds of the instance's clock are off) and use it.

    ``like`` names a form that an assertion may have, see `ALLOWED`.
    """
    claims, signing = _prepared(world, jti=jti)
    claims["iat"] += skew
    claims["exp"] += skew
    try:
        ALLOWED[like](world, claims)
    except KeyError:
        raise Unavailable(f"ask_token knows no form {like!r}") from None
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


def ask_again(world: World, wait: int = 0) -> None:
    """Use one assertion with an ID twice, and once more after some seconds; then its ID for another client.

    Before all that its signature is spoiled once, which must not use it up.
    """
    claims, signing = _prepared(world, jti="one-and-only")
    spoiled = _asked(world, claims, {**signing, "key": "other"})
    world.check(tokens.SIGNATURE, spoiled.status_code in (400, 401), "a refusal", _described(spoiled)[:60])
    first = _asked(world, claims, signing)
    world.check(tokens.REPLAY, first.status_code == 200, "a token for the first use", _described(first)[:60])
    second = _asked(world, claims, signing)
    world.check(tokens.REPLAY, second.status_code in (400, 401), "no token for the second", _described(second)[:60])
    world.require_control().advance(wait)
    third = _asked(world, claims, signing)
    world.check(tokens.REPLAY, third.status_code in (400, 401), "no token later on", _described(third)[:60])
    # An ID in other letters is another ID.
    capital = _asked(world, {**claims, "jti": "ONE-AND-ONLY"}, signing)
    world.check(tokens.REPLAY, capital.status_code == 200, "a token for another ID", _described(capital)[:60])
    # Another client's assertions have IDs of their own.
    other = register_client(world, "other", name="another client")
    claims |= {"iss": other["client_id"], "aud": other["client_id"]}
    signing |= {"kid": other["kid"], "key": "other", "client_id": other["client_id"]}
    fourth = _asked(world, claims, signing)
    world.check(tokens.REPLAY, fourth.status_code == 200, "a token for another client", _described(fourth)[:60])


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
    elif how in ("delete the user", "deactivate the user", "deactivate the client"):
        what = ("sys_user", user_record(world)["sys_id"])
        if how.endswith("client"):
            what = ("oauth_jwt", world.facts["client"]["client"])
        if how.startswith("delete"):
            world.instance.table.delete(*what)
        else:
            world.instance.table.update(*what, {"active": "false"})
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


def search_log(world: World) -> None:
    """Search the system log, and the records that hold secrets, for what must stay secret."""
    table = world.instance.table
    integration = world.instance.integration
    secrets = [CLIENT_SECRET, integration.password, world.facts.get("token", "")]
    shown = [row["message"] for row in table.rows("syslog", "", ("message",))]
    for name in ("sys_user", "oauth_jwt", "oauth_entity", "oauth_credential"):
        shown += [text for row in table.rows(name) for text in row.values() if isinstance(text, str)]
    leaks = [text for text in shown if any(secret and secret in text for secret in secrets) or ASSERTION.search(text)]
    hidden = [text[:24] + "..." for text in leaks]
    world.check(tokens.QUIET, not leaks, "no secret", f"{len(leaks)} texts with a secret: {hidden[:3]}")


ACTIONS = {
    "search_log": search_log,
    "ask_token": ask_token,
    "ask_wrongly": ask_wrongly,
    "ask_again": ask_again,
    "end_token": end_token,
}
