"""System properties that must not be nonsense: our own switches, and one that the platform guards.

Sources: a value that is no choice of a switch would be taken for something without a word, so it is refused (ours);
support article KB0788816 for the guarded one.
"""

from __future__ import annotations

from sandtable.core.platform.writing.rules import INSERT, INSERT_OR_UPDATE, BusinessRule, RuleContext
from sandtable.core.values.errors import OperationFailed
from sandtable.core.values.texts import nearest

PROPERTIES, PREFIX = "sys_properties", "sandtable."
GUARDED = "glide.xml.entity.whitelist.enabled"
BOOLEANS = frozenset({"true", "false", "1", "0", "yes", "no", "on", "off"})


def _check_value(context: RuleContext) -> None:
    name, value = context.current["name"], context.current["value"].strip()
    if name == GUARDED and value.lower() == "false":
        raise OperationFailed(detail=f"Not allowing set of unsafe property value: {name}={value}")
    if not name.startswith(PREFIX) or not value:
        return
    # A choice is a value, or a label and a value.
    choices = [part.rpartition("=")[2].strip() for part in context.current["choices"].split(",") if part.strip()]
    if choices and not any(_fits(value, choice) for choice in choices):
        near = nearest(value, choices)
        meant = f"; did you mean {near}?" if near else ""
        raise OperationFailed(detail=f"{name} must be one of {', '.join(choices)}, not {value!r}{meant}")
    if context.current["type"] == "boolean" and value.lower() not in BOOLEANS:
        raise OperationFailed(detail=f"{name} must be true or false, not {value!r}")


def _fits(value: str, choice: str) -> bool:
    """Tell whether a value is a choice, of which a part such as `<column>` stands for anything."""
    start, mark, _ = choice.partition("<")
    return value == choice or bool(mark and start and value.startswith(start) and len(value) > len(start))


def _check_name(context: RuleContext) -> None:
    """Refuse a switch of ours that there is not, when a person makes it; applications bring theirs along."""
    name = context.current["name"]
    if not name.startswith(PREFIX) or not context.session.enforced:
        return
    known = [record["name"] for record in context.elevated.table(PROPERTIES).query(f"nameSTARTSWITH{PREFIX}")]
    near = nearest(name, known)
    meant = f"; did you mean {near}?" if near else ""
    raise OperationFailed(detail=f"there is no switch {name}{meant}")


RULES = (
    BusinessRule("Check the value of a switch", PROPERTIES, "before", INSERT_OR_UPDATE, _check_value),
    BusinessRule("Check the name of a switch", PROPERTIES, "before", frozenset({INSERT}), _check_name),
)
