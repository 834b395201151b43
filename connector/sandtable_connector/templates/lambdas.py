"""The four functions that templates may call on a section: EvalMath, FormatDate, FormatNumber, ParseHjson.

Each takes the rendered text of its section and a function that looks a variable up, and returns text; what cannot be
done comes back as text that says so, because that is what the connector then sends.
Source: Kibana docs, "Rule action variables" (mustache lambdas); kibana pull request 150572.
"""

from __future__ import annotations

import ast
import math
import operator
import re
import statistics
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from ..values.javascript_json import json_text, number_text
from .hjson import parse as parse_hjson

Lookup = Callable[[str], Any]

DEFAULT_DATE_FORMAT = "YYYY-MM-DD hh:mma"


# -- EvalMath ---------------------------------------------------------------------------------------------------------

_OPERATORS: dict[type[ast.AST], Callable[..., float]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.Mod: math.fmod,
    ast.USub: operator.neg,
    ast.UAdd: operator.pos,
}


def _round(value: float, places: float = 0) -> float:
    scale = 10.0 ** int(places)
    return math.floor(value * scale + 0.5) / scale  # halves go up, as JavaScript rounds


def _mean(*values: float) -> float:
    return sum(values) / len(values)


def _cbrt(value: float) -> float:
    root = math.cbrt(value)
    whole = round(root)
    return float(whole) if whole**3 == value else root  # C libraries differ in the last digit


def _clamp(value: float, low: float, high: float) -> float:
    if low > high:
        raise ValueError("Min must be less than max")
    return max(low, min(value, high))


FUNCTIONS: dict[str, Callable[..., float]] = {
    "abs": abs,
    "cbrt": _cbrt,
    "ceil": math.ceil,
    "clamp": _clamp,
    "cos": math.cos,
    "cube": lambda x: x**3,
    "degtorad": math.radians,
    "exp": math.exp,
    "fix": math.trunc,
    "floor": math.floor,
    "log": lambda x, base=math.e: math.log(x, base),
    "log10": math.log10,
    "max": max,
    "mean": _mean,
    "median": lambda *values: statistics.median(values),
    "min": min,
    "mod": math.fmod,
    "pi": lambda: math.pi,
    "pow": math.pow,
    "radtodeg": math.degrees,
    "round": _round,
    "sin": math.sin,
    "sqrt": math.sqrt,
    "square": lambda x: x * x,
    "subtract": operator.sub,
    "sum": lambda *values: sum(values),
    "add": lambda *values: sum(values),
    "multiply": operator.mul,
    "divide": operator.truediv,
    "tan": math.tan,
}


def _value(node: ast.AST, lookup: Lookup) -> float:
    if isinstance(node, ast.Expression):
        return _value(node.body, lookup)
    if isinstance(node, ast.Constant) and isinstance(node.value, int | float) and not isinstance(node.value, bool):
        return float(node.value)  # as in JavaScript; whole numbers of any size could take for ever
    if isinstance(node, ast.BinOp) and type(node.op) in _OPERATORS:
        return _OPERATORS[type(node.op)](_value(node.left, lookup), _value(node.right, lookup))
    if isinstance(node, ast.UnaryOp) and type(node.op) in _OPERATORS:
        return _OPERATORS[type(node.op)](_value(node.operand, lookup))
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and not node.keywords:
        if node.func.id not in FUNCTIONS:
            raise ValueError(f"No such function: {node.func.id}")
        return FUNCTIONS[node.func.id](*(_value(argument, lookup) for argument in node.args))
    if isinstance(node, ast.Name | ast.Attribute):
        name = ast.unparse(node)
        found = lookup(name)
        if isinstance(found, bool) or not isinstance(found, int | float):
            raise ValueError(f"Unknown variable: {name}")
        return float(found)
    raise ValueError("not an expression of numbers, variables, + - * / % and functions")


def eval_math(text: str, lookup: Lookup) -> str:
    """Return the value of an expression of numbers, variables and functions."""
    try:
        if len(text) > 1000:
            raise ValueError("the expression is longer than 1000 characters")
        return number_text(_value(ast.parse(text, mode="eval"), lookup))
    except (SyntaxError, ValueError, TypeError, ArithmeticError, RecursionError) as error:
        reason = error.msg if isinstance(error, SyntaxError) else str(error)
        return f'error evaluating tinymath expression "{text}": {reason}'


# -- FormatDate -------------------------------------------------------------------------------------------------------

_MOMENT = re.compile(
    r"\[[^\]]*\]|YYYY|YY|MMMM|MMM|MM|Mo|M|DDDD|DD|Do|D|dddd|ddd|HH|H|hh|h|mm|m|SSS|SS|S|ss|s|A|a|ZZ|Z|z|X|x"
)


def _ordinal(number: int) -> str:
    suffix = "th" if number % 100 in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{suffix}"


def _offset(at: datetime, colon: str) -> str:
    minutes = int((at.utcoffset() or (at - at)).total_seconds()) // 60
    return f"{'-' if minutes < 0 else '+'}{abs(minutes) // 60:02d}{colon}{abs(minutes) % 60:02d}"


_TOKENS: dict[str, Callable[[datetime], str]] = {
    "YYYY": lambda at: f"{at:%Y}",
    "YY": lambda at: f"{at:%y}",
    "MMMM": lambda at: f"{at:%B}",
    "MMM": lambda at: f"{at:%b}",
    "MM": lambda at: f"{at:%m}",
    "Mo": lambda at: _ordinal(at.month),
    "M": lambda at: str(at.month),
    "DDDD": lambda at: f"{at:%j}",
    "DD": lambda at: f"{at:%d}",
    "Do": lambda at: _ordinal(at.day),
    "D": lambda at: str(at.day),
    "dddd": lambda at: f"{at:%A}",
    "ddd": lambda at: f"{at:%a}",
    "HH": lambda at: f"{at:%H}",
    "H": lambda at: str(at.hour),
    "hh": lambda at: f"{at:%I}",
    "h": lambda at: str(at.hour % 12 or 12),
    "mm": lambda at: f"{at:%M}",
    "m": lambda at: str(at.minute),
    "ss": lambda at: f"{at:%S}",
    "s": lambda at: str(at.second),
    "SSS": lambda at: f"{at.microsecond // 1000:03d}",
    "SS": lambda at: f"{at.microsecond // 10000:02d}",
    "S": lambda at: str(at.microsecond // 100000),
    "A": lambda at: f"{at:%p}".upper(),
    "a": lambda at: f"{at:%p}".lower(),
    "ZZ": lambda at: _offset(at, ""),
    "Z": lambda at: _offset(at, ":"),
    "z": lambda at: at.tzname() or "",
    "X": lambda at: str(int(at.timestamp())),
    "x": lambda at: str(int(at.timestamp() * 1000)),
}


def format_date(text: str, lookup: Lookup) -> str:
    """Return `date; time zone; format` printed in that zone and format (moment's letters); UTC by default."""
    parts = [part.strip() for part in text.split(";", 2)]
    raw, zone, pattern = parts[0], (parts[1:2] or [""])[0] or "UTC", (parts[2:3] or [""])[0] or DEFAULT_DATE_FORMAT
    try:
        at = datetime.fromtimestamp(int(raw) / 1000, UTC) if raw.isdigit() else datetime.fromisoformat(raw)
    except (ValueError, OverflowError, OSError):
        return f'error evaluating date "{raw}": not a date'
    try:
        local = (at if at.tzinfo else at.replace(tzinfo=UTC)).astimezone(ZoneInfo(zone))
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return f'error evaluating date "{raw}": unknown time zone "{zone}"'
    return _MOMENT.sub(lambda match: match[0][1:-1] if match[0][0] == "[" else _TOKENS[match[0]](local), pattern)


# -- FormatNumber -----------------------------------------------------------------------------------------------------

#: Decimal and thousands signs, and whether a currency or percent sign stands behind the number, by language.
_LOCALES = {
    "en": (".", ",", False),
    "de": (",", ".", True),
    "es": (",", ".", True),
    "it": (",", ".", True),
    "nl": (",", ".", False),
    "pt": (",", ".", False),
    "fr": (",", "\u202f", True),
    "nb": (",", "\u00a0", True),
    "sv": (",", "\u00a0", True),
    "pl": (",", "\u00a0", True),
    "ja": (".", ",", False),
    "zh": (".", ",", False),
}
_CURRENCIES = {"USD": "$", "EUR": "€", "GBP": "£", "JPY": "¥", "INR": "₹"}
_OPTIONS = {"style", "currency", "minimumFractionDigits", "maximumFractionDigits", "useGrouping"}


def format_number(text: str, lookup: Lookup) -> str:
    """Return `number; locale; option: value, ...` printed in that locale; en-US by default.

    Options: style (decimal, percent, currency), currency, minimumFractionDigits, maximumFractionDigits, useGrouping.
    """
    parts = [part.strip() for part in text.split(";", 2)]
    try:
        value = float(parts[0])
    except ValueError:
        return f'invalid number: "{parts[0]}"'
    locale = (parts[1:2] or [""])[0] or "en-US"
    try:
        return _number(value, locale, _options((parts[2:3] or [""])[0]))
    except ValueError as error:
        return f'error formatting number "{parts[0]}": {error}'


def _options(text: str) -> dict[str, str]:
    options = {}
    for part in filter(None, (part.strip() for part in text.split(","))):
        name, colon, value = part.partition(":")
        if not colon or name.strip() not in _OPTIONS:
            raise ValueError(f'unknown option "{part}"')
        options[name.strip()] = value.strip().strip("\"'")
    return options


def _number(value: float, locale: str, options: dict[str, str]) -> str:
    language = locale.split("-")[0].lower()
    if language not in _LOCALES:
        raise ValueError(f'unknown locale "{locale}"')
    decimal, thousands, behind = _LOCALES[language]
    style = options.get("style", "decimal")
    if style not in ("decimal", "percent", "currency"):
        raise ValueError(f'unknown style "{style}"')
    currency = options.get("currency", "")
    if style == "currency" and not currency:
        raise ValueError("style currency needs a currency")
    default_low, default_high = {"decimal": (0, 3), "percent": (0, 0)}.get(
        style, (0, 0) if currency == "JPY" else (2, 2)
    )
    low = int(options.get("minimumFractionDigits", min(default_low, int(options.get("maximumFractionDigits", 99)))))
    high = int(options.get("maximumFractionDigits", max(default_high, low)))
    if not 0 <= low <= high <= 20:
        raise ValueError("fraction digits must satisfy 0 <= minimum <= maximum <= 20")
    scaled = abs(value * 100 if style == "percent" else value)
    whole, _, fraction = f"{_round(scaled, high) if scaled < 1e15 else scaled:.{high}f}".partition(".")
    fraction = fraction.rstrip("0").ljust(low, "0")
    if options.get("useGrouping", "true") != "false":
        whole = f"{int(whole):,}".replace(",", thousands)
    number = whole + (decimal + fraction if fraction else "")
    sign = "-" if value < 0 and any(digit in "123456789" for digit in number) else ""
    if style == "percent":
        return f"{sign}{number}\u00a0%" if behind else f"{sign}{number}%"
    if style == "currency":
        symbol = _CURRENCIES.get(currency, currency)
        return f"{sign}{number}\u00a0{symbol}" if behind else f"{sign}{symbol}{number}"
    return sign + number


# -- ParseHjson -------------------------------------------------------------------------------------------------------


def hjson_to_json(text: str, lookup: Lookup) -> str:
    """Return Hjson (comments, no quotes, no commas) as JSON."""
    try:
        return json_text(parse_hjson(text))
    except (ValueError, RecursionError) as error:
        return f'error parsing Hjson "{text}": {error}'


LAMBDAS: dict[str, Callable[[str, Lookup], str]] = {
    "EvalMath": eval_math,
    "FormatDate": format_date,
    "FormatNumber": format_number,
    "ParseHjson": hjson_to_json,
}
