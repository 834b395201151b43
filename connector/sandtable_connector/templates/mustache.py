"""The template language: a text taken apart into tokens, by the rules of mustache.js 4, positions and all.

Source: mustache(5); observed with mustache.js 4.2.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from sandtable_connector.templates.script_values import ScriptError

SPACES = "\t\n\v\f\r \u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000\ufeff"
"""JavaScript's white space, as the inside of a character class."""

_SPACE = frozenset(
    "\t\n\v\f\r \u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a"
    "\u2028\u2029\u202f\u205f\u3000\ufeff"
)
_BLANKS = re.compile(f"[{SPACES}]+")
_KINDS = frozenset("#^/>{&=!")


@dataclass(slots=True)
class Token:
    """A piece of a template: `kind` is text, name, or the sign of its tag; a section has what stands in it."""

    kind: str
    value: str
    start: int
    end: int
    inside: list[Token] = field(default_factory=list)
    closes: int = 0


def trimmed(text: str) -> str:
    """Return a text without white space at its ends, as JavaScript trims it."""
    return text.strip("".join(_SPACE))


def parse(template: str) -> list[Token]:
    """Return the tokens of a template (in UTF-16 code units); raises ScriptError with mustache's words."""
    return _nested(_joined(_Reader(template).tokens()))


class _Reader:
    def __init__(self, template: str) -> None:
        self.text = template
        self.at = 0
        self.opening, self.closing = "{{", "}}"
        self.found: list[Token | None] = []
        self.blanks: list[int] = []
        self.tag_on_line = False
        self.more_on_line = False

    def tokens(self) -> list[Token]:
        open_sections: list[Token] = []
        while self.at < len(self.text):
            start = self.plain()
            if not self.text.startswith(self.opening, self.at):
                break
            self.at = self.past_blanks(self.at + len(self.opening))
            self.tag_on_line = True
            token = self.tag(start)
            self.found.append(token)
            self.note(token, open_sections)
        self.end_line()
        if open_sections:
            raise ScriptError(f'Unclosed section "{open_sections[-1].value}" at {self.at}')
        return [token for token in self.found if token is not None]

    def plain(self) -> int:
        """Take the text up to the next tag, a token each character; return where the tag starts."""
        end = self.text.find(self.opening, self.at)
        end = len(self.text) if end < 0 else end
        for at in range(self.at, end):
            character = self.text[at]
            if character in _SPACE:
                self.blanks.append(len(self.found))
            else:
                self.more_on_line = True
            self.found.append(Token("text", character, at, at + 1))
            if character == "\n":
                self.end_line()
        self.at = end
        return end

    def end_line(self) -> None:
        """Drop the blanks of a line that holds tags which print nothing, and nothing else."""
        if self.tag_on_line and not self.more_on_line:
            for number in self.blanks:
                self.found[number] = None
        self.blanks = []
        self.tag_on_line = self.more_on_line = False

    def tag(self, start: int) -> Token:
        kind = self.text[self.at] if self.text[self.at : self.at + 1] in _KINDS else "name"
        if kind != "name":
            self.at = self.past_blanks(self.at + 1)
        if kind == "=":
            value = self.until("=")
            if self.at < len(self.text):
                self.at = self.past_blanks(self.at) + 1
            self.until(self.closing)
        elif kind == "{":
            value = self.until("}" + self.closing)
            after = self.past_blanks(self.at)
            if self.text.startswith("}", after):
                self.at = after + 1
            self.until(self.closing)
            kind = "&"
        else:
            value = self.until(self.closing)
        after = self.past_blanks(self.at)
        if not self.text.startswith(self.closing, after):
            raise ScriptError(f"Unclosed tag at {self.at}")
        self.at = after + len(self.closing)
        return Token(kind, value, start, self.at)

    def note(self, token: Token, open_sections: list[Token]) -> None:
        if token.kind in ("#", "^"):
            open_sections.append(token)
        elif token.kind == "/":
            if not open_sections:
                raise ScriptError(f'Unopened section "{token.value}" at {token.start}')
            opened = open_sections.pop()
            if opened.value != token.value:
                raise ScriptError(f'Unclosed section "{opened.value}" at {token.start}')
        elif token.kind in ("name", "&"):
            self.more_on_line = True
        elif token.kind == "=":
            self.change_delimiters(token.value)

    def change_delimiters(self, value: str) -> None:
        parts = _BLANKS.split(value)[:2]
        if len(parts) != 2:
            raise ScriptError(f"Invalid tags: {','.join(parts)}")
        self.opening, self.closing = parts

    def past_blanks(self, at: int) -> int:
        while at < len(self.text) and self.text[at] in _SPACE:
            at += 1
        return at

    def until(self, end: str) -> str:
        """Take the text up to an end and the blanks before it; all that is left where there is no such end."""
        start = self.at
        stop = self.text.find(end, start)
        if stop < 0:
            self.at = len(self.text)
            return self.text[start:]
        while stop > start and self.text[stop - 1] in _SPACE:
            stop -= 1
        self.at = stop
        return self.text[start:stop]


def _joined(tokens: list[Token]) -> list[Token]:
    found: list[Token] = []
    pieces: list[str] = []
    for token in tokens:
        if token.kind == "text" and found and found[-1].kind == "text":
            pieces.append(token.value)
            found[-1].end = token.end
            continue
        if pieces:
            found[-1].value += "".join(pieces)
            pieces = []
        found.append(token)
    if pieces:
        found[-1].value += "".join(pieces)
    return found


def _nested(tokens: list[Token]) -> list[Token]:
    result: list[Token] = []
    open_sections: list[Token] = []
    for token in tokens:
        where = open_sections[-1].inside if open_sections else result
        if token.kind == "/":
            open_sections.pop().closes = token.start
            continue
        where.append(token)
        if token.kind in ("#", "^"):
            open_sections.append(token)
    return result
