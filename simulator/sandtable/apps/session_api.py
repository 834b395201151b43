"""What browser sessions and development tools ask about themselves: who they are, and where their changes go.

Source: clients of these endpoints, which have no public page. The update set and the application that somebody works in
are records of sys_user_preference, as in the product's own picker.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sandtable.core.applications.application import Application
from sandtable.core.applications.scripted_resources import Resource, ScriptRequest
from sandtable.core.schema.dictionary_data import stable_id
from sandtable.core.values.errors import BadRequest, RecordNotFound

if TYPE_CHECKING:
    from sandtable.core.platform.contracts import Session

SCOPE = "sn_session_api"
SERVICE = "User Interface [now/ui]"
PICKER = "/api/now/ui/concoursepicker"
UPDATE_SET, APPLICATION_PICKED = "sys_update_set", "apps.current_app"
PREFERENCES, SETS, SCOPES = "sys_user_preference", "sys_update_set", "sys_scope"


def current_user(request: ScriptRequest) -> dict[str, str]:
    """Say who is calling."""
    session = request.session
    user = session.without_access_control().table("sys_user").get(session.user_sys_id)
    initials = "".join(user[name][:1] for name in ("first_name", "last_name"))
    return {
        "user_sys_id": user.sys_id,
        "user_name": user["user_name"],
        "user_display_name": user["name"],
        "user_initials": initials.upper(),
        "user_avatar": "",
    }


def update_sets(request: ScriptRequest) -> dict[str, Any]:
    """List the update sets in progress, and say which one the caller's changes go to."""
    session = request.session
    listed = session.table(SETS).query("state=in progress^ORDERBYname")
    current = _preferred(session, UPDATE_SET)
    chosen = next((each for each in listed if each.sys_id == current), None)
    chosen = chosen or next((each for each in listed if each["is_default"] == "true"), None)
    return {
        "updateSet": [{"sysId": each.sys_id, "name": each["name"]} for each in listed],
        "current": {"sysId": chosen.sys_id, "name": chosen["name"]} if chosen is not None else {},
    }


def choose_update_set(request: ScriptRequest) -> dict[str, Any]:
    """Let the caller's changes go to another update set. Raises RecordNotFound for one that is not in progress."""
    chosen = request.session.table(SETS).find(_asked(request, "sysId"))
    if chosen is None or chosen["state"] != "in progress":
        raise RecordNotFound
    _prefer(request.session, UPDATE_SET, chosen.sys_id)
    return update_sets(request)


def applications(request: ScriptRequest) -> dict[str, Any]:
    """List the applications, and say in which one the caller works."""
    session = request.session
    listed = session.table(SCOPES).query("ORDERBYname")
    current = _preferred(session, APPLICATION_PICKED) or "global"
    return {
        "list": [{"sysId": each.sys_id, "name": each["name"], "scopeName": each["scope"]} for each in listed],
        "current": current,
    }


def choose_application(request: ScriptRequest) -> dict[str, Any]:
    """Let the caller work in another application. Raises RecordNotFound."""
    chosen = request.session.table(SCOPES).find(_asked(request, "app_id"))
    if chosen is None:
        raise RecordNotFound
    _prefer(request.session, APPLICATION_PICKED, chosen.sys_id)
    return applications(request)


def _asked(request: ScriptRequest, name: str) -> str:
    body = request.body
    given = body.get(name) if isinstance(body, dict) else None
    if not isinstance(given, str) or not given:
        raise BadRequest("Invalid request body", f'The body must be an object with {name}: {{"{name}": "..."}}')
    return given


def _preferred(session: Session, name: str) -> str:
    rows = session.without_access_control().table(PREFERENCES)
    found = rows.first(filters={"user": session.user_sys_id, "name": name})
    return found["value"] if found is not None else ""


def _prefer(session: Session, name: str, value: str) -> None:
    mine = {"user": session.user_sys_id, "name": name}
    rows = session.without_access_control().table(PREFERENCES)
    found = rows.first(filters=mine)
    if found is not None:
        rows.update(found.sys_id, {"value": value})
    else:
        rows.insert({**mine, "value": value})


APPLICATION = Application(
    scope=SCOPE,
    name="Session API",
    version="1.0.0",
    store_app_id=stable_id("sys_store_app", SCOPE),
    vendor="ServiceNow",
    description="Who is calling, and where changes go",
    resources=(
        Resource("GET", "/api/now/ui/user/current_user", current_user, scope="global", service=SERVICE),
        *(
            Resource(method, f"{PICKER}/{what}", script, roles=("admin",), scope="global", service=SERVICE)
            for method, what, script in (
                ("GET", "updateset", update_sets),
                ("PUT", "updateset", choose_update_set),
                ("GET", "application", applications),
                ("PUT", "application", choose_application),
            )
        ),
    ),
)
