"""What a call of the Change Management API says: queries without an order, choices by their labels, and `__meta`.

Sources: ServiceNow documentation, Change Management API; support article KB0816149 (choices are given by label);
tehubersheezy/servicenow-cli, which saw on instances that ORDERBY has no effect, and what `__meta` holds.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from sandtable.core.query import Condition, parse

if TYPE_CHECKING:
    from sandtable.core.platform.contracts import Session
    from sandtable.core.schema.columns import Column

_ORDER = re.compile(r"(?:^|\^)ORDERBY(?:DESC)?[^^]*")


def without_order(session: Session, query: str) -> str:
    """Return a query without its ORDERBY, which has no effect in this API; the caller is told."""
    bare = _ORDER.sub("", query).lstrip("^")
    if bare != query:
        session.explain("ORDERBY has no effect in the Change Management API; its parameter is `order`")
    return bare


def choice_of_label(session: Session, table: str, column: Column, value: Any) -> Any:
    """Return the value of the choice with that label, whatever else was given as it is."""
    if not column.is_choice or not isinstance(value, str):
        return value
    choices = session.instance.dictionary.choices(table, column.name, session.language)
    if any(choice.value == value for choice in choices):
        return value
    wanted = value.strip().casefold()
    return next((choice.value for choice in choices if choice.label.casefold() == wanted), value)


def meta_of(session: Session, table: str, query: str) -> dict[str, Any]:
    """Return the last element of a list: the query that was run, with the fields it asked of and those it could not."""
    dictionary = session.instance.dictionary
    asked = [
        term.path
        for alternative in parse(query).alternatives
        for group in alternative
        for term in group
        if isinstance(term, Condition)
    ]
    applied = [path for path in dict.fromkeys(asked) if dictionary.walk(table, path) is not None]
    ignored = [path for path in dict.fromkeys(asked) if path not in applied]
    return {"__meta": {"encodedQuery": query, "fields": {"applied": applied, "ignored": ignored}}}
