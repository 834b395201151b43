"""Values that a column would not keep: in a test, a date or a name that is wrong must not be lost in silence."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sandtable.core.platform.display import to_input
from sandtable.core.platform.writing.coercion import IDENTITY, SUGGESTION
from sandtable.core.schema.stored_values import as_text, stored_value

if TYPE_CHECKING:
    from sandtable.core.platform.contracts import Session
    from sandtable.core.schema.columns import Column

NO_ID = re.compile(r"[^\w\-]")
MOST_CHOICES = 10


@dataclass(frozen=True, slots=True)
class LostValue:
    """A value that a column stores as nothing, or (`kept`) as it is though it means nothing; and the fix."""

    column: str
    problem: str
    fix: str
    kept: bool


def lost_values(session: Session, table: str, values: Mapping[str, object], *, display: bool) -> Iterator[LostValue]:
    """Yield the values that columns of a table store as nothing, or that name nothing; `display`: as people see it."""
    columns = session.instance.dictionary.columns(table)
    for name, value in values.items():
        column, text = columns[name], as_text(value)
        if not text.strip() or column.is_journal or column.calculated or name in IDENTITY:
            continue
        stored = stored_value(column, to_input(session, column, text, table=table) if display else text)
        if display and column.is_choice and column.choice != SUGGESTION:
            choices = [each for each in session.instance.dictionary.choices(table, name) if not each.inactive]
            if choices and stored not in {each.value for each in choices}:
                listed = ", ".join(each.label for each in choices[:MOST_CHOICES])
                yield LostValue(name, f"{text!r} is no choice of {name}", f"there are {listed}", kept=bool(stored))
        elif not stored or (column.type == "reference" and not display and NO_ID.search(text)):
            fix = _fix(session, column, display=display)
            yield LostValue(name, f"{text!r} is no {_kind(column)}", fix, kept=bool(stored))


def _kind(column: Column) -> str:
    if column.type == "reference":
        return f"record of {column.reference}"
    if column.is_date:
        return "date" if column.type == "glide_date" else "time"
    return {"boolean": "truth value"}.get(column.type, f"value of type {column.type}")


def _fix(session: Session, column: Column, *, display: bool) -> str:
    if column.type == "reference":
        if not display:
            return "give its sys_id, or load with values=display, as people see them"
        return f"give its {session.instance.dictionary.display_column(column.reference)} or its sys_id"
    if column.is_date:
        return "such as 2026-03-01" if column.type == "glide_date" else "such as 2026-03-01 08:00:00"
    return "true or false" if column.type == "boolean" else "such as 7"
