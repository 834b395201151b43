"""A plain client that asks the Table API for incidents, and knows what it ought to find."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import requests

from sandtable_scenarios.actions.incidents import resolve
from sandtable_scenarios.checks.instance import keeping
from sandtable_scenarios.stage.findings import Unavailable
from sandtable_scenarios.stage.pictures import look_again, model_of, observed
from sandtable_scenarios.stage.world import World
from sandtable_scenarios.targets.wire import HEALTH, IMPORT

TABLE = "/api/now/table/incident"


def _escaped(value: str) -> str:
    return value.replace("^", "^^")


def _listed(world: World, query: str, **parameters: str) -> requests.Response:
    params = {"sysparm_query": world.instance.scope + query, "sysparm_fields": "sys_id,correlation_id", **parameters}
    return world.instance.table.call("GET", "incident", params=params)


def find_exactly(world: World, correlation_id: str) -> None:
    """Ask for the incidents with one correlation ID."""
    model = model_of(world)
    expected = sorted(incident.sys_id for incident in model.matching(correlation_id))
    response = _listed(world, f"correlation_id={_escaped(correlation_id)}")
    world.check(keeping.EXACT, response.status_code == 200, "status 200", f"status {response.status_code}")
    found = sorted(row["sys_id"] for row in response.json()["result"])
    world.check(keeping.EXACT, found == expected, f"{len(expected)} incidents", f"{len(found)}: {response.text[:200]}")


def combine(world: World, first: str, second: str) -> None:
    """Ask for one ID or another, for both at once, and for everything but one."""
    model = model_of(world)
    one = {incident.sys_id for incident in model.matching(first)}
    two = {incident.sys_id for incident in model.matching(second)}
    active = {incident.sys_id for incident in model.known.values() if incident.is_open}
    a, b = f"correlation_id={_escaped(first)}", f"correlation_id={_escaped(second)}"
    for query, expected in (
        (f"{a}^OR{b}", one | two),
        (f"{a}^{b}", one & two),
        (f"{a}^NQ{b}", one | two),
        (f"{a}^OR{b}^active=true", (one | two) & active),
        (f"active=true^{a}^OR{b}", (one | two) & active),
        (f"active=true^{a}^NQ{b}", (one & active) | two),
        (
            f"correlation_idIN{_escaped(first)},{_escaped(second)}" if "," not in first + second else f"{a}^OR{b}",
            one | two,
        ),
    ):
        found = {row["sys_id"] for row in _listed(world, query).json()["result"]}
        world.check(keeping.INVALID, found == expected, f"{query}: {len(expected)} incidents", f"{len(found)}")


def search_parts(world: World, text: str) -> None:
    """Ask for what begins with a text, ends with it, holds it, does not hold it, is empty, and is not."""
    values = {sys_id: incident.correlation_id.lower() for sys_id, incident in model_of(world).known.items()}
    wanted, escaped = text.lower(), _escaped(text)
    for query, expected in (
        (f"correlation_idSTARTSWITH{escaped}", {key for key, value in values.items() if value.startswith(wanted)}),
        (f"correlation_idENDSWITH{escaped}", {key for key, value in values.items() if value.endswith(wanted)}),
        (f"correlation_idLIKE{escaped}", {key for key, value in values.items() if wanted in value}),
        (
            f"correlation_idNOT LIKE{escaped}^correlation_idISNOTEMPTY",
            {key for key, value in values.items() if value and wanted not in value},
        ),
        (
            f"correlation_id!={escaped}^correlation_idISNOTEMPTY",
            {key for key, value in values.items() if value and value != wanted},
        ),
        ("correlation_idISEMPTY", {key for key, value in values.items() if not value}),
        ("correlation_idISNOTEMPTY", {key for key, value in values.items() if value}),
    ):
        found = {row["sys_id"] for row in _listed(world, query).json()["result"]}
        world.check(keeping.INVALID, found == expected, f"{query}: {len(expected)} incidents", f"{len(found)}")


def set_levels(world: World, incident: str, impact: int, urgency: int, priority: str = "") -> None:
    """Set impact and urgency, and perhaps a priority of one's own, and look at the priority and its label."""
    sys_id = resolve(world, incident)
    if sys_id is None:
        return
    values = {"impact": str(impact), "urgency": str(urgency), **({"priority": priority} if priority else {})}
    row = world.instance.table.update("incident", sys_id, values)
    expected = str(impact + urgency - 1)
    world.check(keeping.PRIORITY, row["priority"] == expected, f"priority {expected}", f"priority {row['priority']}")
    look_again(world)


CHOSEN = ("state", "impact", "urgency", "priority")


def show(world: World, incident: str, count: int = 0) -> None:
    """Ask for one incident in every form of its values; ``count`` is stored as its number of reassignments before."""
    sys_id = resolve(world, incident)
    if sys_id is None:
        return
    table = world.instance.table
    table.update("incident", sys_id, {"reassignment_count": str(count)})
    look_again(world)
    forms = {}
    for form in ("false", "true", "all"):
        params = {"sysparm_display_value": form, "sysparm_exclude_reference_link": "true"}
        forms[form] = table.call("GET", f"incident/{sys_id}", params=params).json()["result"]
    stored, shown, both = forms["false"], forms["true"], forms["all"]
    names = [name for name in stored if not name.startswith("work_notes") and not name.startswith("comments")]
    apart = {name: (both[name]["value"], both[name]["display_value"]) for name in names}
    joined = {name: (stored[name], shown[name]) for name in names}
    odd = sorted(name for name in names if apart[name] != joined[name])
    world.check(keeping.SHOWN, not odd, "all shows what false and true show", f"other values of {odd[:5]}")
    for name in CHOSEN:
        rows = table.rows(
            "sys_choice", f"nameINtask,incident^element={name}^value={stored[name]}^language=en", ("label", "name")
        )
        labels = {row["label"] for row in rows if row["name"] == "incident"} or {row["label"] for row in rows}
        told = shown[name]
        world.check(keeping.SHOWN, told in labels, f"{name} {stored[name]} as one of {sorted(labels)}", f"{told!r}")
    opener = table.row("sys_user", stored["opened_by"])
    name = opener["name"] if opener else ""
    world.check(keeping.SHOWN, shown["opened_by"] == name, f"opened by {name!r}", f"{shown['opened_by']!r}")
    number = stored["reassignment_count"], shown["reassignment_count"]
    world.check(keeping.SHOWN, number == (str(count), f"{count:,}"), f"{count} as {count:,}", f"{number}")
    linked = table.call("GET", f"incident/{sys_id}").json()["result"]["opened_by"]
    value = linked.get("value") if isinstance(linked, dict) else linked
    world.check(keeping.SHOWN, value == stored["opened_by"], "the sys_id beside the link", f"{linked!r}")


def list_newest(world: World, correlation_id: str) -> None:
    """Ask for the incidents with one ID, newest first, the way a closing connector does."""
    expected = [incident.sys_id for incident in reversed(model_of(world).matching(correlation_id))]
    response = _listed(world, f"ORDERBYDESCsys_created_on^correlation_id={_escaped(correlation_id)}")
    found = [row["sys_id"] for row in response.json()["result"]]
    world.check(keeping.NEWEST, found == expected, f"the order {expected}", f"the order {found}")


def turn_pages(world: World, size: int, start: int = 0) -> None:
    """Read all incidents page by page from an offset, aligned or not, and compare with the whole list."""
    total = len(model_of(world).known)
    whole = [row["sys_id"] for row in _listed(world, "ORDERBYnumber", sysparm_fields="sys_id").json()["result"]]
    found: list[str] = []
    for offset in range(start, total + size, size):
        response = _listed(
            world, "ORDERBYnumber", sysparm_limit=str(size), sysparm_offset=str(offset), sysparm_fields="sys_id"
        )
        counted = response.headers.get("X-Total-Count")
        world.check(keeping.PAGES, counted == str(total), f"X-Total-Count {total}", f"{counted}")
        rows = response.json()["result"]
        world.check(keeping.PAGES, len(rows) <= size, f"at most {size} rows", f"{len(rows)}")
        found += [row["sys_id"] for row in rows]
    same = found == whole[start:] and len(set(whole)) == total
    world.check(keeping.PAGES, same, f"{total} incidents once each, from {start} on", f"{len(found)} of {len(whole)}")


def look_for_deleted(world: World, incident: str) -> None:
    """Delete an incident, then ask for it by sys_id and in the list."""
    sys_id = resolve(world, incident)
    if sys_id is None:
        return
    table = world.instance.table
    table.delete("incident", sys_id)
    model_of(world).forget(sys_id)
    look_again(world)
    response = table.call("GET", f"incident/{sys_id}")
    world.check(keeping.MISSING, response.status_code == 404, "status 404", f"status {response.status_code}")
    again = table.call("PATCH", f"incident/{sys_id}", body={"short_description": "back"})
    world.check(keeping.MISSING, again.status_code == 404, "status 404 for a change", f"status {again.status_code}")
    for method, body in (("PUT", {"short_description": "back"}), ("DELETE", None)):
        status = table.call(method, f"incident/{sys_id}", body=body).status_code
        world.check(keeping.MISSING, status == 404, f"status 404 for {method}", f"status {status}")
    found = [row["sys_id"] for row in _listed(world, "").json()["result"]]
    world.check(keeping.MISSING, sys_id not in found, "not in the list", "still in the list")


def touch(world: World, incident: str, text: str, seconds: int) -> None:
    """Let time pass, change an incident's text (perhaps to what it is), and look at counts and times."""
    sys_id = resolve(world, incident)
    if sys_id is None:
        return
    before = world.instance.table.row("incident", sys_id)
    if before is None:
        return
    world.require_control().advance(seconds)
    after = world.instance.table.update("incident", sys_id, {"short_description": text})
    changed = before["short_description"] != text
    counts = int(after["sys_mod_count"]) - int(before["sys_mod_count"])
    world.check(keeping.VERSIONS, counts == int(changed), f"sys_mod_count +{int(changed)}", f"+{counts}")
    moved = after["sys_updated_on"] > before["sys_updated_on"]
    world.check(keeping.VERSIONS, moved == changed, f"a later time of update: {changed}", f"{moved}")
    kept = (after["sys_created_on"], after["sys_created_by"]) == (before["sys_created_on"], before["sys_created_by"])
    world.check(keeping.VERSIONS, kept, "the same time and author of creation", f"{after['sys_created_on']}")
    author, expected = after["sys_updated_by"], world.instance.admin.user if changed else before["sys_updated_by"]
    world.check(keeping.VERSIONS, author == expected, f"updated by {expected}", f"updated by {author}")
    look_again(world)


# Each: what is sent as credentials.
INTRUDERS: Sequence[str] = (
    *("nothing", "unknown user", "wrong password", "empty password", "blanks at the end", "half a header", "inactive"),
)


def intrude(world: World, how: str) -> None:
    """Read and write with credentials that are not good, and expect 401 and no change."""
    integration = world.instance.integration
    user: tuple[str, str] | None = None
    headers: dict[str, str] = {}
    if how == "unknown user":
        user = ("nobody.at.all", integration.password)
    elif how == "wrong password":
        user = (integration.user, integration.password + "x")
    elif how == "blanks at the end":
        user = (integration.user, integration.password + "  ")
    elif how == "empty password":
        user = (integration.user, "")
    elif how == "half a header":
        headers["Authorization"] = "Basic"
    elif how == "inactive":
        world.require_control()
        rows = world.instance.table.rows("sys_user", f"user_name={integration.user}", ("sys_id",), 1)
        world.instance.table.update("sys_user", rows[0]["sys_id"], {"active": "false"})
        user = (integration.user, integration.password)
    elif how != "nothing":
        raise Unavailable(f"intrude knows no way called {how!r}")
    statuses = {}

    def act() -> dict[str, Any]:
        for method, path in (("GET", TABLE), ("POST", TABLE), ("POST", IMPORT), ("GET", HEALTH)):
            body = {"short_description": "intruder"} if method == "POST" else None
            response = world.instance.wire.send(method, path, user=user, headers=headers, json=body)
            statuses[f"{method} {path}"] = response.status_code
        return {"status": "ok", "data": None}

    outcome = observed(world, act)
    world.check(keeping.GUESTS, set(statuses.values()) == {401}, "status 401 everywhere", str(statuses))
    world.check(keeping.GUESTS, not outcome.change.touched, "nothing changed", str(outcome.change))


def trespass(world: World) -> None:
    """Write as a user who may sign in but has no role."""
    world.require_control()
    name, password = "no.role", "no-role-for-tests-only"
    world.instance.table.insert(
        "sys_user", {"user_name": name, "user_password": password, "active": "true", "first_name": "No"}
    )
    statuses = {}

    def act() -> dict[str, Any]:
        for method, path in (("POST", TABLE), ("POST", IMPORT), ("GET", HEALTH)):
            body = {"short_description": "trespasser"} if method == "POST" else None
            statuses[f"{method} {path}"] = world.instance.wire.send(
                method, path, user=(name, password), json=body
            ).status_code
        return {"status": "ok", "data": None}

    outcome = observed(world, act)
    world.check(keeping.ROLES, set(statuses.values()) == {403}, "status 403 everywhere", str(statuses))
    world.check(keeping.ROLES, not outcome.change.touched, "nothing changed", str(outcome.change))


def send_nonsense(world: World, what: str) -> None:
    """Send a request that cannot be understood, as the administrator."""
    admin = (world.instance.admin.user, world.instance.admin.password)
    wire = world.instance.wire
    broken = {"Content-Type": "application/json"}
    before = look_again(world)
    if what == "broken JSON":
        response = wire.send("POST", TABLE, user=admin, headers=broken, text='{"short_description": ')
    elif what == "an unknown table":
        response = wire.send("GET", "/api/now/table/no_such_table_here", user=admin)
    elif what == "an unknown staging table":
        response = wire.send("POST", "/api/now/import/no_such_table_here", user=admin, json={"u_a": "b"})
    elif what == "a list as body":
        response = wire.send("POST", TABLE, user=admin, json=["a"])
    elif what == "an unknown path":
        response = wire.send("GET", "/api/now/no_such_api", user=admin)
    else:
        raise Unavailable(f"send_nonsense knows no {what!r}")
    said = f"status {response.status_code}: {response.text[:160]}"
    world.check(keeping.REFUSALS, 400 <= response.status_code < 500, "a status 4xx", said)
    try:
        body = response.json()
    except ValueError:
        body = {}
    shaped = (
        isinstance(body, dict) and body.get("status") == "failure" and bool((body.get("error") or {}).get("message"))
    )
    world.check(keeping.REFUSALS, shaped, "error.message and status failure", said)
    after = look_again(world)
    world.check(keeping.REFUSALS, before.incidents == after.incidents, "nothing changed", "incidents changed")


NONSENSE = ("broken JSON", "an unknown table", "an unknown staging table", "a list as body", "an unknown path")
ACTIONS = {
    "find_exactly": find_exactly,
    "combine": combine,
    "list_newest": list_newest,
    "search_parts": search_parts,
    "set_levels": set_levels,
    "show": show,
    "turn_pages": turn_pages,
    "look_for_deleted": look_for_deleted,
    "touch": touch,
    "intrude": intrude,
    "trespass": trespass,
    "send_nonsense": send_nonsense,
}
