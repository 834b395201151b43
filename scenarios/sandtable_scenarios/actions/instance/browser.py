"""A browser on some page that calls the instance, as far as HTTP shows it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType

import requests

from sandtable_scenarios.checks.instance import crossing
from sandtable_scenarios.stage.findings import Unavailable
from sandtable_scenarios.stage.world import World
from sandtable_scenarios.targets.wire import HEALTH

API = "elastic_api"
TABLES = "/api/now/table/incident?sysparm_limit=1"
PERMISSION = "Access-Control-Allow-Origin"
CREDENTIALS = "Access-Control-Allow-Credentials"
METHODS = ("post", "put", "patch", "delete")


def register_origin(
    world: World,
    domain: str,
    get: bool = True,
    active: bool = True,
    beside: bool = False,
    columns: Mapping[str, str] = MappingProxyType({}),
) -> None:
    """Make a CORS rule for the application's API, as the guide says; unless ``beside``, it replaces those there are.

    ``columns`` are others of the record: methods, headers, credentials, the maximum age.
    """
    table = world.instance.table
    world.require_control()
    for row in () if beside else table.rows("sys_cors_rule", "", ("sys_id",)):
        table.delete("sys_cors_rule", row["sys_id"])
    apis = table.rows("sys_ws_definition", f"service_id={API}^namespace.scope=x_elas2_inc_int", ("sys_id",))
    apis = apis or table.rows("sys_ws_definition", "base_uri=/api/x_elas2_inc_int/elastic_api", ("sys_id",))
    if not apis:
        raise Unavailable("the Elastic application has no API on this instance")
    table.insert(
        "sys_cors_rule",
        {
            "name": f"Sandtable story {domain}",
            "rest_api": apis[0]["sys_id"],
            "domain": domain,
            "get": str(get).lower(),
            "active": str(active).lower(),
            **columns,
        },
    )


def _list(response: requests.Response, name: str) -> set[str]:
    return {part.strip().lower() for part in response.headers.get(name, "").split(",") if part.strip()}


def preflight(world: World, origin: str, permitted: bool = True, path: str = HEALTH, method: str = "GET") -> None:
    """Ask for permission as a browser does before a call with an Authorization header."""
    response = world.instance.wire.send(
        "OPTIONS",
        path,
        headers={
            "Origin": origin,
            "Access-Control-Request-Method": method,
            "Access-Control-Request-Headers": "authorization",
        },
    )
    said = f"status {response.status_code}, {PERMISSION} {response.headers.get(PERMISSION)!r}"
    if not permitted:
        rule = crossing.ONE_API if path != HEALTH or method != "GET" else crossing.STRANGERS
        offered = PERMISSION in response.headers and method.lower() in _list(response, "Access-Control-Allow-Methods")
        world.check(rule, not offered, f"no permission for {method}", said)
        return
    world.check(crossing.PREFLIGHT, 200 <= response.status_code < 300, "a status 2xx without credentials", said)
    world.check(crossing.PREFLIGHT, response.headers.get(PERMISSION) == origin, f"{PERMISSION} {origin}", said)
    allowed = _list(response, "Access-Control-Allow-Headers")
    world.check(crossing.PREFLIGHT, "authorization" in allowed, "authorization allowed", f"allowed {sorted(allowed)}")


def call_from(world: World, origin: str, permitted: bool = True, signed_in: bool = True, path: str = HEALTH) -> None:
    """Call the instance from a page of this origin, with right or wrong credentials."""
    user = world.instance.admin if signed_in else None
    credentials = (user.user, user.password) if user else ("nobody", "wrong")
    response = world.instance.wire.send("GET", path, user=credentials, headers={"Origin": origin})
    expected = 200 if signed_in else 401
    world.check(
        crossing.SERVED, response.status_code == expected, f"status {expected}", f"status {response.status_code}"
    )
    found = response.headers.get(PERMISSION)
    if permitted:
        world.check(crossing.ALLOWED, found == origin, f"{PERMISSION} {origin}", f"{PERMISSION} {found!r}")
        world.check(
            crossing.ALLOWED,
            "origin" in _list(response, "Vary"),
            "Vary: Origin",
            f"Vary {response.headers.get('Vary')!r}",
        )
    else:
        rule = crossing.STRANGERS if path == HEALTH else crossing.ONE_API
        world.check(rule, found is None, f"no {PERMISSION}", f"{PERMISSION} {found!r}")


def compare_with_rule(world: World, origin: str, columns: Mapping[str, str]) -> None:
    """Ask from an origin, and compare what is permitted with the columns of the rule that decides."""
    asked = {"authorization", "x-first"}
    sent = {
        "Origin": origin,
        "Access-Control-Request-Method": "GET",
        "Access-Control-Request-Headers": ",".join(sorted(asked)),
    }
    answer = world.instance.wire.send("OPTIONS", HEALTH, headers=sent)
    methods = {"get"} | {name for name in METHODS if columns.get(name) == "true"}
    named = columns.get("access_control_allow_headers", "")
    credentials = columns.get("access_control_allow_credentials") == "true"
    _compare(world, "methods", methods, _list(answer, "Access-Control-Allow-Methods"))
    _compare(world, "request headers", _names(named) or asked, _list(answer, "Access-Control-Allow-Headers"))
    _compare(world, "maximum age", columns.get("max_age"), answer.headers.get("Access-Control-Max-Age"))
    _compare(world, "credentials", credentials, answer.headers.get(CREDENTIALS) == "true")
    admin = world.instance.admin
    read = world.instance.wire.send("GET", HEALTH, user=(admin.user, admin.password), headers={"Origin": origin})
    _compare(world, "credentials of a call", credentials, read.headers.get(CREDENTIALS) == "true")
    exposed = _names(columns.get("exposed_headers", ""))
    _compare(world, "exposed headers", exposed, _list(read, "Access-Control-Expose-Headers"))
    for method in METHODS:
        called = world.instance.wire.send(
            method.upper(), HEALTH, user=(admin.user, admin.password), headers={"Origin": origin}
        )
        permitted = columns.get(method) == "true"
        _compare(world, f"permission after {method.upper()}", permitted, PERMISSION in called.headers)


def _names(text: str) -> set[str]:
    return {part.strip().lower() for part in text.split(",") if part.strip()}


def _compare(world: World, what: str, expected: object, found: object) -> None:
    world.check(crossing.COLUMNS, found == expected, f"{what}: {expected!r}", f"{found!r}")


def preflight_with(world: World, origin: str, headers: str) -> None:
    """Ask for permission for odd header names, and look at what is repeated."""
    response = world.instance.wire.send(
        "OPTIONS",
        HEALTH,
        headers={
            "Origin": origin,
            "Access-Control-Request-Method": "GET",
            "Access-Control-Request-Headers": headers,
        },
    )
    repeated = [part.strip() for part in response.headers.get("Access-Control-Allow-Headers", "").split(",")]
    odd = [name for name in repeated if name and not re.fullmatch(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+", name)]
    world.check(crossing.CLEAN, not odd, "only header names", f"{odd!r:.200}")
    world.check(crossing.CLEAN, response.status_code < 500, "no server error", f"status {response.status_code}")


ACTIONS = {
    "register_origin": register_origin,
    "preflight": preflight,
    "call_from": call_from,
    "preflight_with": preflight_with,
    "compare_with_rule": compare_with_rule,
}
