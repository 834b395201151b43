"""Upper and lower case made alike, in a way that the database agrees with.

SQLite folds only the letters A to Z by itself. `fold` treats every letter, yet never turns a character outside ASCII
into one inside (as the Kelvin sign would): so for an ASCII needle the database's own comparison and this one agree.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from types import MappingProxyType


@lru_cache(maxsize=1)
def _lower_case() -> Mapping[int, str]:
    letters = {}
    for code in range(0x80, 0x1F000):  # no letter with two cases lies beyond
        letter = chr(code)
        lower = letter.lower()
        if len(lower) == 1 and lower != letter and not lower.isascii():
            letters[code] = lower
    letters |= {code: chr(code + 32) for code in range(ord("A"), ord("Z") + 1)}
    return MappingProxyType(letters)


def fold(text: str | None) -> str | None:
    """Return the text in lower case, character by character; None for None. The SQL function of that name."""
    if text is None:
        return None
    return folded(text)


def folded(text: str) -> str:
    """Return the text in lower case, as long as it was."""
    return text.lower() if text.isascii() else text.translate(_lower_case())
