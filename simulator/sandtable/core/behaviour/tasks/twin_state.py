"""Two columns that hold one state: `state` and the older column of an incident or problem move together."""

from __future__ import annotations

from sandtable.core.platform.writing.rules import RuleContext


def keep_in_step(context: RuleContext, twin: str) -> None:
    """Make `state` and its twin equal: the one that the caller changed moves the other.

    When both were changed and differ, the property sandtable.incident.state_conflict names the one that wins.
    """
    current, previous = context.current, context.previous
    before = {name: previous[name] if previous is not None else "" for name in ("state", twin)}
    moved = [name for name in ("state", twin) if _moved(context, name, before[name])]
    if len(moved) == 2:
        asked_for = context.instance.property("sandtable.incident.state_conflict", "state")
        winner = twin if asked_for not in ("", "state") else "state"
    else:
        winner = moved[0] if moved else "state"
    value = current[winner] or before["state"] or current["state"] or current[twin]
    current["state"] = current[twin] = value


def _moved(context: RuleContext, name: str, before: str) -> bool:
    if context.previous is None:
        return bool(context.given.get(name))
    return bool(context.current[name]) and context.current[name] != before
