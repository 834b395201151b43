"""The CI/CD API as far as progress of what was started, and update sets, go.

Source: ServiceNow documentation, CI/CD API. A status is a text, the percentage a number. What an instance does at once
here is done when the call that starts it is answered.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sandtable.core.applications.application import Application
from sandtable.core.applications.scripted_resources import Resource, ScriptRequest, ScriptResponse, failure
from sandtable.core.schema.dictionary_data import stable_id
from sandtable.core.values.errors import RecordNotFound

if TYPE_CHECKING:
    from sandtable.core.platform.record import Record

SCOPE = "sn_cicd"
BASE = "/api/sn_cicd"
SERVICE = "CICD [sn_cicd]"
ROLES = ("sn_cicd.sys_ci_automation", "admin")
TRACKERS, SETS, SCOPES = "sys_execution_tracker", "sys_update_set", "sys_scope"
LABELS = {"0": "Pending", "1": "Running", "2": "Successful", "3": "Failed", "4": "Canceled"}


def progress(request: ScriptRequest) -> dict[str, Any]:
    """Say how far something is that was started. Raises RecordNotFound."""
    found = request.session.without_access_control().table(TRACKERS).find(request.path_parameters["id"])
    if found is None:
        raise RecordNotFound
    return _shown(request, found)


def create_update_set(request: ScriptRequest) -> ScriptResponse:
    """Make an update set in an application, which `scope` or `sys_id` names; the default is the global one."""
    name = request.query.get("update_set_name", "")
    if not name:
        return failure(400, "Missing parameter", "update_set_name is required")
    rows = request.session.without_access_control()
    application = "global"
    scope, sys_id = request.query.get("scope", ""), request.query.get("sys_id", "")
    if scope or sys_id:
        found = rows.table(SCOPES).find(sys_id) if sys_id else rows.table(SCOPES).first(filters={"scope": scope})
        if found is None:
            return failure(404, "Record not found", f"There is no application {sys_id or scope}")
        application = found.sys_id
    values = {"name": name, "application": application, "description": request.query.get("description", "")}
    made = rows.table(SETS).insert(values)
    done = {"status": "2", "status_label": LABELS["2"], "status_message": "", "status_detail": "", "error": ""}
    return ScriptResponse(201, {**done, "percent_complete": 100, "update_set_id": made.sys_id})


def _shown(request: ScriptRequest, tracker: Record) -> dict[str, Any]:
    failed = tracker["state"] == "3"
    message = tracker["message"]
    url = f"{request.session.instance.base_url}{BASE}/progress/{tracker.sys_id}"
    percent = tracker["percent_complete"]
    return {
        "links": {"progress": {"id": tracker.sys_id, "url": url}},
        "status": tracker["state"],
        "status_label": LABELS.get(tracker["state"], ""),
        "status_message": message,
        "status_detail": tracker["detail_message"],
        "error": message if failed else "",
        "percent_complete": int(percent) if percent.isdigit() else 0,
    }


APPLICATION = Application(
    scope=SCOPE,
    name="CI/CD API",
    version="1.0.0",
    store_app_id=stable_id("sys_store_app", SCOPE),
    vendor="ServiceNow",
    description="Progress of installations; update sets",
    resources=(
        Resource("GET", f"{BASE}/progress/{{id}}", progress, roles=ROLES, scope="global", service=SERVICE),
        Resource("POST", f"{BASE}/update_set/create", create_update_set, roles=ROLES, scope="global", service=SERVICE),
    ),
)
