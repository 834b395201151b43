"""The options of Intl.NumberFormat, resolved and refused as ECMA-402 and V8 do.

Source: ECMA-402, SetNumberFormatUnitOptions and SetNumberFormatDigitOptions; error texts observed with Node 20.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sandtable_connector.templates.script_values import ScriptError
from sandtable_connector.values.javascript_json import number_text

_UNITS = frozenset(
    [
        "acre",
        "bit",
        "byte",
        "celsius",
        "centimeter",
        "day",
        "degree",
        "fahrenheit",
        "fluid-ounce",
        "foot",
        "gallon",
        "gigabit",
        "gigabyte",
        "gram",
        "hectare",
        "hour",
        "inch",
        "kilobit",
        "kilobyte",
        "kilogram",
        "kilometer",
        "liter",
        "megabit",
        "megabyte",
        "meter",
        "microsecond",
        "mile",
        "mile-scandinavian",
        "milliliter",
        "millimeter",
        "millisecond",
        "minute",
        "month",
        "nanosecond",
        "ounce",
        "percent",
        "petabyte",
        "pound",
        "second",
        "stone",
        "terabit",
        "terabyte",
        "week",
        "yard",
        "year",
    ]
)
_INCREMENTS = frozenset({1, 2, 5, 10, 20, 25, 50, 100, 200, 250, 500, 1000, 2000, 2500, 5000})
_NO_MINOR_UNIT, _THREE_DIGITS, _FOUR_DIGITS = 0, 3, 4
_CURRENCY_DIGITS = {
    **dict.fromkeys(
        [
            "ADP",
            "BIF",
            "BYR",
            "CLP",
            "DJF",
            "ESP",
            "GNF",
            "ISK",
            "ITL",
            "JPY",
            "KMF",
            "KRW",
            "LUF",
            "MGF",
            "PYG",
            "RWF",
            "TMM",
            "TRL",
            "UGX",
            "UYI",
            "VND",
            "VUV",
            "XAF",
            "XOF",
            "XPF",
        ],
        0,
    ),
    **dict.fromkeys(["BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"], 3),
    **dict.fromkeys(["CLF", "UYW"], 4),
}
_MOST_FRACTION_DIGITS, _MOST_SIGNIFICANT_DIGITS = 100, 21


@dataclass(frozen=True, kw_only=True)
class NumberOptions:
    """How a number is printed; `digits` says which of the limits decide: fraction, significant, compact or both."""

    style: str
    currency: str
    currency_display: str
    currency_sign: str
    unit: str
    unit_display: str
    notation: str
    compact_display: str
    numbering_system: str
    grouping: str
    sign_display: str
    integer_digits: int
    fraction_digits: tuple[int, int]
    significant_digits: tuple[int, int]
    digits: str
    rounding_increment: int
    rounding_mode: str
    trailing_zeros: str


def resolved(options: Mapping[str, Any]) -> NumberOptions:
    """Return the options that a format of numbers has, with all defaults; raises ScriptError in V8's words."""
    given = _Given(options)
    given.choice("localeMatcher", ("lookup", "best fit"), "best fit")
    numbering = given.text("numberingSystem", "")
    if "numberingSystem" in options and not re.fullmatch(r"[A-Za-z0-9]{3,8}(?:-[A-Za-z0-9]{3,8})*", numbering):
        raise ScriptError(f"Invalid numberingSystem : {numbering}")
    style = given.choice("style", ("decimal", "percent", "currency", "unit"), "decimal")
    currency = given.text("currency", "")
    if "currency" in options and not re.fullmatch(r"[A-Za-z]{3}", currency):
        raise ScriptError(f"Invalid currency code : {currency}")
    if style == "currency" and not currency:
        raise ScriptError("Currency code is required with currency style.")
    currency_display = given.choice("currencyDisplay", ("code", "symbol", "narrowSymbol", "name"), "symbol")
    currency_sign = given.choice("currencySign", ("standard", "accounting"), "standard")
    unit = given.text("unit", "")
    if ("unit" in options or style == "unit") and not is_unit(unit):
        raise ScriptError(f"Invalid unit argument for Intl.NumberFormat() '{unit}'")
    unit_display = given.choice("unitDisplay", ("short", "narrow", "long"), "short")
    notation = given.choice("notation", ("standard", "scientific", "engineering", "compact"), "standard")
    smallest, largest = 0, 0 if style == "percent" else 3
    if style == "currency" and notation == "standard":
        smallest = largest = _CURRENCY_DIGITS.get(currency.upper(), 2)
    digits = _digits(given, smallest, largest, notation)
    compact_display = given.choice("compactDisplay", ("short", "long"), "short")
    grouping = _grouping(given, "min2" if notation == "compact" else "auto")
    sign_display = given.choice("signDisplay", ("auto", "never", "always", "exceptZero", "negative"), "auto")
    return NumberOptions(
        style=style,
        currency=currency.upper(),
        currency_display=currency_display,
        currency_sign=currency_sign,
        unit=unit,
        unit_display=unit_display,
        notation=notation,
        compact_display=compact_display,
        numbering_system=numbering.lower(),
        grouping=grouping,
        sign_display=sign_display,
        **digits,
    )


def is_unit(name: str) -> bool:
    """Tell whether a unit may be asked for: a simple one, or one per another."""
    parts = name.split("-per-")
    return len(parts) <= 2 and all(part in _UNITS for part in parts)


class _Given:
    """Options as they were given, read one by one."""

    def __init__(self, options: Mapping[str, Any]) -> None:
        self.options = options

    def text(self, name: str, default: str) -> str:
        if name not in self.options:
            return default
        value = self.options[name]
        if isinstance(value, bool):
            return "true" if value else "false"
        return value if isinstance(value, str) else number_text(value)

    def choice(self, name: str, choices: tuple[str, ...], default: str, *, of: str = "Intl.NumberFormat") -> str:
        value = self.text(name, default)
        if value not in choices:
            raise ScriptError(f"Value {value} out of range for {of} options property {name}")
        return value

    def number(self, name: str, least: int, most: int, default: int) -> int:
        if name not in self.options:
            return default
        value: Any = self.options[name]
        if isinstance(value, str):
            value = 0 if not value.strip() else math.nan
        if math.isnan(value) or not least <= value <= most:
            raise ScriptError(f"{name} value is out of range.")
        return int(math.floor(value))


def _grouping(given: _Given, default: str) -> str:
    if "useGrouping" not in given.options:
        return default
    value = given.options["useGrouping"]
    if value is True:
        return "always"
    if not value:
        return "never"
    text = given.choice("useGrouping", ("min2", "auto", "always", "true", "false"), default)
    return default if text in ("true", "false") else text


def _digits(given: _Given, smallest: int, largest: int, notation: str) -> dict[str, Any]:
    integer = given.number("minimumIntegerDigits", 1, 21, 1)
    increment = given.number("roundingIncrement", 1, 5000, 1)
    if increment not in _INCREMENTS:
        raise ScriptError("roundingIncrement value is out of range.")
    modes = ("ceil", "floor", "expand", "trunc", "halfCeil", "halfFloor", "halfExpand", "halfTrunc", "halfEven")
    mode = given.choice("roundingMode", modes, "halfExpand")
    priority = given.choice(
        "roundingPriority", ("auto", "morePrecision", "lessPrecision"), "auto", of="SetNumberFormatDigitOptions"
    )
    zeros = given.choice("trailingZeroDisplay", ("auto", "stripIfInteger"), "auto")
    if increment != 1:
        largest = smallest
    has_significant = any(name in given.options for name in ("minimumSignificantDigits", "maximumSignificantDigits"))
    has_fraction = any(name in given.options for name in ("minimumFractionDigits", "maximumFractionDigits"))
    needs_significant = priority != "auto" or has_significant
    needs_fraction = priority != "auto" or not (has_significant or (not has_fraction and notation == "compact"))
    significant = (1, _MOST_SIGNIFICANT_DIGITS)
    if needs_significant and has_significant:
        least = given.number("minimumSignificantDigits", 1, _MOST_SIGNIFICANT_DIGITS, 1)
        significant = (
            least,
            given.number("maximumSignificantDigits", least, _MOST_SIGNIFICANT_DIGITS, _MOST_SIGNIFICANT_DIGITS),
        )
    fraction = (smallest, largest)
    if needs_fraction and has_fraction:
        fraction = _fraction(given, smallest, largest)
    if not needs_significant and not needs_fraction:
        kind, fraction, significant = "compact", (0, 0), (1, 2)
    elif priority != "auto":
        kind = priority
    else:
        kind = "significant" if has_significant else "fraction"
    if increment != 1:
        if kind != "fraction":
            raise ScriptError("roundingIncrement value is invalid.")
        if fraction[0] != fraction[1]:
            raise ScriptError("roundingIncrement value is out of range.")
    return {
        "integer_digits": integer,
        "fraction_digits": fraction,
        "significant_digits": significant,
        "digits": kind,
        "rounding_increment": increment,
        "rounding_mode": mode,
        "trailing_zeros": zeros,
    }


def _fraction(given: _Given, smallest: int, largest: int) -> tuple[int, int]:
    most = _MOST_FRACTION_DIGITS
    least_given, most_given = "minimumFractionDigits" in given.options, "maximumFractionDigits" in given.options
    least = given.number("minimumFractionDigits", 0, most, 0)
    most = given.number("maximumFractionDigits", 0, most, 0)
    if not least_given:
        return min(smallest, most), most
    if not most_given:
        return least, max(largest, least)
    if least > most:
        raise ScriptError("maximumFractionDigits value is out of range.")
    return least, most
