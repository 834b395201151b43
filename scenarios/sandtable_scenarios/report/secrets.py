"""Striking out what must not be read in a report, whatever its form."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any
from urllib.parse import quote, quote_plus

STRUCK = "***"
SHAPES = re.compile(
    r"-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)"
    r"|\beyJ[A-Za-z0-9_-]{16,}\.[A-Za-z0-9_-]{16,}\.[A-Za-z0-9_-]*"
    r"|(?<=Bearer )[A-Za-z0-9_.=-]{16,}|(?<=Basic )[A-Za-z0-9+/=]{12,}"
    r"|(?<![A-Za-z0-9_-])[A-Za-z0-9_-]{86}(?![A-Za-z0-9_-])",
    re.DOTALL,
)
SHORTEST = 8


def _forms(value: str) -> Iterator[str]:
    """Yield a secret as it may stand in a text: as it is, in a program, in JSON, in an address and in a form."""
    yield from (value, repr(value)[1:-1], json.dumps(value)[1:-1], json.dumps(value, ensure_ascii=False)[1:-1])
    yield from (quote(value, safe=""), quote(value), quote_plus(value))


class Redactor:
    """Strikes out secrets that are known by value, and what looks like a key, an assertion or a token."""

    def __init__(self, values: Iterable[str | None] = ()) -> None:
        known = {value for value in values if value and len(value) >= SHORTEST}
        forms = sorted({form for value in known for form in _forms(value)}, key=len, reverse=True)
        self._known = re.compile("|".join(map(re.escape, forms))) if forms else None

    def text(self, text: str) -> str:
        """Return a text without secrets."""
        text = self._known.sub(STRUCK, text) if self._known else text
        return SHAPES.sub(STRUCK, text)

    def value(self, value: Any) -> Any:
        """Return JSON-ready data without secrets in its texts."""
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, Mapping):
            return {key: self.value(inner) for key, inner in value.items()}
        if isinstance(value, list | tuple):
            return [self.value(inner) for inner in value]
        return value
