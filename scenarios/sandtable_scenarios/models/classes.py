"""Classes of values: what a value has that others have not, in words for reports and for lists of what is known."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from typing import Any

from sandtable_scenarios.models.incidents import LONGEST_CORRELATION_ID as LIMIT

ORDINARY = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789:_-")
CATEGORIES = {
    "Cc": "a control character",
    "Cf": "a format character",
    "Zs": "a blank",
    "Zl": "a line separator",
    "Zp": "a paragraph separator",
    "Mn": "a combining mark",
    "So": "a symbol",
}
QUERY, ADDRESS, MARKUP = frozenset("^,=*%_"), frozenset("&#+?/\\;"), frozenset("<>\"'`{}")


def classes_of(value: Any) -> Iterator[str]:
    """Yield the classes that a value belongs to."""
    if value is None:
        yield "none"
    elif not isinstance(value, str):
        yield type(value).__name__
    elif not value:
        yield "an empty text"
    else:
        yield from _classes_of_text(value)


def _classes_of_text(text: str) -> Iterator[str]:
    if not text.strip():
        yield "blank"
    elif text != text.strip():
        yield "a blank end"
    if LIMIT - 1 <= len(text) <= LIMIT + 1:
        yield f"{LIMIT} characters, one less or more"
    elif len(text) > LIMIT:
        yield "longer than an ID may be"
    if unicodedata.normalize("NFC", text) != text:
        yield "decomposed"
    letters = set(text) - ORDINARY
    for name, found in (("queries", QUERY), ("addresses", ADDRESS), ("markup", MARKUP)):
        if letters & found:
            yield f"what means something in {name}"
    for letter in letters:
        kind = CATEGORIES.get(unicodedata.category(letter))
        if kind and letter != " ":
            yield kind
    if any(ord(letter) > 0xFFFF for letter in letters):
        yield "beyond the first plane"
    if not letters:
        yield "ordinary"
    if set(text) == {"."}:
        yield "dots alone"
    if text.isdigit():
        yield "a number"
