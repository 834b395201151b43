"""Priority from impact and urgency, by the records of dl_u_priority."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from sandtable.core.platform.writing.rules import INSERT_OR_UPDATE, BusinessRule, RuleContext

if TYPE_CHECKING:
    from sandtable.core.platform.contracts import Instance

_INPUTS = ("impact", "urgency", "priority")


def matrix(instance: Instance) -> Mapping[tuple[str, str], str]:
    """Return priority by (impact, urgency), as the active look-up records say; the lowest order wins."""
    return instance.cached(("priority matrix",), ("dl_matcher",), lambda: _read(instance))


def _read(instance: Instance) -> dict[tuple[str, str], str]:
    found: dict[tuple[str, str], str] = {}
    for record in instance.system().table("dl_u_priority").query("active=true^ORDERBYorder"):
        found.setdefault((record["impact"], record["urgency"]), record["priority"])
    return found


def _look_up(context: RuleContext) -> None:
    if not any(context.changed(name) for name in _INPUTS):
        return
    always = context.instance.property_is_true("sandtable.task.priority_always_replaced", True)
    if not always and context.given.get("priority"):
        return
    priority = matrix(context.instance).get((context.current["impact"], context.current["urgency"]))
    if priority:
        context.current["priority"] = priority


RULES = tuple(
    BusinessRule("Look up the priority", table, "before", INSERT_OR_UPDATE, _look_up, order=500)
    for table in ("incident", "problem")
)
