"""FormatNumber: numbers printed as Intl.NumberFormat prints them."""

from __future__ import annotations

from sandtable_connector.templates.numbers.format_number import format_number, parse_float

__all__ = ["format_number", "parse_float"]
