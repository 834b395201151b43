"""What EvalMath computes: numbers, and lists of numbers element by element, as Kibana's TinyMath does.

Source: Kibana docs, "TinyMath functions"; observed behaviour of @kbn/tinymath. Doubles as in JavaScript throughout.
"""

from __future__ import annotations

import math
import random
import re
from collections.abc import Callable, Iterable
from functools import reduce
from typing import Any

from sandtable_connector.templates.math.doubles import (
    NAN,
    cube_root,
    divided,
    double,
    double_of,
    is_number,
    is_same,
    larger,
    minus,
    natural_log,
    plus,
    power_of,
    ratio,
    remainder,
    rounded,
    smaller,
    square_root,
    times,
    whole,
)
from sandtable_connector.templates.math.expression import Call, Expression, NamedArgument, Variable, parse
from sandtable_connector.templates.members import has_member, member
from sandtable_connector.templates.script_values import UNDEFINED, Bag, Row, ScriptError, is_true, text_of

_MISMATCH = "Array length mismatch"
_PATH = re.compile(
    r"""[^.\[\]]+|\[(?:(-?\d+(?:\.\d+)?)|(["'])((?:(?!\2)[^\\]|\\.)*?)\2)\]|(?=(?:\.|\[\])(?:\.|\[\]|$))""", re.ASCII
)
_DEEP = re.compile(r"""\.|\[(?:[^\[\]]*|(["'])(?:(?!\1)[^\\]|\\.)*?\1)\]""")


def evaluate(text: str, view: Any) -> Any:
    """Return the value of an expression with the variables of a view; raises ScriptError in Kibana's words."""
    return _value(parse(text), view if is_true(view) else Bag())


def _value(node: Expression, view: Any) -> Any:
    if isinstance(node, Variable):
        value = _variable(view, node.name)
        if value is UNDEFINED:
            raise ScriptError(f"Unknown variable: {node.name}")
        return value
    if isinstance(node, NamedArgument):
        raise ScriptError(f"Named arguments are not supported in tinymath itself, at {node.name}")
    if isinstance(node, Call):
        function = _FUNCTIONS.get(node.name)
        if function is None:
            raise ScriptError(f"No such function: {node.name}")
        arguments = [_value(argument, view) for argument in node.arguments]
        if node.name not in _OF_ANY_VALUE and not _are_numbers(arguments):
            return NAN
        return function(*arguments)
    return node


def _are_numbers(values: Iterable[Any]) -> bool:
    return all(_are_numbers(value) if isinstance(value, Row) else is_number(value) for value in values)


def _variable(view: Any, name: str) -> Any:
    value = view
    for part in _path(view, name):
        if value is None or value is UNDEFINED:
            value = UNDEFINED
            break
        value = member(value, part)
    return value if value is not UNDEFINED else member(view, name)


def _path(view: Any, name: str) -> list[str]:
    """Return the members that a name asks for, one in the other: `a.b[0]["c d"]`, unless a member is called so."""
    if re.fullmatch(r"\w*", name, re.ASCII) or not _DEEP.search(name) or has_member(view, name):
        return [name]
    found = [""] if name.startswith(".") else []
    for match in _PATH.finditer(name):
        if match[2]:
            found.append(re.sub(r"\\(\\)?", r"\1", match[3]))
        else:
            found.append(match[1] or match[0])
    return found


# -- lists ------------------------------------------------------------------------------------------------------------


def _each(compute: Callable[[Any], Any]) -> Callable[..., Any]:
    """Return a function of one number or of each element of a list."""

    def computed(value: Any = UNDEFINED, *_: Any) -> Any:
        return Row(map(compute, value)) if isinstance(value, Row) else compute(value)

    return computed


def _pairwise(compute: Callable[[Any, Any], Any]) -> Callable[..., Any]:
    """Return a function of two numbers, of a list and a number, or of two lists of one length."""

    def computed(left: Any = UNDEFINED, right: Any = UNDEFINED, *_: Any) -> Any:
        if isinstance(left, Row) and isinstance(right, Row):
            if len(left) != len(right):
                raise ScriptError(_MISMATCH)
            return Row(map(compute, left, right))
        if isinstance(left, Row):
            return Row(compute(item, right) for item in left)
        if isinstance(right, Row):
            return Row(compute(left, item) for item in right)
        return compute(left, right) if left is not UNDEFINED and right is not UNDEFINED else NAN

    return computed


def _reduced(values: Iterable[Any], combine: Callable[[Any, Any], Any]) -> Any:
    given = list(values)
    if not given:
        raise ScriptError("Reduce of empty array with no initial value")
    return reduce(combine, given)


def _folded(combine: Callable[[Any, Any], Any], *, lists_alone: bool = True) -> Callable[..., Any]:
    """Return a function of many arguments; one list alone is folded into a number."""
    pair = _pairwise(combine)

    def computed(*values: Any) -> Any:
        if lists_alone and len(values) == 1:
            return _reduced(values[0], combine) if isinstance(values[0], Row) else values[0]
        return _reduced(values, pair)

    return computed


def _columns(values: tuple[Any, ...]) -> list[Row] | None:
    """Return the arguments column by column where one of them is a list."""
    lists = [value for value in values if isinstance(value, Row)]
    if not lists:
        return None
    if any(len(value) != len(lists[0]) for value in lists):
        raise ScriptError(_MISMATCH)
    return [Row(value[at] if isinstance(value, Row) else value for value in values) for at in range(len(lists[0]))]


def _middle(values: Row) -> float:
    if not values:
        return NAN
    values.sort(key=double_of, reverse=True)  # in place, as there: the variable is sorted afterwards
    half = len(values) // 2
    return double_of(values[half]) if len(values) % 2 else (double_of(values[half]) + double_of(values[half - 1])) / 2


def _median(*values: Any) -> Any:
    if len(values) == 1:
        return _middle(values[0]) if isinstance(values[0], Row) else values[0]
    columns = _columns(values)
    return _middle(Row(values)) if columns is None else Row(map(_middle, columns))


def _most_frequent(values: Iterable[Any]) -> Row:
    counts: dict[str, int] = {}
    for value in values:
        name = text_of(value)
        counts[name] = counts.get(name, 0) + 1
    most = max(counts.values(), default=0)
    return Row(sorted(float(value) for value, count in counts.items() if count == most))


def _mode(*values: Any) -> Row:
    if len(values) == 1:
        return _most_frequent(values[0]) if isinstance(values[0], Row) else Row(values)
    columns = _columns(values)
    return _most_frequent(values) if columns is None else Row(map(_most_frequent, columns))


def _mean(*values: Any) -> Any:
    total = _FUNCTIONS["add"](*values)
    if len(values) == 1:
        return ratio(total, len(values[0])) if isinstance(values[0], Row) else values[0]
    return _each(lambda value: double_of(value) / len(values))(total)


def _sum(*values: Any) -> float:
    return float(
        reduce(plus, (item for value in values for item in (value if isinstance(value, Row) else [value])), 0.0)
    )


def _clamped(value: Any, low: Any, high: Any) -> float:
    if double_of(low) > double_of(high):
        raise ScriptError("Min must be less than max")
    return smaller(larger(value, low), high)


def _clamp(value: Any = UNDEFINED, low: Any = UNDEFINED, high: Any = UNDEFINED, *_: Any) -> Any:
    columns = _columns((value, low, high))
    return _clamped(value, low, high) if columns is None else Row(_clamped(*column) for column in columns)


def _log(value: Any = UNDEFINED, base: Any = UNDEFINED, *_: Any) -> Any:
    base = math.e if base is UNDEFINED else double_of(base)
    if base <= 0:
        raise ScriptError("Base out of range")

    def one(number: Any) -> float:
        if double_of(number) < 0:
            raise ScriptError("Must be greater than 0")
        return ratio(natural_log(double_of(number)), natural_log(double_of(base)))

    return _each(one)(value)


def _pow(value: Any = UNDEFINED, exponent: Any = UNDEFINED, *_: Any) -> Any:
    if exponent is UNDEFINED:
        raise ScriptError("Missing exponent")
    return _each(lambda number: power_of(number, exponent))(value)


def _round(value: Any = UNDEFINED, places: Any = UNDEFINED, *_: Any) -> Any:
    return _each(lambda number: NAN if number is UNDEFINED else rounded(double_of(number), places))(value)


def _random(low: Any = UNDEFINED, high: Any = UNDEFINED, *_: Any) -> float:
    if low is UNDEFINED:
        return random.random()  # noqa: S311 what an expression asks for, no secret
    low, high = (0.0, low) if high is UNDEFINED else (low, high)
    if low > high:
        raise ScriptError("Min is greater than max")
    return random.random() * (float(high) - float(low)) + float(low)  # noqa: S311


# -- comparisons and choices ------------------------------------------------------------------------------------------


def _compared(compare: Callable[[Any, Any], bool], *, turns: bool = True) -> Callable[..., bool]:
    """Return a comparison of numbers or of whole lists; `turns` says whether a number is compared with a list."""

    def computed(left: Any = UNDEFINED, right: Any = UNDEFINED, *_: Any) -> bool:
        if right is UNDEFINED or right is None:
            raise ScriptError("Missing b value")
        if isinstance(left, Row) and isinstance(right, Row):
            if len(left) != len(right):
                raise ScriptError(_MISMATCH)
            return all(map(compare, left, right))
        if isinstance(left, Row):
            return all(compare(item, right) for item in left)
        if isinstance(right, Row):
            return turns and all(compare(left, item) for item in right)
        return compare(left, right)

    return computed


_equal = _compared(is_same, turns=False)
_greater = _compared(lambda left, right: double_of(left) > double_of(right))
_less = _compared(lambda left, right: double_of(left) < double_of(right))


def _if_else(condition: Any = UNDEFINED, then: Any = UNDEFINED, other: Any = UNDEFINED, *_: Any) -> Any:
    if not isinstance(condition, bool):
        raise ScriptError("Condition clause is of the wrong type")
    for name, value in (("a", then), ("b", other)):
        if value is None or value is UNDEFINED:
            raise ScriptError("Missing a value" if name == "a" else "Missing b value")
    return then if condition else other


def _defaults(value: Any = UNDEFINED, other: Any = UNDEFINED, *_: Any) -> Any:
    def one(item: Any) -> Any:
        return other if item is None or item is UNDEFINED else item

    return _each(one)(value)


def _size(value: Any = UNDEFINED, *_: Any) -> int:
    if not isinstance(value, Row):
        raise ScriptError("Must pass an array")
    return len(value)


def _unique(value: Any = UNDEFINED, *_: Any) -> int:
    if not isinstance(value, Row):
        return 1
    found: list[Any] = []
    for item in value:
        if not any(is_same(item, other) for other in found) and not (isinstance(item, float) and math.isnan(item)):
            found.append(item)
    return len(found)


def _end(at: int) -> Callable[..., Any]:
    def computed(value: Any = UNDEFINED, *_: Any) -> Any:
        if isinstance(value, Row):
            return value[at] if value else UNDEFINED
        return value

    return computed


_OF_ANY_VALUE = frozenset({"count", "defaults", "first", "ifelse", "last", "size", "unique"})
_FUNCTIONS: dict[str, Callable[..., Any]] = {
    "abs": _each(double(abs)),
    "add": _folded(plus),
    "cbrt": _each(double(cube_root)),
    "ceil": _each(double(whole(math.ceil))),
    "clamp": _clamp,
    "cos": _each(double(math.cos)),
    "count": _size,
    "cube": lambda value=UNDEFINED, *_: _pow(value, 3),
    "defaults": _defaults,
    "degtorad": _each(double(lambda value: value * math.pi / 180)),
    "divide": _pairwise(divided),
    "eq": _equal,
    "exp": _each(double(math.exp)),
    "first": _end(0),
    "fix": _each(double(whole(math.trunc))),
    "floor": _each(double(whole(math.floor))),
    "gt": _greater,
    "gte": lambda *values: _equal(*values) or _greater(*values),
    "ifelse": _if_else,
    "last": _end(-1),
    "log": _log,
    "log10": lambda value=UNDEFINED, *_: _log(value, 10),
    "lt": _less,
    "lte": lambda *values: _equal(*values) or _less(*values),
    "max": _folded(larger),
    "mean": _mean,
    "median": _median,
    "min": _folded(smaller),
    "mod": _pairwise(remainder),
    "mode": _mode,
    "multiply": _folded(times, lists_alone=False),
    "pi": lambda *_: math.pi,
    "pow": _pow,
    "radtodeg": _each(double(lambda value: value * 180 / math.pi)),
    "random": _random,
    "range": lambda *values: _pairwise(minus)(_FUNCTIONS["max"](*values), _FUNCTIONS["min"](*values)),
    "round": _round,
    "sin": _each(double(math.sin)),
    "size": _size,
    "sqrt": _each(double(square_root)),
    "square": lambda value=UNDEFINED, *_: _pow(value, 2),
    "subtract": _pairwise(minus),
    "sum": _sum,
    "tan": _each(double(math.tan)),
    "unique": _unique,
}
FUNCTIONS = frozenset(_FUNCTIONS)
"""The names of the functions there are."""
