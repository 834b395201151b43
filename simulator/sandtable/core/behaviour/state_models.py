"""State models: change requests and problems move only along the transitions that their models hold as records.

Sources: ServiceNow documentation, change models, and state progression for normal, standard, and emergency changes; for
problems the application that Red Hat publishes for Ansible's servicenow.itsm, and the collection's integration tests,
which also move a problem from New straight to Root Cause Analysis. A change that may not move is refused by a rule; a
problem then simply stays in its state (the collection's documentation, of releases since Rome).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sandtable.core.platform.writing.rules import UPDATE, BusinessRule, RuleContext
from sandtable.core.query import Query, evaluate, parse

if TYPE_CHECKING:
    from sandtable.core.platform.contracts import Instance, Session

MODELS, STATES = "sttrm_model", "sttrm_state"
TRANSITIONS, CONDITIONS = "sttrm_state_transition", "sttrm_transition_condition"
CHANGE, PROBLEM = "change_request", "problem"


@dataclass(frozen=True, slots=True)
class TransitionCondition:
    """What must hold of a record before it may take a transition."""

    sys_id: str
    name: str
    description: str
    query: Query


@dataclass(frozen=True, slots=True)
class Transition:
    """One way out of a state."""

    sys_id: str
    name: str
    to_state: str
    automatic: bool
    conditions: tuple[TransitionCondition, ...]


Model = Mapping[str, tuple[Transition, ...]]


def model_named(instance: Instance, table: str, key: str) -> Model | None:
    """Return the model of a table by its sys_id or its name (case aside): the transitions by state, or None."""
    models = instance.cached(
        ("state models",), (MODELS, STATES, TRANSITIONS, CONDITIONS), lambda: _read(instance.system())
    )
    return models.get((table, key.casefold()))


def model_of_change(instance: Instance, chg_model: str, change_type: str) -> Model | None:
    """Return the model that a change follows: the one it names, else the one called like its type."""
    return model_named(instance, CHANGE, chg_model) if chg_model else model_named(instance, CHANGE, change_type)


def unmet(session: Session, transition: Transition, values: Mapping[str, str], table: str) -> list[TransitionCondition]:
    """Return the conditions of a transition that do not hold for a record."""
    context = session.query_context()
    return [each for each in transition.conditions if not evaluate(each.query, values, table, context)]


def _read(system: Session) -> dict[tuple[str, str], Model]:
    values = {each.sys_id: each["state_value"] for each in system.table(STATES).query()}
    held: dict[str, list[TransitionCondition]] = {}
    for each in system.table(CONDITIONS).query("active=true"):
        condition = TransitionCondition(each.sys_id, each["name"], each["description"], parse(each["condition"]))
        held.setdefault(each["sttrm_state_transition"], []).append(condition)
    ways: dict[str, dict[str, list[Transition]]] = {}
    for each in system.table(TRANSITIONS).query("active=true^ORDERBYorder"):
        start, end = values.get(each["from_state"]), values.get(each["to_state"])
        if start is None or end is None:
            continue
        conditions = tuple(held.get(each.sys_id, ()))
        transition = Transition(each.sys_id, each["name"], end, each["automatic_transition"] == "true", conditions)
        ways.setdefault(each["sttrm_model"], {}).setdefault(start, []).append(transition)
    models: dict[tuple[str, str], Model] = {}
    for each in system.table(MODELS).query("active=true"):
        model = {state: tuple(found) for state, found in ways.get(each.sys_id, {}).items()}
        for key in (each["name"], each.sys_id):
            models[each["table_name"], key.casefold()] = model
    return models


def _refused(context: RuleContext, model: Model | None, before: str, after: str) -> str:
    """Return why a record may not go from one state to another; empty when it may."""
    if model is None:
        return ""
    ways = [each for each in model.get(before, ()) if each.to_state == after]
    if not ways:
        allowed = ", ".join(each.to_state for each in model.get(before, ())) or "none"
        return f"state {before} does not lead to {after}; it leads to {allowed}"
    held = [unmet(context.elevated, each, context.current, context.table) for each in ways]
    if all(held):
        return f"the transition from {before} to {after} needs: {', '.join(each.name for each in held[0])}"
    return ""


def _check_change(context: RuleContext) -> None:
    previous = context.previous
    if previous is None or not context.changed("state") or not _enforced(context):
        return
    model = model_of_change(context.instance, context.current["chg_model"], context.current["type"])
    reason = _refused(context, model, previous["state"], context.current["state"])
    if reason:
        context.abort(reason)


def _keep_type(context: RuleContext) -> None:
    previous = context.previous
    if previous is None or not context.changed("type") or not _enforced(context):
        return
    if previous["state"] not in ("", "-5"):
        context.abort(f"the type of a change cannot be changed after New: {previous['type']} stays")


def _hold_problem(context: RuleContext) -> None:
    previous = context.previous
    if previous is None or not context.changed("state") or not _enforced(context):
        return
    model = model_named(context.instance, PROBLEM, "problem")
    reason = _refused(context, model, previous["state"], context.current["state"])
    if reason:
        context.session.explain(f"the problem stays in state {previous['state']}: {reason}")
        context.current["state"] = context.current["problem_state"] = previous["state"]


def _enforced(context: RuleContext) -> bool:
    return context.instance.property_is_true("sandtable.state_models.enforced", True)


RULES = (
    BusinessRule(
        "Change Model: Check State Transition", CHANGE, "before", frozenset({UPDATE}), _check_change, order=60
    ),
    BusinessRule("Change Model: Check Type", CHANGE, "before", frozenset({UPDATE}), _keep_type, order=55),
    BusinessRule(
        "Problem Model: Check State Transition", PROBLEM, "before", frozenset({UPDATE}), _hold_problem, order=60
    ),
)
