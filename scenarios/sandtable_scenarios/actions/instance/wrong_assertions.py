"""The ways in which an assertion, its client, its key or its user can be wrong, by the rule that each is against."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from sandtable_scenarios.actions.credentials import CLIENT_SECRET, register_client, register_key, user_record
from sandtable_scenarios.checks.instance import tokens
from sandtable_scenarios.stage.world import World

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


def _signing_changed(name: str, make: Callable[[Any], Any]) -> Change:
    def change(_world: World, _claims: Claims, signing: dict[str, Any]) -> None:
        signing[name] = make(signing[name])

    return change


def _user_name(world: World, claims: Claims, _signing: dict[str, Any]) -> None:
    claims["sub"] = user_record(world)["user_name"]


def _administrator_by_group(world: World, claims: Claims, _signing: dict[str, Any]) -> None:
    table = world.instance.table
    role = table.rows("sys_user_role", "name=admin", ("sys_id",), 1)[0]["sys_id"]
    group = table.insert("sys_user_group", {"name": "sandtable story"})["sys_id"]
    table.insert("sys_group_has_role", {"group": group, "role": role})
    user = table.insert("sys_user", {"user_name": "by.group", "email": "by.group@example.com", "active": "true"})
    table.insert("sys_user_grmember", {"group": group, "user": user["sys_id"]})
    claims["sub"] = "by.group@example.com"


def _no_kid_of_two(world: World, _claims: Claims, signing: dict[str, Any]) -> None:
    made = world.facts["client"]
    register_key(world, made["client"], made["certificate"], "a second map")
    signing["kid"] = None


def _without_certificate(world: World, _claims: Claims, _signing: dict[str, Any]) -> None:
    world.instance.table.delete("sys_certificate", world.facts["client"]["certificate"])


def _without_map(world: World, _claims: Claims, _signing: dict[str, Any]) -> None:
    world.instance.table.delete("jwt_verifier_map", world.facts["client"]["map"])


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
        "the signature of another assertion": _signing(borrow=True),
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
        "in capitals": _signing_changed("kid", str.upper),
        "a part": _signing_changed("kid", lambda kid: kid[:-1]),
        "a list": _signing_changed("kid", lambda kid: [kid]),
        "none, with two keys": _no_kid_of_two,
        "of a map that is gone": _without_map,
    },
    tokens.AUDIENCE.id: {
        "missing": _without("aud"),
        "another": _claim("aud", "somebody else"),
        "a part": _client_prefix("aud", lambda text: text[:-1]),
        "in capitals": _client_prefix("aud", str.upper),
        "more than that": _client_prefix("aud", lambda text: text + "X"),
        "a number": _claim("aud", 1),
        "a list of others": _claim("aud", ["somebody else", "https://example.com"]),
        "an empty list": _claim("aud", []),
    },
    tokens.ISSUER.id: {
        "missing": _without("iss"),
        "another": _claim("iss", "somebody else"),
        "a list": _client_prefix("iss", lambda text: [text]),
        "in capitals": _client_prefix("iss", str.upper),
        "a part": _client_prefix("iss", lambda text: text[:-1]),
        "more than that": _client_prefix("iss", lambda text: text + "X"),
        "blank": _claim("iss", ""),
    },
    tokens.TIMES.id: {
        "expired": _shifted("exp", -3600),
        "expired just beyond the skew": _shifted("exp", -302),
        "no expiry": _without("exp"),
        "expiry as text": _shifted("exp", 3600, as_text=True),
        "expiry true": _claim("exp", True),
        "expiry null": _claim("exp", None),
        "not yet valid": _shifted("nbf", 3600),
        "not yet valid for longer than the skew": _shifted("nbf", 420),
        "a beginning true": _claim("nbf", True),
        "a beginning as text": _shifted("nbf", -60, as_text=True),
        "issued in the future": _shifted("iat", 3600),
    },
    tokens.SUBJECT.id: {
        "missing": _without("sub"),
        "blank": _claim("sub", ""),
        "unknown": _claim("sub", "nobody.at.all@example.com"),
        "a number": _claim("sub", 1),
        "a query": _claim("sub", "x^ORuser_nameISNOTEMPTY"),
        "a pattern": _client_prefix("sub", lambda text: text[:-1] + "%"),
        "a part": _client_prefix("sub", lambda text: text[:-1]),
        "more than that": _client_prefix("sub", lambda text: text + "x"),
        "a list": _client_prefix("sub", lambda text: [text]),
        "the user name": _user_name,
        "an administrator": _as_administrator,
        "an administrator by a group": _administrator_by_group,
        "inactive": _with_user("active", "false"),
        "locked out": _with_user("locked_out", "true"),
        "two users": _twin,
    },
    tokens.CLIENT.id: {
        "wrong secret": _signing(client_secret="x" + CLIENT_SECRET),
        "a secret in other letters": _signing_changed("client_secret", str.swapcase),
        "a part of the secret": _signing_changed("client_secret", lambda text: text[:-1]),
        "more than the secret": _signing_changed("client_secret", lambda text: text + "x"),
        "no secret": _signing(client_secret=""),
        "a client in capitals": _signing_changed("client_id", str.upper),
        "unknown client": _signing(client_id="0" * 32),
        "inactive": _with_record("oauth_jwt", "client", {"active": "false"}),
    },
    tokens.CERTIFICATE.id: {
        "inactive": _with_record("sys_certificate", "certificate", {"active": "false"}),
        "gone": _without_certificate,
        "out of its dates": _signing(outdated=True),
    },
}
