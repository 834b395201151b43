"""What stands at the head of a condition about another table: RLQUERY, SUBQUERY and JOIN, taken apart.

Source: ServiceNow documentation, related list queries; API clients for JOIN; the form of SUBQUERY is our reading.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_COUNT = re.compile(r"\s*(>=|<=|!=|=|>|<)\s*(\d{1,9})\s*")
_JOIN = re.compile(r"(\w+)\.(\w+)=(\w+)\.(\w+)(?:!(.*))?", re.DOTALL)


@dataclass(frozen=True, slots=True)
class RelatedHead:
    """`table.column,>=1`: how many records of a table refer to this one; `comparison` None if it makes no sense."""

    table: str
    column: str
    comparison: tuple[str, int] | None


@dataclass(frozen=True, slots=True)
class SubqueryHead:
    """`own,column,table`: there is a record of a table whose column holds what this record's own column holds."""

    own: str
    column: str
    table: str


@dataclass(frozen=True, slots=True)
class JoinHead:
    """`own_table.own=table.column!query`, the query as text."""

    own_table: str
    own: str
    table: str
    column: str
    query: str


def related_head(text: str) -> RelatedHead:
    """Return the head of an RLQUERY; without a comparison it asks for one record at least."""
    head, _, rest = text.partition(",")
    table, _, column = head.strip().partition(".")
    found = _COUNT.fullmatch(rest.partition(",")[0].strip() or ">=1")
    return RelatedHead(table, column, None if found is None else (found.group(1), int(found.group(2))))


def subquery_head(text: str) -> SubqueryHead | None:
    """Return the head of a SUBQUERY, or None for one of another form."""
    parts = [part.strip() for part in text.split(",")]
    return SubqueryHead(*parts) if len(parts) == 3 else None


def join_head(text: str) -> JoinHead | None:
    """Return the parts of a JOIN, or None for one of another form."""
    found = _JOIN.fullmatch(text)
    if found is None:
        return None
    own_table, own, table, column, query = found.groups()
    return JoinHead(own_table, own, table, column, query or "")
