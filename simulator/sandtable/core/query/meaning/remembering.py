"""Resolved queries remembered: those whose meaning hangs on the dictionary, a few properties and the user alone.

Access controls, data policies and business rules ask the same conditions of one record after another.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Literal

from sandtable.core.query.language.context import QueryContext
from sandtable.core.query.language.operators import COMPARISONS, TEXT_QUERY, VALUELESS, meaning
from sandtable.core.query.language.syntax import SCRIPT, Condition, Query, Term
from sandtable.core.query.meaning.asking_values import NOT_EQUAL_EMPTY, NOT_IN_EMPTY, NOT_LIKE_EMPTY
from sandtable.core.query.meaning.resolving import resolve
from sandtable.core.query.sql.predicates import ResolvedQuery

# Operators that ask neither the clock nor other records for what they mean.
_STEADY = (
    frozenset({"=", "!=", "IN", "NOT IN", "LIKE", "NOT LIKE", "STARTSWITH", "ENDSWITH", "BETWEEN", "INSTANCEOF"})
    | COMPARISONS
    | VALUELESS
)
_OF_USER = re.compile(r"\s*javascript:\s*gs\.(?:getUserID|user_id|getUserName|user_name)\(\)\s*+(?:;\s*+)?")
_PROPERTIES = ((NOT_EQUAL_EMPTY, "true"), (NOT_IN_EMPTY, "true"), (NOT_LIKE_EMPTY, "false"))

Dependence = Literal["nothing", "user", "more"]


def resolve_remembered(query: Query, table: str, context: QueryContext) -> ResolvedQuery:
    """Do as `resolve`, but remember a query that means the same next time until the dictionary changes.

    One in which something is dropped is resolved each time, so that the ledger hears of it each time. Raises as
    `resolve`.
    """
    dependence = depends_on(query)
    if dependence == "more":
        return resolve(query, table, context)
    user = (context.user_sys_id, context.user_name) if dependence == "user" else ()
    properties = tuple(context.property(name, default) for name, default in _PROPERTIES)
    fresh: list[ResolvedQuery] = []

    def compute() -> ResolvedQuery | None:
        fresh.append(resolve(query, table, context))
        return None if fresh[0].dropped else fresh[0]

    known = context.dictionary.memo(("resolved", query, table, user, properties), compute)
    if known is not None:
        return known
    return fresh[0] if fresh else resolve(query, table, context)


@lru_cache(maxsize=2048)
def depends_on(query: Query) -> Dependence:
    """Return what the meaning of a query depends on besides dictionary and properties: nothing, who asks, or more."""
    if query.order:
        return "more"
    terms = [term for alternative in query.alternatives for group in alternative for term in group]
    kinds = {_dependence(term) for term in terms}
    return "more" if "more" in kinds else "user" if "user" in kinds else "nothing"


def _dependence(term: Term) -> Dependence:
    if not isinstance(term, Condition) or meaning(term.operator) not in _STEADY or term.path == TEXT_QUERY:
        return "more"
    if term.literal or SCRIPT not in term.value:
        return "nothing"
    return "user" if _OF_USER.fullmatch(term.value) else "more"
