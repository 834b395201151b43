"""Arithmetic of doubles as JavaScript does it: NaN and infinity where Python raises, and NaN for what is no number."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from sandtable_connector.templates.script_values import UNDEFINED, Bag, Row, ScriptError

NAN = math.nan


def is_number(value: Any) -> bool:
    """Tell whether a value is a number, which NaN is not."""
    return isinstance(value, int | float) and not isinstance(value, bool) and not math.isnan(value)


def is_same(left: Any, right: Any) -> bool:
    """Tell whether two values are the same, as JavaScript's === does."""
    if isinstance(left, Bag | Row) or isinstance(right, Bag | Row):
        return left is right
    return left == right and isinstance(left, bool) == isinstance(right, bool)


def double_of(value: Any) -> float:
    """Return a number as a double, NaN for any other value."""
    return float(value) if is_number(value) else NAN


def double(compute: Callable[..., float]) -> Callable[..., float]:
    """Return a function of doubles that gives NaN and infinity where Python raises, and NaN for what is missing."""

    def computed(*values: Any) -> float:
        given = [double_of(value) for value in values]
        if any(map(math.isnan, given)):
            return NAN
        try:
            return float(compute(*given))
        except ScriptError:
            raise
        except ValueError:
            return NAN
        except OverflowError:
            return math.inf

    return computed


def power(base: float, exponent: float) -> float:
    """Return a power, NaN for a root of a negative number."""
    if math.isnan(exponent) or (abs(base) == 1 and math.isinf(exponent)):
        return NAN
    try:
        return math.pow(base, exponent)
    except OverflowError:
        return -math.inf if base < 0 and exponent % 2 == 1 else math.inf
    except ValueError:
        if base == 0:
            return math.copysign(math.inf, base) if exponent % 2 == 1 else math.inf
        return NAN


def natural_log(value: float) -> float:
    """Return the natural logarithm, NaN for a negative number."""
    return -math.inf if value == 0 else math.log(value) if value > 0 else NAN


def ratio(dividend: float, divisor: float) -> float:
    """Return a quotient; a division by zero is infinite."""
    if divisor == 0:
        return (
            NAN
            if dividend == 0 or math.isnan(dividend)
            else math.copysign(math.inf, dividend * math.copysign(1, divisor))
        )
    return dividend / divisor


def whole(round_to: Callable[[float], int]) -> Callable[[float], float]:
    """Return a function that rounds to whole numbers and leaves infinity as it is."""
    return lambda value: value if math.isinf(value) or math.isnan(value) else float(round_to(value))


def cube_root(value: float) -> float:
    """Return the cube root, exact for cubes of whole numbers."""
    root = math.cbrt(value)
    near = float(round(root)) if math.isfinite(root) else root
    return near if near**3 == value else root  # C libraries differ in the last digit


round_half_up = double(whole(lambda value: math.floor(value + 0.5)))
power_of = double(power)
larger = double(max)
smaller = double(min)


def rounded(value: float, places: Any) -> float:
    """Return a number rounded to decimal places, halves up."""
    scale = power_of(10.0, 0.0 if places is UNDEFINED else places)
    return ratio(round_half_up(value * scale), scale)


def plus(left: Any, right: Any) -> float:
    """Return a sum."""
    return double_of(left) + double_of(right)


def minus(left: Any, right: Any) -> float:
    """Return a difference."""
    return double_of(left) - double_of(right)


def times(left: Any, right: Any) -> float:
    """Return a product."""
    return double_of(left) * double_of(right)


def divided(left: Any, right: Any) -> float:
    """Return a quotient; ScriptError for a division by zero."""
    if right is UNDEFINED:
        return NAN
    if right == 0:
        raise ScriptError("Cannot divide by 0")
    return double_of(left) / double_of(right)


def remainder(left: Any, right: Any) -> float:
    """Return what is left of a division, with the sign of the dividend; ScriptError for zero."""
    if right is UNDEFINED:
        return NAN
    if right == 0:
        raise ScriptError("Cannot divide by 0")
    return fmod(left, right)


fmod = double(math.fmod)


def square_root(value: float) -> float:
    """Return the square root; ScriptError for a negative number."""
    if value < 0:
        raise ScriptError("Unable find the square root of a negative number")
    return math.sqrt(value)
