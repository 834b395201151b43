"""Amounts of money as the platform writes them: `USD;12.50`, or an amount alone in the instance's own currency."""

from __future__ import annotations

import re
from decimal import Decimal, InvalidOperation

_TEXT = re.compile(r"([A-Za-z]{3});(-?[0-9]{1,15}(?:\.[0-9]{1,10})?)")
_THOUSANDS = re.compile(r"(?<=[0-9]),(?=[0-9]{3}(?:[,.]|$))")
SYMBOLS = {"USD": "$", "EUR": "€", "GBP": "£", "JPY": "¥", "INR": "₹", "KRW": "₩", "CNY": "CN¥", "BRL": "R$"}
WHOLE = frozenset({"JPY", "KRW"})  # currencies without smaller coins
# By the country of a user (ISO 3166), which is what a locale takes its currency from.
_OF_COUNTRIES = {
    **dict.fromkeys(["AT", "BE", "DE", "ES", "FI", "FR", "GR", "IE", "IT", "LU", "NL", "PT"], "EUR"),
    "US": "USD",
    "GB": "GBP",
    "JP": "JPY",
    "IN": "INR",
    "KR": "KRW",
    "CN": "CNY",
    "BR": "BRL",
    "AU": "AUD",
    "CA": "CAD",
    "CH": "CHF",
    "DK": "DKK",
    "MX": "MXN",
    "NO": "NOK",
    "NZ": "NZD",
    "PL": "PLN",
    "SE": "SEK",
    "SG": "SGD",
    "ZA": "ZAR",
}


def of_country(country: str) -> str:
    """Return the code of a country's currency; empty for one that is not known, or none."""
    return _OF_COUNTRIES.get(country.strip().upper(), "")


def read(text: str) -> tuple[str, Decimal] | None:
    """Return code and amount of a text such as `EUR;12.50`; None for anything else."""
    found = _TEXT.fullmatch(_THOUSANDS.sub("", text.strip()))
    return None if found is None else (found[1].upper(), Decimal(found[2]))


def plain(text: str, code: str) -> tuple[str, Decimal] | None:
    """Return a number as an amount in the currency of a code; None for what is no number."""
    try:
        amount = Decimal(text.strip())
    except InvalidOperation:
        return None
    return (code, amount) if amount.is_finite() else None


def show(code: str, amount: Decimal) -> str:
    """Return an amount as people in the United States see it: `$1,234.50`, `-€5.00`, `¥7`, `CHF 7.00`."""
    sign = "-" if amount < 0 else ""
    return f"{sign}{SYMBOLS.get(code, f'{code} ')}{abs(amount):,.{0 if code in WHOLE else 2}f}"


def read_shown(text: str, own: str) -> str:
    """Return what people type, `$1,234.50` or `EUR 5`, as stored: the amount, with its code unless it is `own`."""
    plain = text.strip().replace(",", "")
    sign = "-" if plain.startswith("-") else ""
    plain = plain.removeprefix("-")
    codes = {symbol: code for code, symbol in SYMBOLS.items()}
    symbol = max((each for each in codes if plain.startswith(each)), key=len, default="")
    code, amount = (codes[symbol], plain[len(symbol) :].strip()) if symbol else _parted(plain)
    if not code or code == own:
        return sign + amount
    return f"{code};{sign}{amount}"


def _parted(text: str) -> tuple[str, str]:
    code, space, amount = text.partition(" ")
    return (code.upper(), amount.strip()) if space and len(code) == 3 and code.isalpha() else ("", text)
