"""What V8 says of a text that is no JSON (source: observed with Node 20, JSON.parse)."""

from __future__ import annotations

import re

_CONTEXT = 10
_BLANKS = re.compile(r"[ \t\n\r]*")
_DIGITS = re.compile(r"[0-9]*")
_PLAIN = re.compile(r'[^"\\\x00-\x1f]*')
_LITERALS = {"t": "true", "f": "false", "n": "null"}


class _Found(Exception):
    """The first thing that is wrong."""


def complaint(text: str) -> str:
    """Return the message of the SyntaxError that JSON.parse throws; for a text that is no JSON."""
    reader = _Reader(text)
    try:
        reader.value(0)
        at = reader.blanks(reader.at)
        if at < len(text):
            reader.fail("Unexpected non-whitespace character after JSON", at)
    except _Found as found:
        return str(found)
    except RecursionError:
        pass
    return "Unexpected end of JSON input"


class _Reader:
    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0

    def fail(self, message: str, at: int) -> None:
        where = "" if message.endswith("JSON") else " in JSON"
        raise _Found(f"{message}{where} at position {at}")

    def unexpected(self, at: int) -> None:
        """Raise for a character that cannot stand where it stands, or for the end of the text."""
        text = self.text
        if text[at : at + 1] in ('"', "-", *"0123456789"):
            self.fail("Unexpected string" if text[at] == '"' else "Unexpected number", at)
        if at >= len(text):
            raise _Found("Unexpected end of JSON input")
        if len(text) <= 2 * _CONTEXT:
            shown = f'"{text}"'
        elif at < _CONTEXT:
            shown = f'"{text[: at + _CONTEXT]}"...'
        elif at < len(text) - _CONTEXT:
            shown = f'..."{text[at - _CONTEXT : at + _CONTEXT]}"...'
        else:
            shown = f'..."{text[at - _CONTEXT :]}"'
        raise _Found(f"Unexpected token '{text[at]}', {shown} is not valid JSON")

    def blanks(self, at: int) -> int:
        match = _BLANKS.match(self.text, at)
        return match.end() if match else at

    def value(self, at: int) -> None:
        at = self.blanks(at)
        first = self.text[at : at + 1]
        if first == "{":
            self.members(at + 1)
        elif first == "[":
            self.items(at + 1)
        elif first == '"':
            self.string(at + 1)
        elif first == "-" or first.isdigit() and first.isascii():
            self.number(at)
        elif first in _LITERALS and first:
            for offset, letter in enumerate(_LITERALS[first]):
                if self.text[at + offset : at + offset + 1] != letter:
                    self.unexpected(at + offset)
            self.at = at + len(_LITERALS[first])
        else:
            self.unexpected(at)

    def members(self, at: int) -> None:
        at = self.blanks(at)
        if self.text[at : at + 1] == "}":
            self.at = at + 1
            return
        expected = "Expected property name or '}'"
        while True:
            if self.text[at : at + 1] != '"':
                self.fail(expected, at)
            self.string(at + 1)
            at = self.blanks(self.at)
            if self.text[at : at + 1] != ":":
                self.fail("Expected ':' after property name", at)
            self.value(at + 1)
            at = self.blanks(self.at)
            if self.text[at : at + 1] != ",":
                break
            at = self.blanks(at + 1)
            expected = "Expected double-quoted property name"
        if self.text[at : at + 1] != "}":
            self.fail("Expected ',' or '}' after property value", at)
        self.at = at + 1

    def items(self, at: int) -> None:
        at = self.blanks(at)
        if self.text[at : at + 1] == "]":
            self.at = at + 1
            return
        self.value(at)
        at = self.blanks(self.at)
        while self.text[at : at + 1] == ",":
            self.value(at + 1)
            at = self.blanks(self.at)
        if self.text[at : at + 1] != "]":
            self.fail("Expected ',' or ']' after array element", at)
        self.at = at + 1

    def string(self, at: int) -> None:
        while True:
            match = _PLAIN.match(self.text, at)
            at = match.end() if match else at
            here = self.text[at : at + 1]
            if here == '"':
                self.at = at + 1
                return
            if not here:
                self.fail("Unterminated string", at)
            if here != "\\":
                self.fail("Bad control character in string literal", at)
            at = self.escape(at + 1)

    def escape(self, at: int) -> int:
        letter = self.text[at : at + 1]
        if not letter:
            raise _Found("Unexpected end of JSON input")
        if letter == "u":
            for offset in range(1, 5):
                digit = self.text[at + offset : at + offset + 1]
                if not digit or digit not in "0123456789abcdefABCDEF":
                    self.fail("Bad Unicode escape", at + offset)
            return at + 5
        if letter not in '"\\/bfnrt':
            self.fail("Bad escaped character", at)
        return at + 1

    def number(self, at: int) -> None:
        if self.text[at] == "-":
            at += 1
            if not self.text[at : at + 1].isdigit():
                self.fail("No number after minus sign", at)
        if self.text[at] == "0":
            at += 1
            if self.text[at : at + 1].isdigit():
                self.fail("Unexpected number", at)
        else:
            at = self.digits(at)
        if self.text[at : at + 1] == ".":
            at = self.some_digits(at + 1, "Unterminated fractional number")
        if self.text[at : at + 1] in ("e", "E"):
            at += 1
            if self.text[at : at + 1] in ("+", "-"):
                at += 1
            at = self.some_digits(at, "Exponent part is missing a number")
        self.at = at

    def digits(self, at: int) -> int:
        match = _DIGITS.match(self.text, at)
        return match.end() if match else at

    def some_digits(self, at: int, missing: str) -> int:
        end = self.digits(at)
        if end == at:
            self.fail(missing, at)
        return end
