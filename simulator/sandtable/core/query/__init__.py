"""The encoded query language: parsed, resolved against a dictionary, then compiled to SQL or asked of a record.

text --parse--> Query --resolve--> ResolvedQuery --compile_select--> Statement
                  |                     |
                render               evaluate
"""

from sandtable.core.query.evaluating import evaluate
from sandtable.core.query.language.context import QueryContext
from sandtable.core.query.language.folding import fold
from sandtable.core.query.language.parsing import parse
from sandtable.core.query.language.rendering import render
from sandtable.core.query.language.syntax import Condition, Order, Query, condition, conjunction
from sandtable.core.query.meaning.asked_fields import AskedField, asked_fields
from sandtable.core.query.meaning.resolving import resolve
from sandtable.core.query.sql.compiling import Clause, compile_count, compile_from_where, compile_select
from sandtable.core.query.sql.dialect import Statement
from sandtable.core.query.sql.predicates import ResolvedQuery

__all__ = [
    "AskedField",
    "Clause",
    "Condition",
    "Order",
    "Query",
    "QueryContext",
    "ResolvedQuery",
    "Statement",
    "asked_fields",
    "compile_count",
    "compile_from_where",
    "compile_select",
    "condition",
    "conjunction",
    "evaluate",
    "fold",
    "parse",
    "render",
    "resolve",
]
