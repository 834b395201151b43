"""The operators of the encoded query language, as they are written and as they are meant."""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType

VALUELESS = frozenset({"ISEMPTY", "ISNOTEMPTY", "ANYTHING", "EMPTYSTRING", "VALCHANGES"})
# Spellings that mean the same; a Condition keeps the spelling of the query it came from.
SYNONYMS: Mapping[str, str] = MappingProxyType(
    {
        "*": "LIKE",
        "CONTAINS": "LIKE",
        "!*": "NOT LIKE",
        "NOTLIKE": "NOT LIKE",
        "DOES NOT CONTAIN": "NOT LIKE",
        "%": "ENDSWITH",
        "NOTIN": "NOT IN",
        "NOT ON": "NOTON",
    }
)
# They ask about a change, so they mean something only in a notification or a trigger.
TRIGGER_ONLY = frozenset({"VALCHANGES", "CHANGESFROM", "CHANGESTO"})
COMPARISONS = frozenset({">", ">=", "<", "<="})
FIELD_COMPARISONS: Mapping[str, str] = MappingProxyType(
    {
        "SAMEAS": "=",
        "NSAMEAS": "!=",
        "GT_FIELD": ">",
        "LT_FIELD": "<",
        "GT_OR_EQUALS_FIELD": ">=",
        "LT_OR_EQUALS_FIELD": "<=",
    }
)
DISTANCES = frozenset({"MORETHAN", "LESSTHAN"})
FIELD_OPERATORS = frozenset(FIELD_COMPARISONS) | DISTANCES
RELATIVE: Mapping[str, str] = MappingProxyType(
    {"RELATIVEGT": ">", "RELATIVEGE": ">=", "RELATIVELT": "<", "RELATIVELE": "<=", "RELATIVEEE": "="}
)
OPERATORS = (
    frozenset(
        {
            "=",
            "!=",
            "IN",
            "NOT IN",
            "LIKE",
            "NOT LIKE",
            "STARTSWITH",
            "ENDSWITH",
            "BETWEEN",
            "ON",
            "NOTON",
            "DATEPART",
            "INSTANCEOF",
            "DYNAMIC",
            "IN_HIERARCHY",
            "IN_HIERARCHY_DYNAMIC",
            "DOESNOTHAVE",
            "EXCLUDING",
        }
    )
    | VALUELESS
    | TRIGGER_ONLY
    | COMPARISONS
    | FIELD_OPERATORS
    | frozenset(RELATIVE)
)
SPELLINGS = tuple(sorted(OPERATORS | frozenset(SYNONYMS), key=lambda each: (-len(each), each)))
ANY_SPELLING = "|".join(re.escape(each) for each in SPELLINGS)

TEXT_QUERY = "123TEXTQUERY321"
TAGS = "sys_tags."


def meaning(spelling: str) -> str:
    """Return the operator that a spelling stands for: `*` is `LIKE`."""
    return SYNONYMS.get(spelling, spelling)
