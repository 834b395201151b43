"""FormatNumber: `number; locales; option: value, ...` printed as Intl.NumberFormat prints it; en-US by default.

Source: Kibana docs, "Rule action variables" (FormatNumber); ECMA-402 and Unicode CLDR; observed with Node 20.
"""

from __future__ import annotations

import math
import re
from typing import Any

from sandtable_connector.templates.mustache import trimmed
from sandtable_connector.templates.numbers.options import resolved
from sandtable_connector.templates.numbers.text import printed
from sandtable_connector.templates.script_values import ScriptError, characters, units

_NUMBER = re.compile(r"[+-]?(?:Infinity|[0-9]+\.?[0-9]*(?:[eE][+-]?[0-9]+)?|\.[0-9]+(?:[eE][+-]?[0-9]+)?)")
_DEFAULT_LOCALE = "en-US"


def format_number(text: str) -> str:
    """Return `number; locales; options` printed; raises ScriptError in Kibana's words."""
    parts = [trimmed(part) for part in text.split(";")[:3]]
    if len(parts) < 3:
        raise ScriptError(f"invalid format, missing semicolons: '{text}'")
    number = parse_float(parts[0])
    if math.isnan(number):
        raise ScriptError(f"invalid number: '{parts[0]}'")
    locales = [locale for locale in map(trimmed, parts[1].split(",")) if locale] or [_DEFAULT_LOCALE]
    options = _options(parts[2])
    # Languages' data are read only once a number is to be printed.
    from sandtable_connector.templates.numbers.locales import locale_of

    try:
        return units(
            printed(
                number,
                locale_of([characters(tag) for tag in locales], str(options.get("numberingSystem", ""))),
                resolved(options),
            )
        )
    except ScriptError as error:
        raise ScriptError(f"error formatting number: {error}") from None


def parse_float(text: str) -> float:
    """Return the number that a text begins with, as parseFloat does; NaN where it begins with none."""
    match = _NUMBER.match(trimmed(text))
    return float(match[0].replace("Infinity", "inf")) if match else math.nan


def _options(text: str) -> dict[str, Any]:
    options: dict[str, Any] = {}
    for part in map(trimmed, text.split(",")):
        if not part:
            continue
        name, colon, value = part.partition(":")
        if not colon:
            raise ScriptError(f"invalid options: missing colon in option: '{part}'")
        options[trimmed(name)] = _option(trimmed(value.split(":")[0]))
    return options


def _option(text: str) -> str | float | bool:
    number = parse_float(text)
    if not math.isnan(number):
        return number
    return {"true": True, "false": False}.get(text, text)
