"""The encoded query as a value: what was written, before anybody asks whether the fields exist.

A Query is a list of alternatives (`^NQ`), each a list of groups that must all hold (`^`), each a list of terms of which
one must hold (`^OR`); and an order. Everything here is immutable and hashable.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from sandtable.core.query.language.operators import OPERATORS, SYNONYMS, VALUELESS

RELATED, SUBQUERY = "RLQUERY", "SUBQUERY"
SCRIPT = "javascript:"
DEEPEST_JOIN = 2  # joins inside joins; a deeper one is not asked
_PATH = re.compile(r"[A-Za-z0-9_.]+")


@dataclass(frozen=True, slots=True)
class Condition:
    """One `field operator value`; the path may be dot-walked, the operator is spelled as in the query.

    The value of a `literal` one means itself, even where it reads like a script.
    """

    path: str
    operator: str
    value: str = ""
    literal: bool = False


@dataclass(frozen=True, slots=True)
class Block:
    """A query about other records: `RLQUERY head ^ ... ^ENDRLQUERY`, or the same with SUBQUERY."""

    kind: str
    head: str
    query: Query


@dataclass(frozen=True, slots=True)
class Join:
    """`JOIN a.x=b.y!query`: there is a record of the other table that fits."""

    text: str


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A part in which no operator was found."""

    text: str


Term = Condition | Block | Join | Unreadable
Group = tuple[Term, ...]
Alternative = tuple[Group, ...]


@dataclass(frozen=True, slots=True)
class Order:
    """One `ORDERBY` (or `ORDERBYDESC`)."""

    path: str
    descending: bool = False


@dataclass(frozen=True, slots=True)
class Query:
    """A parsed query. It is false when it has no condition, whatever its order."""

    alternatives: tuple[Alternative, ...] = ()
    order: tuple[Order, ...] = ()
    grouping: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.alternatives)


def condition(path: str, operator: str, value: str = "") -> Query:
    """Return a query of one condition; the value is taken as it is, whatever characters it holds.

    Raises ValueError for an operator that does not exist and a path that cannot be a field's.
    """
    if not _PATH.fullmatch(path):
        raise ValueError(f"{path!r} is no path of a field: letters, digits, _ and . only")
    if operator not in OPERATORS and operator not in SYNONYMS:
        raise ValueError(f"{operator!r} is no operator of encoded queries, such as =, IN or STARTSWITH")
    kept = "" if operator in VALUELESS else value
    return Query((((Condition(path, operator, kept, literal=SCRIPT in kept),),),))


def conjunction(*queries: Query) -> Query:
    """Return the query that holds where all of them do; their orders follow one another.

    With several alternatives on more than one side, each combination becomes an alternative.
    """
    alternatives: tuple[Alternative, ...] = ()
    for query in queries:
        if not alternatives:
            alternatives = query.alternatives
        elif query.alternatives:
            alternatives = tuple((*left, *right) for left in alternatives for right in query.alternatives)
    return Query(
        alternatives,
        tuple(each for query in queries for each in query.order),
        tuple(each for query in queries for each in query.grouping),
    )
