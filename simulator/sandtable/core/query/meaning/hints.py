"""What explains an empty list: values that a column can never hold.

Nothing here changes what a query finds; the product answers such queries without a word, and so does the simulator.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from sandtable.core.query.language.operators import COMPARISONS
from sandtable.core.query.meaning.asking import Asked

_SYS_ID = re.compile(r"[0-9a-fA-F]{32}")
_EQUALITIES = frozenset({"=", "!=", "IN", "NOT IN"})
_SHOWN = 40  # characters of a value that is quoted


def hints(asked: Asked) -> Iterator[str]:
    """Yield what is odd about a condition, each in a sentence that names the field and the way out."""
    if asked.value and asked.column.is_password:
        yield f"{asked.path} is kept encrypted: no query finds its value, only whether there is one"
        return
    if asked.operator not in _EQUALITIES | COMPARISONS or asked.is_script(asked.value):
        return
    for text in asked.value.split(",") if asked.operator.endswith("IN") else (asked.value,):
        value = text.strip()
        if value and not asked.is_script(value):
            yield from _about(asked, value)


def _about(asked: Asked, value: str) -> Iterator[str]:
    column = asked.column
    if asked.readable(value) is None:
        choices = "; the values of choices are compared, not their labels" if column.is_choice else ""
        yield f"{asked.path} is of type {column.type}, and {_quoted(value)} is no value of it{choices}"
    elif column.is_reference and asked.operator in _EQUALITIES and not _SYS_ID.fullmatch(value) and " " in value:
        target = asked.display()
        yield (
            f"{asked.path} holds a sys_id, and {_quoted(value)} is none; what people see is {asked.path}.{target.name}"
        )


def _quoted(text: str) -> str:
    return repr(text if len(text) <= _SHOWN else text[:_SHOWN] + "...")
