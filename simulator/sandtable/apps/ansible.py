"""The application behind Ansible's servicenow.itsm collection: its one resource moves a problem to a state.

Source: documentation of the module servicenow.itsm.problem (base_api_path): from release Rome on the Table API does not
move problems between states any more, so the collection goes through this application of the ServiceNow store.
"""

from __future__ import annotations

from typing import Any

from sandtable.apps.shown import stored_values
from sandtable.core.applications.application import Application
from sandtable.core.applications.scripted_resources import Resource, ScriptRequest
from sandtable.core.schema.dictionary_data import stable_id
from sandtable.core.values.errors import BadRequest, RecordNotFound

SCOPE, VERSION = "x_rhtpp_ansible", "1.0.0"
SERVICE = f"Problem [{SCOPE}/problem]"
PROBLEM = "problem"


def move_problem(request: ScriptRequest) -> dict[str, Any]:
    """Move the problem of a number to a state, and change what else the body says.

    Raises RecordNotFound, BadRequest for a state that problems do not have, and what an update raises.
    """
    session, problems = request.session, request.session.table(PROBLEM)
    number, state = request.path_parameters["number"], request.path_parameters["state"]
    found = problems.first(filters={"number": number})
    if found is None:
        raise RecordNotFound
    choices = session.without_access_control().table("sys_choice")
    if choices.first(filters={"name": PROBLEM, "element": "state", "value": state}) is None:
        raise BadRequest("Invalid state", f"problems have no state {state!r}")
    body = {} if request.body is None else request.body
    if not isinstance(body, dict):
        raise BadRequest("Invalid request body", "The body must be an object of columns and values")
    updated = problems.update(found.sys_id, {**body, "state": state, "problem_state": state})
    return stored_values(session, updated)


APPLICATION = Application(
    scope=SCOPE,
    name="API for Red Hat Ansible Automation Platform Certified Content Collection",
    version=VERSION,
    store_app_id=stable_id("sys_store_app", SCOPE),
    vendor="Red Hat",
    description="Moves problems between states for Ansible's servicenow.itsm collection",
    resources=(
        Resource(
            "PATCH",
            f"/api/{SCOPE}/problem/{{number}}/new_state/{{state}}",
            move_problem,
            roles=("itil", "problem_manager", "problem_coordinator"),
            scope="global",
            service=SERVICE,
        ),
    ),
)
