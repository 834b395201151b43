"""Numbers and JSON as JavaScript writes them, where Python's own differ: ``5e-05`` is ``0.00005``, ``1.0`` is ``1``.

Source: ECMAScript, Number::toString and JSON.stringify.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

_LARGEST_EXACT = 2**53
_MOST_DIGITS, _MOST_ZEROS = 21, 6


def number_text(value: float) -> str:
    """Return a number as JavaScript prints it; a whole number that a double cannot hold is rounded as there."""
    if isinstance(value, int) and abs(value) <= _LARGEST_EXACT:
        return str(int(value))
    try:
        double = float(value)
    except OverflowError:
        double = math.inf if value > 0 else -math.inf
    if math.isnan(double):
        return "NaN"
    sign = "-" if double < 0 else ""
    return sign + ("Infinity" if math.isinf(double) else _positive(abs(double)))


def _positive(double: float) -> str:
    # Python and JavaScript agree on the shortest digits, and differ in where the point goes.
    parts = Decimal(repr(double)).normalize().as_tuple()
    digits = "".join(map(str, parts.digits))
    point = len(digits) + int(parts.exponent)
    if len(digits) <= point <= _MOST_DIGITS:
        return digits.ljust(point, "0")
    if 0 < point <= _MOST_DIGITS:
        return f"{digits[:point]}.{digits[point:]}"
    if -_MOST_ZEROS < point <= 0:
        return f"0.{'0' * -point}{digits}"
    exponent = point - 1
    mantissa = digits[0] + (f".{digits[1:]}" if len(digits) > 1 else "")
    return f"{mantissa}e{'+' if exponent >= 0 else '-'}{abs(exponent)}"


class _Written(str):
    """A piece of JSON that is finished."""

    __slots__ = ()


def json_text(value: Any) -> str:
    """Return compact JSON as JSON.stringify writes it: nothing escaped without need, no number but finite ones.

    Values may be nested as deeply as they like; what JSON has no form for is written as its text.
    """
    pieces: list[str] = []
    waiting: list[Any] = [value]
    while waiting:
        item = waiting.pop()
        if isinstance(item, _Written):
            pieces.append(item)
        elif isinstance(item, Mapping):
            waiting += [_Written("}"), *reversed(_members(item)), _Written("{")]
        elif isinstance(item, list | tuple):
            waiting += [_Written("]"), *reversed(_elements(item)), _Written("[")]
        else:
            pieces.append(_scalar(item))
    return "".join(pieces)


def _members(given: Mapping[Any, Any]) -> list[Any]:
    found: list[Any] = []
    for name, value in given.items():
        found += [_Written(f"{',' if found else ''}{_quoted(str(name))}:"), value]
    return found


def _elements(given: Sequence[Any]) -> list[Any]:
    found: list[Any] = []
    for value in given:
        found += [_Written(","), value] if found else [value]
    return found


def _scalar(value: Any) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        text = number_text(value)
        return text if text[-1].isdigit() else "null"
    return _quoted(value if isinstance(value, str) else str(value))


_HALF_PAIR = re.compile("[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]")


def _quoted(text: str) -> str:
    return _HALF_PAIR.sub(lambda half: f"\\u{ord(half[0]):04x}", json.dumps(text, ensure_ascii=False))
