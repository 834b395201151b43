"""Plain column=value filters beside an encoded query, as list parameters of the Table API."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from sandtable.core.platform.display import to_input
from sandtable.core.query import condition, conjunction
from sandtable.core.schema.stored_values import stored_value

if TYPE_CHECKING:
    from sandtable.core.platform.contracts import Session
    from sandtable.core.query import Query
    from sandtable.core.schema.columns import Column

USERS = "sys_user"


def with_filters(session: Session, table: str, query: Query, filters: Mapping[str, str]) -> Query:
    """Return the query with an equality condition for each filter that names a column, dot-walked or not.

    A filter matches a stored value, a choice's label, a reference's display value or the name that a user signs in
    with. Other names are ignored.
    Raises UnknownTable.
    """
    extra = []
    for path, text in filters.items():
        steps = session.instance.dictionary.walk(table, path)
        if steps is not None:
            extra.append(condition(path, "=", _meant(session, table, steps[-1], text)))
    return conjunction(query, *extra) if extra else query


def _meant(session: Session, table: str, column: Column, text: str) -> str:
    """Return the stored value that a filter's text means; the text itself when it means no other."""
    if not text:
        return ""
    dictionary = session.instance.dictionary
    if column.is_choice:
        owner = table if dictionary.column(table, column.name) is not None else column.table
        known = {choice.value for choice in dictionary.choices(owner, column.name)}
        return text if text in known else to_input(session, column, text, table=owner)
    if column.is_reference:
        return to_input(session, column, text) or _user_named(session, column, text) or text
    if column.is_boolean or column.is_number:
        return stored_value(column, text) or text
    return text


def _user_named(session: Session, column: Column, text: str) -> str:
    """Return the sys_id of the user who signs in with a name, for columns that refer to users; else nothing."""
    if column.reference != USERS:
        return ""
    found = session.without_access_control().table(USERS).first(condition("user_name", "=", text))
    return found.sys_id if found is not None else ""
