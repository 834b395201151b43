"""How the connector signs in: with a password, or with a key; and what happens to either in the middle of work."""

from __future__ import annotations

import re
from typing import Any

from sandtable_scenarios.actions.attempts import attempt, obstruct, rule_of
from sandtable_scenarios.actions.connector.connecting import connection, execute, move_connector
from sandtable_scenarios.stage.findings import Unavailable
from sandtable_scenarios.stage.keys import PASSPHRASE, pair
from sandtable_scenarios.stage.pictures import observed
from sandtable_scenarios.stage.world import World

# With characters that mean something in a form.
CLIENT_SECRET = "client secret+for&tests=only%41;語"
LITTLE = 300
"""Seconds by which two clocks may differ."""

NOBODY = "nobody.at.all@example.com"


SECRET_PARAMETER = re.compile(
    r"[?&](?:client_secret|assertion|password|access_token|token|private_?key)=", re.IGNORECASE
)


def user_record(world: World, user_name: str | None = None) -> dict[str, str]:
    """Return the user record of the integration user, or of another user."""
    name = user_name or world.instance.integration.user
    found = world.instance.table.rows("sys_user", f"user_name={name}", ("sys_id", "user_name", "email"), 2)
    if len(found) != 1:
        raise Unavailable(f"there is no user {name!r} on the instance")
    return found[0]


def use_basic(world: World, wrong: str = "") -> None:
    """Sign in with user and password; ``wrong``: user, password, swapped, cut or case."""
    made = connection(world)
    obstruct(world, "credentials", stands=bool(wrong))
    user, password = world.instance.integration.user, world.instance.integration.password
    made["secrets"] = {
        "": {"username": user, "password": password},
        "user": {"username": user + "x", "password": password},
        "password": {"username": user, "password": "x" + password},
        "swapped": {"username": password, "password": user},
        "cut": {"username": user, "password": password[:-1]},
        "case": {"username": user, "password": password.swapcase()},
    }[wrong]


def change_password(world: World, password: str, told: bool = True) -> None:
    """Give the integration user another password; the connector learns it if ``told``."""
    record = user_record(world)
    world.require_control()
    world.instance.table.update("sys_user", record["sys_id"], {"user_password": password})
    if told:
        connection(world)["secrets"]["password"] = password
    obstruct(world, "credentials", stands=not told)


def register_client(
    world: World,
    key: str = "first",
    *,
    outdated: bool = False,
    lifespan: int = 1800,
    name: str = "sandtable story",
) -> dict[str, str]:
    """Register certificate, JWT endpoint and verifier map as an administrator does; return ids, client and key ID."""
    table = world.instance.table
    world.require_control()
    certificate = table.insert(
        "sys_certificate", {"name": f"{name} {key}", "pem_certificate": pair(key, outdated=outdated).certificate}
    )
    client = table.insert(
        "oauth_jwt",
        {
            "name": name,
            "user_field": "email",
            "enable_jti_verification": "true",
            "client_secret": CLIENT_SECRET,
            "access_token_lifespan": str(lifespan),
        },
    )
    verifier = register_key(world, client["sys_id"], certificate["sys_id"], f"{name} {key}")
    return {
        "certificate": certificate["sys_id"],
        "client": client["sys_id"],
        "client_id": client["client_id"],
        "map": verifier["sys_id"],
        "kid": verifier["kid"],
    }


def register_key(world: World, client: str, certificate: str, name: str) -> dict[str, str]:
    """Register a verifier map for a client and a certificate; returns its record."""
    return world.instance.table.insert(
        "jwt_verifier_map", {"name": name, "oauth_jwt": client, "sys_certificate": certificate}
    )


def use_jwt(world: World, wrong: str = "", lifespan: int = 1800, locked: bool = False, another: bool = False) -> None:
    """Register a client, or ``another`` one, and sign in with a key; ``wrong`` is what does not fit.

    `WRONG_WITH_JWT` lists what may be wrong.
    """
    made = world.facts["client"] = register_client(
        world,
        "second" if another else "first",
        outdated=wrong == "outdated certificate",
        lifespan=lifespan,
        name="sandtable story, another" if another else "sandtable story",
    )
    obstruct(world, "credentials", stands=bool(wrong))
    config, secrets = _oauth(world, made, locked=locked)
    if another:
        secrets["privateKey"] = pair("second", locked=locked).private
    table = world.instance.table
    if wrong == "client secret":
        secrets["clientSecret"] = "x" + CLIENT_SECRET
    elif wrong == "client id":
        config["clientId"] = "0" * 32
    elif wrong == "key":
        secrets["privateKey"] = pair("other").private
    elif wrong == "key id":
        config["jwtKeyId"] = "0" * 32
    elif wrong == "key id of another client":
        config["jwtKeyId"] = register_client(world, "other", name="another client")["kid"]
        secrets["privateKey"] = pair("other").private
    elif wrong == "user":
        config["userIdentifierValue"] = NOBODY
    elif wrong == "user name instead of the user field":
        config["userIdentifierValue"] = world.instance.integration.user
    elif wrong == "administrator":
        administrator = user_record(world, world.instance.admin.user)
        table.update("sys_user", administrator["sys_id"], {"email": "administrator@example.com"})
        config["userIdentifierValue"] = "administrator@example.com"
    elif wrong == "inactive user":
        table.update("sys_user", user_record(world)["sys_id"], {"active": "false"})
    elif wrong == "inactive client":
        table.update("oauth_jwt", made["client"], {"active": "false"})
    elif wrong == "inactive certificate":
        table.update("sys_certificate", made["certificate"], {"active": "false"})
    elif wrong == "no verifier map":
        table.delete("jwt_verifier_map", made["map"])
    elif wrong == "key password":
        secrets["privateKey"] = pair("first", locked=True).private
        secrets["privateKeyPassword"] = "x" + PASSPHRASE
    elif wrong == "no key password":
        secrets["privateKey"] = pair("first", locked=True).private
    elif wrong == "no key at all":
        secrets["privateKey"] = "-----BEGIN PRIVATE KEY-----\nbm90IGEga2V5\n-----END PRIVATE KEY-----\n"
    elif wrong not in ("", "outdated certificate"):
        raise Unavailable(f"use_jwt knows no way to be wrong called {wrong!r}")
    world.facts["connection"] = {
        **connection(world),
        "config": config,
        "secrets": secrets,
        "connector_id": "rehearsal-oauth",
    }


WRONG_WITH_JWT = (
    "client secret",
    "client id",
    "key",
    "key id",
    "key id of another client",
    "user",
    "user name instead of the user field",
    "administrator",
    "inactive user",
    "inactive client",
    "inactive certificate",
    "outdated certificate",
    "no verifier map",
    "no key at all",
)


def _oauth(world: World, made: dict[str, str], *, locked: bool) -> tuple[dict[str, Any], dict[str, Any]]:
    config = {
        "apiUrl": world.instance.base_url,
        "isOAuth": True,
        "usesTableApi": False,
        "clientId": made["client_id"],
        "jwtKeyId": made["kid"],
        "userIdentifierValue": user_record(world)["email"],
    }
    secrets = {"clientSecret": CLIENT_SECRET, "privateKey": pair("first", locked=locked).private}
    if locked:
        secrets["privateKeyPassword"] = PASSPHRASE
    return config, secrets


def revoke_tokens(world: World) -> None:
    """Revoke every access token of the story's client, as an administrator does: by deleting its records."""
    world.require("client" in world.facts)
    table = world.instance.table
    for row in table.rows("oauth_credential", f"peer={world.facts['client']['client']}", ("sys_id",)):
        table.delete("oauth_credential", row["sys_id"])


def replace_key(world: World, keep_old: bool = False, told: bool = True) -> None:
    """Register a second key for the client; the old one goes unless kept, the connector learns of it if ``told``."""
    world.require("client" in world.facts)
    table, made = world.instance.table, world.facts["client"]
    obstruct(world, "credentials", stands=not (told or keep_old))
    certificate = table.insert(
        "sys_certificate", {"name": "sandtable story second", "pem_certificate": pair("second").certificate}
    )
    verifier = register_key(world, made["client"], certificate["sys_id"], "sandtable story second")
    if not keep_old:
        table.delete("jwt_verifier_map", made["map"])
        table.update("sys_certificate", made["certificate"], {"active": "false"})
    if told:
        connection(world)["config"]["jwtKeyId"] = verifier["kid"]
        connection(world)["secrets"]["privateKey"] = pair("second").private


def change_client_secret(world: World, told: bool = True) -> None:
    """Give the story's client another secret, as an administrator does; the connector learns it if ``told``."""
    secret = CLIENT_SECRET + ", the second one"
    world.require("client" in world.facts)
    world.instance.table.update("oauth_jwt", world.facts["client"]["client"], {"client_secret": secret})
    if told:
        connection(world)["secrets"]["clientSecret"] = secret


def restart_connector(world: World) -> None:
    """Restart the connector: it forgets what it kept in memory."""
    world.connector.restart()


def as_another_connector(world: World, connector_id: str, wrong: str = "") -> None:
    """Go on as a second connector with the same settings; ``wrong`` may be its client secret, or its password."""
    made = world.facts["connection"] = {**connection(world), "connector_id": connector_id}
    obstruct(world, "credentials", stands=bool(wrong))
    if wrong == "password":
        made["secrets"] = {**made["secrets"], "password": "x" + str(made["secrets"]["password"])}
    elif wrong:
        made["secrets"] = {**made["secrets"], "clientSecret": "x" + CLIENT_SECRET}


def as_another_user(world: World, told_user: str = "second.integration", password: str = "") -> None:
    """Let the connector act for another user from now on, who may do what the first one may.

    With a ``password`` it signs in by the name of that user, else by the key that it has.
    """
    table = world.instance.table
    world.require_control()
    world.require(password or "client" in world.facts)
    email = told_user if "@" in told_user else f"{told_user}@example.com"
    given = {"user_name": told_user, "name": told_user, "email": email, "active": "true"}
    made = table.insert("sys_user", {**given, **({"user_password": password} if password else {})})
    for row in table.rows("sys_user_has_role", f"user={user_record(world)['sys_id']}", ("role",)):
        table.insert("sys_user_has_role", {"user": made["sys_id"], "role": row["role"], "state": "active"})
    if password:
        connection(world)["secrets"] |= {"username": told_user, "password": password}
    else:
        connection(world)["config"]["userIdentifierValue"] = email
    world.facts["another user"] = told_user


def push_as_told(world: World, correlation_id: str = "r:told") -> None:
    """Push a new alert, and look who created its incident: the user whom the settings name."""
    about = "auth.jwt" if connection(world)["config"]["isOAuth"] else "auth.basic"
    outcome = attempt(world, about, "succeed", correlation_id)
    user = world.facts.get("another user", world.instance.integration.user)
    made = [
        row["sys_created_by"] for row in outcome.after.incidents.values() if row["correlation_id"] == correlation_id
    ]
    world.check(rule_of(about), made == [user], f"an incident created by {user}", f"created by {made}")


def count_tokens(world: World, about: str, least: int, most: int) -> None:
    """Check how many token requests reached the instance since the last count."""
    rule = rule_of(about)
    # Whoever expects tokens must have asked for something before.
    world.require(not least or world.facts.get("given"))
    control = world.require_control()
    asked = sum(1 for exchange in control.requests() if exchange["path"].endswith("/oauth_token.do"))
    control.forget_requests()
    world.check(rule, least <= asked <= most, f"{least} to {most} token requests", f"{asked} token requests")


def recover_nobody(world: World, about: str) -> None:
    """Let an alert recover that no incident is about, which takes one request to the instance and is no error."""
    parameters = {"incident": {"correlation_id": "r:nobody", "externalId": None}}
    outcome = observed(world, lambda: execute(world, "closeIncident", parameters))
    world.check(rule_of(about), outcome.ok, "the answer ok", outcome.said)


def search_urls(world: World, about: str) -> None:
    """Check that no secret of the connector is in the URL of any request that reached the instance."""
    secrets = [value for name, value in connection(world)["secrets"].items() if name != "username" and value]
    urls = [f"{exchange['path']}?{exchange.get('query') or ''}" for exchange in world.require_control().requests()]
    # The journal shows stars for secrets that it knows by the name of their parameter.
    leaks = [url for url in urls if any(secret in url for secret in secrets) or SECRET_PARAMETER.search(url)]
    world.check(rule_of(about), not leaks, "no secret in a URL", f"{len(leaks)} URLs with a secret")


def set_clock(world: World, offset: float) -> None:
    """Stop the clock of the instance so many seconds ahead of, or behind, the present one."""
    control = world.require_control()
    control.freeze()
    control.advance(offset)
    obstruct(world, "clocks", stands=abs(offset) > LITTLE)


ACTIONS = {
    "use_basic": use_basic,
    "change_password": change_password,
    "use_jwt": use_jwt,
    "revoke_tokens": revoke_tokens,
    "replace_key": replace_key,
    "change_client_secret": change_client_secret,
    "restart_connector": restart_connector,
    "move_connector": move_connector,
    "as_another_connector": as_another_connector,
    "as_another_user": as_another_user,
    "push_as_told": push_as_told,
    "count_tokens": count_tokens,
    "recover_nobody": recover_nobody,
    "search_urls": search_urls,
    "set_clock": set_clock,
}
