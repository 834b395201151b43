"""A reader of Hjson, the JSON for people: comments, keys and values without quotes, commas optional, trailing commas.

Written here because the one library for Python has not been kept up, and because a text that cannot be read becomes
its message, which has to be the one of hjson-js.
Source: the syntax page of hjson.github.io; observed with hjson 3.2.2 from npm.
"""

from __future__ import annotations

import math
import re
from typing import Any

from sandtable_connector.templates.mustache import trimmed
from sandtable_connector.templates.script_values import Bag, Row, ScriptError, ordered

_ESCAPES = {'"': '"', "'": "'", "\\": "\\", "/": "/", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t"}
_PUNCTUATION = frozenset("{}[],:")
_NUMBER = re.compile(r"(-?(?:0|[1-9][0-9]*)(?:\.[0-9]*)?(?:[eE][-+]?[0-9]+)?)[\x00-\x20]*")
_LITERALS: dict[str, Any] = {"true": True, "false": False, "null": None}
_SHOWN = 20


def parse(text: str) -> Any:
    """Return the value in an Hjson text; braces round the outermost object may be left out. Raises ScriptError."""
    reader = _Reader(text)
    reader.white()
    if reader.here in ("{", "["):
        return reader.whole(reader.value())
    try:
        return reader.whole(reader.members(braces=False))
    except ScriptError:
        single = _Reader(text)
        try:
            return single.whole(single.value())
        except ScriptError:
            pass
        raise


class _Reader:
    """Reads one character ahead: `here` is the one looked at ("" at the end), `at` the place after it."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.here = " "

    def fail(self, message: str) -> ScriptError:
        column, at = 0, self.at - 1
        while at > 0 and self.text[at : at + 1] != "\n":
            at -= 1
            column += 1
        line = 1 + self.text.count("\n", 1, at + 1) if at > 0 else 1
        shown = self.text[self.at - column :][:_SHOWN]
        return ScriptError(f"{message} at line {line},{column} >>>{shown} ...")

    def next(self) -> str:
        self.here = self.text[self.at : self.at + 1]
        self.at += 1
        return self.here

    def ahead(self) -> str:
        return self.text[self.at : self.at + 1]

    def white(self) -> None:
        while self.here:
            while self.here and self.here <= " ":
                self.next()
            if self.here == "#" or (self.here == "/" and self.ahead() == "/"):
                while self.here and self.here != "\n":
                    self.next()
            elif self.here == "/" and self.ahead() == "*":
                self.next()
                self.next()
                while self.here and not (self.here == "*" and self.ahead() == "/"):
                    self.next()
                if self.here:
                    self.next()
                    self.next()
            else:
                break

    def whole(self, value: Any) -> Any:
        self.white()
        if self.here:
            raise self.fail("Syntax error, found trailing characters")
        return value

    def value(self) -> Any:
        self.white()
        if self.here == "{":
            self.next()
            return self.members(braces=True)
        if self.here == "[":
            return self.items()
        if self.here in ("'", '"'):
            return self.string(multiline=True)
        return self.bare()

    def members(self, *, braces: bool) -> Bag:
        found: Bag = Bag()
        self.white()
        if self.here == "}" and braces:
            self.next()
            return found
        while self.here:
            key = self.key()
            self.white()
            if self.here != ":":
                raise self.fail(f"Expected ':' instead of '{self.here}'")
            self.next()
            value = self.value()
            if key != "__proto__":
                found[key] = value
            self.white()
            if self.here == ",":
                self.next()
                self.white()
            if self.here == "}" and braces:
                self.next()
                return ordered(found.items())
            self.white()
        if braces:
            raise self.fail("End of input while parsing an object (missing '}')")
        return ordered(found.items())

    def items(self) -> Row:
        found = Row()
        self.next()
        self.white()
        if self.here == "]":
            self.next()
            return found
        while self.here:
            found.append(self.value())
            self.white()
            if self.here == ",":
                self.next()
                self.white()
            if self.here == "]":
                self.next()
                return found
            self.white()
        raise self.fail("End of input while parsing an array (missing ']')")

    def key(self) -> str:
        if self.here in ("'", '"'):
            return self.string(multiline=False)
        pieces: list[str] = []
        start, blank = self.at, -1
        while True:
            if self.here == ":":
                if not pieces:
                    raise self.fail("Found ':' but no key name (for an empty key name use quotes)")
                if blank >= 0 and blank != len(pieces):
                    self.at = start + blank
                    raise self.fail("Found whitespace in your key name (use quotes to include)")
                return "".join(pieces)
            if self.here <= " ":
                if not self.here:
                    raise self.fail("Found EOF while looking for a key name (check your syntax)")
                if blank < 0:
                    blank = len(pieces)
            elif self.here in _PUNCTUATION:
                raise self.fail(
                    f"Found '{self.here}' where a key name was expected "
                    "(check your syntax or use quotes if the key name includes {}[],: or whitespace)"
                )
            else:
                pieces.append(self.here)
            self.next()

    def string(self, *, multiline: bool) -> str:
        quote = self.here
        pieces: list[str] = []
        while self.next():
            if self.here == quote:
                self.next()
                if multiline and quote == "'" and self.here == "'" and not pieces:
                    self.next()
                    return self.block()
                return "".join(pieces)
            if self.here == "\\":
                self.next()
                if self.here == "u":
                    pieces.append(self.escaped_unit())
                elif self.here in _ESCAPES:
                    pieces.append(_ESCAPES[self.here])
                else:
                    break
            elif self.here in ("\n", "\r"):
                raise self.fail("Bad string containing newline")
            else:
                pieces.append(self.here)
        raise self.fail("Bad string")

    def escaped_unit(self) -> str:
        code = 0
        for _ in range(4):
            digit = self.next()
            if not digit or digit not in "0123456789abcdefABCDEF":
                raise self.fail(f"Bad \\u char {digit}")
            code = code * 16 + int(digit, 16)
        return chr(code)

    def block(self) -> str:
        """Read on after three quotes: as much white space goes from each line as stands before them, and no more."""
        pieces: list[str] = []
        start = self.at - 4
        indent = start - (self.text.rfind("\n", 0, max(start, 0)) + 1)
        while self.here and self.here <= " " and self.here != "\n":
            self.next()
        if self.here == "\n":
            self.next()
            self.skip(indent)
        quotes = 0
        while True:
            if not self.here:
                raise self.fail("Bad multiline string")
            if self.here == "'":
                quotes += 1
                self.next()
                if quotes == 3:
                    return "".join(pieces).removesuffix("\n")
                continue
            pieces.append("'" * quotes)
            quotes = 0
            if self.here == "\n":
                pieces.append("\n")
                self.next()
                self.skip(indent)
            else:
                if self.here != "\r":
                    pieces.append(self.here)
                self.next()

    def skip(self, blanks: int) -> None:
        while self.here and self.here <= " " and self.here != "\n" and blanks > 0:
            blanks -= 1
            self.next()

    def bare(self) -> Any:
        """Read a literal or number up to punctuation, or else a text without quotes up to the line's end."""
        if self.here in _PUNCTUATION:
            raise self.fail(
                f"Found a punctuator character '{self.here}' when expecting a quoteless string (check your syntax)"
            )
        first = self.here
        pieces = [first]
        while True:
            self.next()
            ends = self.here in ("", "\r", "\n")
            if ends or self.here in ",}]#" or (self.here == "/" and self.ahead() in ("/", "*")):
                if first in ("f", "n", "t") or first == "-" or "0" <= first <= "9":
                    known, value = _literal("".join(pieces))
                    if known:
                        return value
                if ends:
                    return trimmed("".join(pieces))
            pieces.append(self.here)


def _literal(text: str) -> tuple[bool, Any]:
    if text[0] in "fnt":
        word = trimmed(text)
        return word in _LITERALS, _LITERALS.get(word)
    return _number(text)


def _number(text: str) -> tuple[bool, float]:
    match = _NUMBER.fullmatch(text)
    number = float(match[1]) if match else float("inf")
    return math.isfinite(number), number
