"""A reader of Hjson, the JSON for people: comments, keys and values without quotes, commas optional, trailing commas.

Written here because the one library for it has not been kept up. Source: the syntax page of hjson.github.io.
"""

from __future__ import annotations

import json
import re
from typing import Any

_SPACE = re.compile(r"(?:\s+|#[^\n]*|//[^\n]*|/\*.*?\*/)*", re.DOTALL)
_KEY = re.compile(r"[^\s,:\[\]{}]+")
_STRING = re.compile(r'"(?:\\.|[^"\\])*"|\'(?:\\.|[^\'\\])*\'', re.DOTALL)
_NUMBER = re.compile(r"-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?")
_LITERALS = {"true": True, "false": False, "null": None}


def parse(text: str) -> Any:
    """Return the value in an Hjson text; braces round the outermost object may be left out. Raises ValueError."""
    reader = _Reader(text)
    reader.space()
    if reader.peek() not in ("{", "["):
        try:
            return reader.whole(reader.members(""))
        except ValueError:
            reader = _Reader(text)
            reader.space()
    return reader.whole(reader.value())


class _Reader:
    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0

    def peek(self) -> str:
        return self.text[self.at : self.at + 1]

    def space(self) -> None:
        match = _SPACE.match(self.text, self.at)
        self.at = match.end() if match else self.at

    def whole(self, value: Any) -> Any:
        self.space()
        if self.at < len(self.text):
            raise ValueError(f"unexpected {self.peek()!r} at {self.at}")
        return value

    def value(self) -> Any:
        opening = self.peek()
        if opening == "{":
            self.at += 1
            return self.members("}")
        if opening == "[":
            self.at += 1
            return self.items()
        if self.text.startswith("'''", self.at):
            return self.block()
        if opening in ('"', "'"):
            return self.string()
        if opening in ("", "}", "]", ",", ":"):
            raise ValueError(f"a value is missing at {self.at}")
        return self.bare()

    def members(self, end: str) -> dict[str, Any]:
        result: dict[str, Any] = {}
        while True:
            self.space()
            if self.peek() == end:
                self.at += len(end)
                return result
            key = self.key()
            self.space()
            if self.peek() != ":":
                raise ValueError(f"':' is missing after {key!r} at {self.at}")
            self.at += 1
            self.space()
            result[key] = self.value()
            self.space()
            if self.peek() == ",":
                self.at += 1

    def items(self) -> list[Any]:
        result: list[Any] = []
        while True:
            self.space()
            if self.peek() == "]":
                self.at += 1
                return result
            result.append(self.value())
            self.space()
            if self.peek() == ",":
                self.at += 1

    def key(self) -> str:
        if self.peek() in ('"', "'"):
            return self.string()
        match = _KEY.match(self.text, self.at)
        if match is None:
            raise ValueError(f"a key is missing at {self.at}")
        self.at = match.end()
        return match[0]

    def string(self) -> str:
        match = _STRING.match(self.text, self.at)
        if match is None:
            raise ValueError(f"a quote is not closed at {self.at}")
        self.at = match.end()
        body = match[0][1:-1]
        if match[0][0] == "'":
            body = body.replace("\\'", "'").replace('"', '\\"')
        text: str = json.loads(f'"{body}"')
        return text

    def block(self) -> str:
        indent = self.at - (self.text.rfind("\n", 0, self.at) + 1)
        end = self.text.find("'''", self.at + 3)
        if end < 0:
            raise ValueError(f"''' is not closed at {self.at}")
        lines = self.text[self.at + 3 : end].split("\n")
        self.at = end + 3
        if not lines[0].strip():
            # As much white space goes as stands before the opening quotes, and no more.
            lines = [line[:indent].lstrip() + line[indent:] for line in lines[1:]]
        if lines and not lines[-1].strip():
            lines = lines[:-1]
        return "\n".join(lines)

    def bare(self) -> Any:
        """Read a literal or number up to punctuation, or else a text without quotes up to the line's end."""
        line_end = self.text.find("\n", self.at)
        line = self.text[self.at : line_end if line_end >= 0 else len(self.text)]
        short = re.split(r"[,\]}#]|//|/\*", line, maxsplit=1)[0]
        token = short.strip()
        if token in _LITERALS or _NUMBER.fullmatch(token):
            self.at += len(short)
            return _LITERALS[token] if token in _LITERALS else json.loads(token)
        self.at += len(line)
        return line.strip()
