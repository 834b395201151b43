"""What people and programs write into a text: a number, a list with commas, a name that is nearly right, loose JSON."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable

LARGEST = 2**31 - 1  # larger numbers mean the same, and would not fit a store's integers
LONGEST_NAME = 200  # that is compared with the names there are

# Possessive: a string that does not end is found out in one pass over it, not in one from each quote inside it.
_STRING = re.compile(r"\"(?:[^\"\\]++|\\.)*+\"|'(?:[^'\\]++|\\.)*+'", re.DOTALL)
_ESCAPE_OR_QUOTE = re.compile(r"\\.|\"", re.DOTALL)
_OUTSIDE = re.compile(r"[^\"']++")


def whole_number(text: str | None, default: int, *, most: int = LARGEST) -> int:
    """Return the number that a text is, from 0 on and never more than `most`; the default where it is none."""
    digits = (text or "").strip()
    if not (digits.isascii() and digits.isdigit()):
        return default
    digits = digits.lstrip("0") or "0"
    # Python refuses to read absurdly long numbers.
    return most if len(digits) > len(str(most)) else min(int(digits), most)


def seconds(text: str, default: float) -> float:
    """Return the seconds that a text is, fractions too, from 0 on; the default where it is no such number."""
    try:
        found = float(text)
    except ValueError:
        return default
    return min(found, LARGEST) if found >= 0 and not math.isnan(found) else default


def comma_list(text: str | None) -> list[str]:
    """Return what stands between the commas of a text, without the spaces around it, and nothing that is empty."""
    return [found for part in (text or "").split(",") if (found := part.strip())]


def nearest(name: str, known: Iterable[str], alike: float = 0.6) -> str:
    """Return the known name that one which is not known was probably meant to be; an empty text where none is near.

    How much they must be `alike` is from 0 to 1.
    """
    from difflib import get_close_matches  # a wrong name is rare, and this takes longer to load than to ask

    return next(iter(get_close_matches(name[:LONGEST_NAME], known, n=1, cutoff=alike)), "")


def double_quoted(text: str) -> str:
    """Return JSON whose strings stand in single quotes, as samples of the documentation have them, as JSON.

    Raises ValueError for a string that does not end.
    """
    pieces: list[str] = []
    position = 0
    while position < len(text):
        found = _OUTSIDE.match(text, position) or _STRING.match(text, position)
        if found is None:
            raise ValueError(f"the string at position {position} does not end")
        piece = found.group()
        pieces.append(f'"{_ESCAPE_OR_QUOTE.sub(_escaped, piece[1:-1])}"' if piece[0] == "'" else piece)
        position = found.end()
    return "".join(pieces)


def _escaped(found: re.Match[str]) -> str:
    return {"\\'": "'", '"': '\\"'}.get(found.group(), found.group())
