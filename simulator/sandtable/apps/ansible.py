"""The application behind Ansible's servicenow.itsm collection: its one resource moves a problem to a state.

Source: documentation of the module servicenow.itsm.problem (base_api_path): from release Rome on the Table API does not
move problems between states any more, so the collection goes through this application of the ServiceNow store.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from sandtable.apps.shown import stored_values
from sandtable.core.applications.application import Application
from sandtable.core.applications.scripted_resources import Resource, ScriptRequest
from sandtable.core.behaviour.state_models import model_named
from sandtable.core.behaviour.tasks.problem import ASSESS, CLOSED, RESOLVED
from sandtable.core.schema.dictionary_data import stable_id
from sandtable.core.values.errors import BadRequest, RecordNotFound

if TYPE_CHECKING:
    from sandtable.core.platform.record import Record

SCOPE, VERSION = "x_rhtpp_ansible", "1.0.0"
SERVICE = f"Problem [{SCOPE}/problem]"
PROBLEM = "problem"


# What a resolution has to say, beside its code.
RESOLVED_BY = {
    "fix_applied": ("cause_notes", "fix_notes"),
    "risk_accepted": ("cause_notes", "close_notes"),
    "canceled": ("close_notes",),
    "duplicate": ("duplicate_of",),
}


def move_problem(request: ScriptRequest) -> dict[str, Any]:
    """Move the problem of a number to a state, and change what else the body says.

    Raises RecordNotFound, BadRequest for a state that problems do not have, one that this state does not lead to and a
    field that is missing there, and what an update raises.
    """
    session, problems = request.session, request.session.table(PROBLEM)
    number, state = request.path_parameters["number"], request.path_parameters["state"]
    found = problems.first(filters={"number": number})
    if found is None:
        raise RecordNotFound(f"No problem with number {number} exists.", "")
    choices = session.instance.dictionary.choices(PROBLEM, "state")
    if state not in {choice.value for choice in choices}:
        raise BadRequest(f"Given new state {state} is not a valid state.", "")
    model = model_named(session.instance, PROBLEM, PROBLEM) or {}
    if state not in {each.to_state for each in model.get(found["state"], ())}:
        said = f"Problem state transition from state {found['state']} to {state} is not possible."
        raise BadRequest(said, "")
    body = {} if request.body is None else request.body
    if not isinstance(body, dict):
        raise BadRequest("Invalid request body", "The body must be an object of columns and values")
    _check_fields(found, state, body)
    updated = problems.update(found.sys_id, {**body, "state": state, "problem_state": state})
    return stored_values(session, updated)


def _check_fields(problem: Record, state: str, body: Mapping[str, Any]) -> None:
    needed = ["assigned_to"] if state == ASSESS else []
    if state in (RESOLVED, CLOSED):
        code = str(body.get("resolution_code") or problem["resolution_code"])
        needed += ["resolution_code", *RESOLVED_BY.get(code, ())]
    for name in needed:
        if not (body.get(name) or problem[name]):
            raise BadRequest(f"Missing field {name}.", "")


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
