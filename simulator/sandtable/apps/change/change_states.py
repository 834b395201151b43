"""Which states a change may go to next, and what keeps it from them, as the Change Management API tells it.

Source: ServiceNow documentation, Change Management API, nextstates: the transitions of a change's model by the state
they lead to, each with its conditions; the state that the change is in comes last.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sandtable.core.behaviour.state_models import Transition, model_of_change, unmet
from sandtable.core.platform.display import choice_label
from sandtable.core.values.errors import RecordNotFound

if TYPE_CHECKING:
    from sandtable.core.applications.scripted_resources import ScriptRequest
    from sandtable.core.platform.contracts import Session
    from sandtable.core.platform.record import Record

CHANGES = "change_request"


def next_states(request: ScriptRequest) -> dict[str, Any]:
    """Say which states a change may go to, and last the one it is in. Raises RecordNotFound."""
    session = request.session
    change = session.table(CHANGES).find(request.path_parameters["sys_id"])
    if change is None:
        raise RecordNotFound
    now = change["state"]
    model = model_of_change(session.instance, change["chg_model"], change["type"]) or {}
    ways: dict[str, list[Transition]] = {}
    for transition in model.get(now, ()):
        ways.setdefault(transition.to_state, []).append(transition)
    column = session.instance.dictionary.columns(CHANGES)["state"]
    return {
        "available_states": [*ways, now],
        "state_transitions": [[_shown(session, change, each) for each in group] for group in ways.values()],
        "state_label": {state: choice_label(session, CHANGES, column, state) for state in (*ways, now)},
    }


def _shown(session: Session, change: Record, transition: Transition) -> dict[str, Any]:
    held = unmet(session.without_access_control(), transition, change, CHANGES)
    return {
        "sys_id": transition.sys_id,
        "display_value": transition.name,
        "from_state": change["state"],
        "to_state": transition.to_state,
        "transition_available": not held,
        "automatic_transition": transition.automatic,
        "conditions": [
            {
                "passed": each not in held,
                "condition": {"name": each.name, "description": each.description or None, "sys_id": each.sys_id},
            }
            for each in transition.conditions
        ],
    }
