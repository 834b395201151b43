"""JSON texts whose strings stand in single quotes, as samples of the documentation have them, made JSON."""

from __future__ import annotations

import re

# Possessive: a string that does not end is found out in one pass over it, not in one from each quote inside it.
_STRING = re.compile(r"\"(?:[^\"\\]++|\\.)*+\"|'(?:[^'\\]++|\\.)*+'", re.DOTALL)
_ESCAPE_OR_QUOTE = re.compile(r"\\.|\"", re.DOTALL)
_OUTSIDE = re.compile(r"[^\"']++")


def double_quoted(text: str) -> str:
    """Return a text with its single-quoted strings in double quotes; raises ValueError for one that does not end."""
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
