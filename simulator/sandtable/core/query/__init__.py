"""The encoded query language: parsed, resolved against a dictionary, then compiled to SQL or asked of a record.

text --parse--> Query --resolve--> ResolvedQuery --compile_select--> Statement
                  |                     |
                render               evaluate
"""

from .asked_fields import AskedField, asked_fields
from .compiling import Clause, Statement, compile_count, compile_from_where, compile_select
from .context import QueryContext
from .evaluating import evaluate
from .folding import fold
from .parsing import parse
from .predicates import ResolvedQuery
from .rendering import render
from .resolving import resolve
from .syntax import Condition, Order, Query, condition, conjunction

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
