"""Amounts of money as the platform writes them: `USD;12.50`, or an amount alone in the instance's own currency."""

from __future__ import annotations

import re
from decimal import Decimal, InvalidOperation

_TEXT = re.compile(r"([A-Za-z]{3});(-?[0-9]{1,15}(?:\.[0-9]{1,10})?)")
SYMBOLS = {"USD": "$", "EUR": "€", "GBP": "£", "JPY": "¥", "INR": "₹", "KRW": "₩", "CNY": "CN¥", "BRL": "R$"}


def read(text: str) -> tuple[str, Decimal] | None:
    """Return code and amount of a text such as `EUR;12.50`; None for anything else."""
    found = _TEXT.fullmatch(text.strip())
    return None if found is None else (found[1].upper(), Decimal(found[2]))


def plain(text: str, code: str) -> tuple[str, Decimal] | None:
    """Return a number as an amount in the currency of a code; None for what is no number."""
    try:
        amount = Decimal(text.strip())
    except InvalidOperation:
        return None
    return (code, amount) if amount.is_finite() else None


def show(code: str, amount: Decimal) -> str:
    """Return an amount as people in the United States see it: `$1,234.50`, `-€5.00`, `CHF 7.00`."""
    sign = "-" if amount < 0 else ""
    return f"{sign}{SYMBOLS.get(code, f'{code} ')}{abs(amount):,.2f}"


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
