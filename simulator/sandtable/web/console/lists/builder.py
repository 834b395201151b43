"""The rows of the condition builder, as the template draws them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sandtable.core.platform.display import show_value
from sandtable.core.query import Query
from sandtable.web.console.lists.conditions import operators_for, rows_of

if TYPE_CHECKING:
    from sandtable.core.platform.contracts import Session
    from sandtable.core.schema.columns import Column


def label_of(session: Session, table: str, path: str, column: Column) -> str:
    """Return what a column is called above a list; a dot-walked one by its last two steps."""
    if "." not in path:
        return column.label or column.name
    steps = session.instance.dictionary.walk(table, path) or ()
    return " ".join(step.label or step.name for step in steps[-2:])


def builder_rows(session: Session, table: str, query: Query) -> list[dict[str, Any]] | None:
    """Return the rows of the condition builder, None for a query that is beyond it."""
    rows = rows_of(query)
    if rows is None:
        return None
    drawn = []
    for row in rows:
        steps = session.instance.dictionary.walk(table, row.path)
        if steps is None:
            return None
        drawn.append(condition_row(session, table, row.path, row.operator, row.value, row.joint))
    return drawn


def condition_row(
    session: Session, table: str, path: str, operator: str = "", value: str = "", joint: str = "AND"
) -> dict[str, Any]:
    """Return one row of the condition builder as the template draws it."""
    steps = session.instance.dictionary.walk(table, path)
    if not steps:
        return {"joint": joint, "path": "", "operators": [], "operator": "", "value": "", "choices": None, "label": ""}
    column = steps[-1]
    operators = list(operators_for(column))
    if operator and operator not in operators:
        operators.append(operator)
    choices = None
    if column.is_choice and operator not in ("IN", "NOT IN"):
        listed = session.instance.dictionary.choices(table if len(steps) == 1 else column.table, column.name)
        choices = [(each.value, each.label) for each in listed if not each.inactive or each.value == value]
    elif column.is_boolean:
        choices = [("true", "true"), ("false", "false")]
    shown = value
    if column.is_reference and operator in ("=", "!=") and value:
        shown = show_value(session, table, column, value) or value
    if operator in ("ON", "NOTON"):
        shown = value.partition("@")[0]
    return {
        "joint": joint,
        "path": path,
        "label": label_of(session, table, path, column),
        "operators": operators,
        "operator": operator or operators[0],
        "value": "********" if column.is_password and value else shown,
        "choices": choices,
    }
