"""JSON values as JavaScript prints them in a text (source: ECMA-262, ToString), and what it trims from one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sandtable_connector.errors import ABSENT
from sandtable_connector.values.javascript_json import number_text

BLANKS = (
    "\t\n\v\f\r \u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a"
    "\u2028\u2029\u202f\u205f\u3000\ufeff"
)
"""The characters that String.prototype.trim takes off; Python's strip takes others too, and leaves one of these."""


def printed(value: Any) -> str:
    """Return what a JSON value becomes inside a JavaScript template: `null`, `1,2`, `[object Object]`."""
    if value is ABSENT:
        return "undefined"
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return number_text(value)
    if isinstance(value, Mapping):
        return "[object Object]"
    if isinstance(value, list | tuple):
        return ",".join("" if item is None else printed(item) for item in value)
    return str(value)


def is_blank(text: str) -> bool:
    """Tell whether nothing is left of a text once JavaScript has trimmed it."""
    return not text.strip(BLANKS)


def counts_as_true(value: Any) -> bool:
    """Tell whether a JSON value counts as true in JavaScript: unlike in Python, an empty list or object does."""
    return isinstance(value, list | Mapping) or bool(value)
