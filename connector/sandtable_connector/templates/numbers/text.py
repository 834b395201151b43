"""A number printed in a locale: rounded, grouped, shortened, signed, and put into the pattern of its style.

Source: ECMA-402 (number formatting), Unicode CLDR (number patterns, compact forms, spacing of currencies).
"""

from __future__ import annotations

import decimal
import math
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from sandtable_connector.templates.numbers.options import NumberOptions

if TYPE_CHECKING:
    from sandtable_connector.templates.numbers.locales import NumberLocale

_CONTEXT = decimal.Context(prec=1000)
_BODY = re.compile(r"((?:'[^']*'|[^#0-9@',.;])*)([#0-9@,.]+)(?:E[0+]+)?(.*)", re.DOTALL)
_MOST_COUNTED = Decimal(10) ** 18
_UP, _DOWN = decimal.ROUND_UP, decimal.ROUND_DOWN
_ROUNDINGS = {
    "ceil": decimal.ROUND_CEILING,
    "floor": decimal.ROUND_FLOOR,
    "expand": _UP,
    "trunc": _DOWN,
    "halfExpand": decimal.ROUND_HALF_UP,
    "halfTrunc": decimal.ROUND_HALF_DOWN,
    "halfEven": decimal.ROUND_HALF_EVEN,
}


@dataclass(frozen=True)
class _Pattern:
    """What stands before and behind a number, and how its digits are grouped; `negative` only where it differs."""

    before: str
    after: str
    groups: tuple[int, int]
    negative: tuple[str, str] | None

    def around(self, *, negative: bool) -> tuple[str, str]:
        """Return what stands round a number, its sign written as `-`."""
        if not negative:
            return self.before, self.after
        return self.negative or (f"-{self.before}", self.after)


def _pattern(text: str) -> _Pattern:
    positive, _, negative = text.partition(";")
    before, body, after = _parts(positive)
    integer = body.split(".")[0].split(",")
    first = len(integer[-1]) if len(integer) > 1 else 0
    groups = (first, len(integer[-2]) if len(integer) > 2 else first)
    other = None
    if negative:
        left, _, right = _parts(negative)
        other = (left, right)
    return _Pattern(before, after, groups, other)


def _parts(text: str) -> tuple[str, str, str]:
    match = _BODY.fullmatch(text)
    if match is None:
        return text, "", ""
    return match[1], match[2], match[3]


def printed(number: float, locale: NumberLocale, options: NumberOptions) -> str:
    """Return a number printed in a locale."""
    return _Printing(number, locale, options).text()


class _Printing:
    def __init__(self, number: float, locale: NumberLocale, options: NumberOptions) -> None:
        self.locale = locale
        self.options = options
        self.negative = math.copysign(1, number) < 0 and not math.isnan(number)
        self.finite = math.isfinite(number)
        value = Decimal(repr(abs(number))) if self.finite else Decimal(0)
        self.value = value.scaleb(2, _CONTEXT) if options.style == "percent" else value
        self.is_nan = math.isnan(number)

    def text(self) -> str:
        options = self.options
        exponent = 0
        compact = ""
        if not self.finite:
            body, shown = (self.locale.symbols["nan"] if self.is_nan else self.locale.symbols["infinity"]), Decimal(1)
        elif options.notation == "compact":
            shown, compact, exponent = self.compacted()
            body = self.grouped(shown)
        elif options.notation in ("scientific", "engineering"):
            shown, exponent = self.scaled()
            sign = self.locale.symbols["minusSign"] if exponent < 0 else ""
            digits = self.locale.digits(str(abs(exponent)))
            body = f"{self.grouped(shown)}{self.locale.symbols['exponential']}{sign}{digits}"
        else:
            shown = self.rounded(self.value)
            body = self.grouped(shown)
        return self.styled(body, shown, compact, exponent)

    # digits -----------------------------------------------------------------------------------------------------------

    def rounded(self, value: Decimal) -> Decimal:
        """Return a value with the digits that are printed, trailing zeros included."""
        options = self.options
        if options.digits == "fraction":
            result = self.to_fraction(value, *options.fraction_digits)
        elif options.digits == "significant":
            result = self.to_significant(value, *options.significant_digits)
        else:
            result = self.by_precision(value)
        if options.trailing_zeros == "stripIfInteger" and result == result.to_integral_value():
            return result.quantize(Decimal(1), context=_CONTEXT)
        return result

    def by_precision(self, value: Decimal) -> Decimal:
        options = self.options
        least, most = options.significant_digits
        by_significant = value.adjusted() - most + 1 if value else -most + 1
        by_fraction = -options.fraction_digits[1]
        wants_more = options.digits != "lessPrecision"
        if (by_significant < by_fraction) == wants_more or (by_significant == by_fraction and wants_more):
            return self.to_significant(value, least, most)
        return self.to_fraction(value, *options.fraction_digits)

    def to_fraction(self, value: Decimal, least: int, most: int) -> Decimal:
        increment = self.options.rounding_increment
        if increment != 1:
            steps = self.cut(value.scaleb(most, _CONTEXT) / increment, 0) * increment
            return steps.scaleb(-most, _CONTEXT).quantize(Decimal(1).scaleb(-most), context=_CONTEXT)
        return _with_zeros(self.cut(value, -most), least)

    def to_significant(self, value: Decimal, least: int, most: int) -> Decimal:
        if not value:
            return _with_zeros(Decimal(0), least - 1)
        result = self.cut(value, value.adjusted() - most + 1)
        return _with_zeros(result, max(least - 1 - result.adjusted(), 0))

    def cut(self, value: Decimal, exponent: int) -> Decimal:
        """Return a value rounded to a power of ten."""
        parts = value.as_tuple()
        if isinstance(parts.exponent, int) and parts.exponent >= exponent:
            return value
        mode = self.options.rounding_mode
        signed = -value if self.negative else value
        if mode in ("halfCeil", "halfFloor"):
            up = (mode == "halfCeil") != self.negative
            return value.quantize(
                Decimal(1).scaleb(exponent), decimal.ROUND_HALF_UP if up else decimal.ROUND_HALF_DOWN, _CONTEXT
            )
        return abs(signed.quantize(Decimal(1).scaleb(exponent), _ROUNDINGS[mode], _CONTEXT))

    def scaled(self) -> tuple[Decimal, int]:
        """Return mantissa and exponent of scientific and engineering notation."""

        def exponent_of(value: Decimal) -> int:
            magnitude = value.adjusted() if value else 0
            return magnitude if self.options.notation == "scientific" else magnitude - magnitude % 3

        exponent = exponent_of(self.value)
        shown = self.rounded(self.value.scaleb(-exponent, _CONTEXT))
        # Rounding may have made another digit.
        again = exponent_of(shown.scaleb(exponent, _CONTEXT))
        if shown and again != exponent:
            exponent = again
            shown = self.rounded(self.value.scaleb(-exponent, _CONTEXT))
        return shown, exponent

    def compacted(self) -> tuple[Decimal, str, int]:
        """Return a number shortened to a few digits, the pattern of its power of ten, and that power."""
        forms = self.compact_forms()

        def shift_of(magnitude: int) -> int:
            pattern = forms.get("other", {}).get(str(10 ** min(max(magnitude, 0), 14)), "0") if magnitude >= 3 else "0"
            zeros = _zeros(_text(pattern))
            return min(magnitude, 14) + 1 - zeros if zeros and _text(pattern).strip("'") != "0" else 0

        magnitude = self.value.adjusted() if self.value else 0
        shift = shift_of(magnitude)
        shown = self.rounded(self.value.scaleb(-shift, _CONTEXT))
        after = (shown.adjusted() if shown else 0) + shift
        if after > magnitude:
            magnitude = after
            again = shift_of(magnitude)
            if again != shift:
                shift = again
                shown = self.rounded(self.value.scaleb(-shift, _CONTEXT))
        if not shift:
            return shown, "", 0
        key = str(10 ** min(magnitude, 14))
        pattern = forms.get(self.locale.plural(shown), {}).get(key) or forms["other"][key]
        exact = forms.get({0: "0", 1: "1"}.get(int(shown), "") if shown == int(shown) else "", {}).get(key)
        return shown, _text(exact or pattern), shift

    def plural(self, shown: Decimal, exponent: int) -> str:
        """Return the plural category of what is counted: of the whole number, however it is shortened."""
        if not self.finite:
            return "other"
        whole = shown.scaleb(exponent, _CONTEXT) if exponent else shown
        if exponent and whole == whole.to_integral_value():
            whole = whole.quantize(Decimal(1), context=_CONTEXT)
        # ICU looks at no more than eighteen digits before the point.
        return self.locale.plural(whole % _MOST_COUNTED)

    def compact_forms(self) -> Mapping[str, Any]:
        options = self.options
        if options.style == "currency" and options.currency_display != "name":
            found: Mapping[str, Any] = self.locale.data["compact_currency_formats"]["short"]
        else:
            found = self.locale.data["compact_decimal_formats"][options.compact_display]
        return found

    def grouped(self, value: Decimal) -> str:
        integer, _, fraction = f"{value:f}".partition(".")
        integer = integer.rjust(self.options.integer_digits, "0")
        first, others = self.pattern.groups
        least = {"min2": 2, "always": 1}.get(self.options.grouping, self.locale.least_grouped)
        if self.options.grouping == "min2":
            least = max(least, self.locale.least_grouped)
        if first and self.options.grouping != "never" and len(integer) >= first + least:
            parts = [integer[-first:]]
            rest = integer[:-first]
            while rest:
                parts.insert(0, rest[-others:])
                rest = rest[:-others]
            integer = self.symbol("group").join(parts)
        return self.locale.digits(integer + (self.symbol("decimal") + fraction if fraction else ""))

    def symbol(self, name: str) -> str:
        symbols = self.locale.symbols
        if self.options.style == "currency":
            special = {"decimal": "currencyDecimal", "group": "currencyGroup"}[name]
            return symbols.get(special, symbols[name])
        return symbols[name]

    # what stands round the digits -------------------------------------------------------------------------------------

    @property
    def pattern(self) -> _Pattern:
        data, options = self.locale.data, self.options
        if options.style == "currency" and options.currency_display != "name":
            return _pattern(self.locale.currency_pattern(options.currency_sign))
        if self.percent_sign:
            return _pattern(_text(data["percent_formats"][None]))
        return _pattern(_text(data["decimal_formats"][None]))

    @property
    def percent_sign(self) -> bool:
        """Whether the number's own pattern has the sign; a shortened number has it as a unit."""
        options = self.options
        as_unit = options.style == "unit" and options.unit == "percent" and options.unit_display != "long"
        return (options.style == "percent" or as_unit) and options.notation != "compact"

    def sign(self, shown: Decimal) -> str:
        display = self.options.sign_display
        zero = self.finite and not shown or self.is_nan
        if self.negative:
            hidden = display == "never" or (zero and display in ("exceptZero", "negative"))
            return "" if hidden else "-"
        shown_plus = display == "always" or (display == "exceptZero" and not zero)
        return "+" if shown_plus else ""

    def styled(self, body: str, shown: Decimal, compact: str, exponent: int) -> str:
        options = self.options
        sign = self.sign(shown)
        pattern = self.pattern
        if compact:
            pattern = self.compact_pattern(compact, pattern)
            if not _zeros(compact):
                body = ""  # one word says number and power: mille
        before, after = pattern.around(negative=bool(sign))
        if sign == "+":
            before, after = before.replace("-", "+"), after.replace("-", "+")
        if options.style == "currency" and options.currency_display != "name":
            currency = self.locale.currency_sign(options.currency, options.currency_display)
            before, after = _with_currency(before, after, currency, body)
        text = self.literal(before) + body + self.literal(after)
        if options.style == "currency" and options.currency_display == "name":
            return self.named(text, shown, exponent)
        if options.style in ("unit", "percent") and not self.percent_sign:
            return self.measured(text, shown, exponent)
        return text

    def compact_pattern(self, compact: str, pattern: _Pattern) -> _Pattern:
        """Return the pattern of a shortened number, keeping brackets and signs of its style."""
        found = _pattern(compact)
        if found.negative is None and pattern.negative and self.options.style == "currency":
            brackets = pattern.negative[0].startswith("(")
            if brackets:
                return _Pattern(found.before, found.after, pattern.groups, (f"({found.before}", f"{found.after})"))
            if "-" in pattern.negative[0] and not pattern.negative[0].startswith("-"):
                return _Pattern(found.before, found.after, pattern.groups, (f"{found.before}-", found.after))
        return _Pattern(found.before, found.after, pattern.groups, found.negative)

    def literal(self, affix: str) -> str:
        """Return an affix with its signs in the language's form, and its quotes gone."""
        symbols = self.locale.symbols
        pieces: list[str] = []
        for number, piece in enumerate(affix.split("'")):
            if number % 2 and piece:
                pieces.append(piece)
                continue
            for plain, name in (("-", "minusSign"), ("+", "plusSign"), ("%", "percentSign")):
                piece = piece.replace(plain, f"\0{name}\0")
            parts = piece.split("\0")
            pieces.append("".join(symbols[part] if at % 2 else part for at, part in enumerate(parts)))
        return "".join(pieces)

    def named(self, text: str, shown: Decimal, exponent: int) -> str:
        code = self.options.currency
        plural = self.plural(shown, exponent)
        names = self.locale.data["currency_names_plural"].get(code, {})
        name = names.get(plural) or names.get("other") or self.locale.data["currency_names"].get(code) or code
        forms = self.locale.data["currency_unit_patterns"]
        return str(forms.get(plural) or forms["other"]).replace("{0}", text).replace("{1}", str(name))

    def measured(self, text: str, shown: Decimal, exponent: int) -> str:
        unit, width = self.options.unit or "percent", self.options.unit_display
        plural = self.plural(shown, exponent)
        form = self.unit_form(unit, width, plural)
        if form is None:
            what, _, per = unit.partition("-per-")
            form = self.unit_form(what, width, plural) or "{0}"
            own = self.unit_form(per, width, "per")
            if own is not None:
                return own.replace("{0}", form.replace("{0}", text))
            single = (self.unit_form(per, width, "one") or self.unit_form(per, width, "other") or "").replace("{0}", "")
            joined = str(self.locale.data["compound_unit_patterns"]["per"][width].get("compound", "{0}/{1}"))
            return joined.replace("{0}", form.replace("{0}", text)).replace("{1}", single.strip())
        return form.replace("{0}", text)

    def unit_form(self, unit: str, width: str, plural: str) -> str | None:
        for name, widths in self.locale.data["unit_patterns"].items():
            if name.partition("-")[2] == unit:
                forms = widths.get(width) or {}
                found = forms.get(plural) if plural == "per" else forms.get(plural) or forms.get("other")
                return None if found is None else str(found)
        return None


def _text(pattern: Any) -> str:
    return pattern if isinstance(pattern, str) else str(pattern.pattern)


def _zeros(pattern: str) -> int:
    return sum(piece.count("0") for piece in pattern.partition(";")[0].split("'")[::2])


def _with_zeros(value: Decimal, least: int) -> Decimal:
    """Return a value without trailing zeros, but with as many digits behind the point as there must be."""
    whole = value.normalize(_CONTEXT)
    exponent = whole.as_tuple().exponent
    behind = max(-exponent if isinstance(exponent, int) else 0, least, 0)
    return value.quantize(Decimal(1).scaleb(-behind), context=_CONTEXT)


def _with_currency(before: str, after: str, currency: str, body: str) -> tuple[str, str]:
    """Put the sign of a currency into what stands round a number, apart from its digits where it is made of letters."""
    if before.endswith("¤") and _is_letter(currency[-1]) and body[:1].isdigit():
        before = f"{before}\u00a0"
    if after.startswith("¤") and _is_letter(currency[0]) and body[-1:].isdigit():
        after = f"\u00a0{after}"
    return before.replace("¤", currency), after.replace("¤", currency)


def _is_letter(character: str) -> bool:
    return unicodedata.category(character)[0] not in "SZ"
