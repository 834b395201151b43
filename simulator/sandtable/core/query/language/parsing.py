"""Encoded query text read into a Query. Nothing is refused: what makes no sense becomes a term that says so."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from sandtable.core.query.language.operators import ANY_SPELLING, VALUELESS
from sandtable.core.query.language.syntax import (
    RELATED,
    SUBQUERY,
    Alternative,
    Block,
    Condition,
    Join,
    Order,
    Query,
    Term,
    Unreadable,
)

DEEPEST = 4  # blocks inside blocks; a deeper one is not read as a block

# Field names are lower case, so the capitals of a word operator end them; one with capitals needs the second reading.
_USUAL = re.compile(rf"(123TEXT[A-Z]+321|[a-z0-9_.]++)(\s*)({ANY_SPELLING})(.*)", re.DOTALL)
_CAPITALS = re.compile(rf"([A-Za-z0-9_.]+?)()({ANY_SPELLING})(.*)", re.DOTALL)
JUMP = "GOTO"
_JUMP = re.compile(r"GOTO(?=[a-z0-9])")
_LEADING = re.compile(r"(?:OR(?!DERBY)|NQ)\s*")
# Where no value has begun, a caret cannot be part of one: here `^^` is only a doubled separator.
_NO_VALUE = re.compile(
    rf"\s*+(?:(?:OR(?!DERBY)|NQ)\s*+)*+(?:EQ|ORDERBY[^\^]*|GROUPBY[^\^]*|ENDRLQUERY|ENDSUBQUERY"
    rf"|[a-z0-9_.]++\s*+(?:{'|'.join(sorted(VALUELESS))}))?\s*+"
)


def parse(text: str) -> Query:
    """Return the query that a text means; never raises, and knows no table."""
    stack = [_Open()]
    parts = [_read(part) for part in _split(text)]
    for number, part in enumerate(parts):
        # A client that puts blanks around its fields also puts them before the separator.
        spaced = part.spaced or (number + 1 < len(parts) and parts[number + 1].spaced)
        _add(stack, part, trim=spaced and number + 1 < len(parts))
    while len(stack) > 1:
        _close(stack)
    return stack[0].query()


@dataclass(slots=True)
class _Part:
    connective: str
    text: str
    spaced: bool


@dataclass(slots=True)
class _Open:
    """A query under construction: the whole, or the inside of a block."""

    kind: str = ""
    head: str = ""
    connective: str = ""
    alternatives: list[list[list[Term]]] = field(default_factory=lambda: [[]])
    order: list[Order] = field(default_factory=list)
    grouping: list[str] = field(default_factory=list)

    def add(self, connective: str, term: Term) -> None:
        if connective == "OR" and self.alternatives[-1]:
            self.alternatives[-1][-1].append(term)
        else:
            self.alternatives[-1].append([term])

    def query(self) -> Query:
        alternatives: list[Alternative] = [
            tuple(tuple(group) for group in alternative) for alternative in self.alternatives if alternative
        ]
        return Query(tuple(alternatives), tuple(self.order), tuple(self.grouping))


def _split(text: str) -> Iterator[str]:
    """Yield the parts between separators, carets in values already unescaped; empty parts are left out."""
    pieces = text.split("^")
    part = [pieces[0]]  # what stands between the carets of one part
    index = 1
    while index < len(pieces):
        doubled = pieces[index] == "" and index + 1 < len(pieces)
        if doubled and (len(part) > 1 or not _NO_VALUE.fullmatch(part[0])):
            part.append(pieces[index + 1])
            index += 2
            continue
        yield from _unless_empty(part)
        part = [pieces[index]]
        index += 1
    yield from _unless_empty(part)


def _unless_empty(part: list[str]) -> Iterator[str]:
    text = "^".join(part)
    if text.strip():
        yield text


def _read(part: str) -> _Part:
    text = part.lstrip()
    spaced = text != part
    connective = ""
    while (found := _LEADING.match(text)) is not None:
        connective = "NQ" if "NQ" in (connective, found.group().rstrip()) else "OR"
        spaced = spaced or found.group()[-1].isspace()
        text = text[found.end() :]
    usual = _USUAL.match(text)
    return _Part(connective, text, spaced or (usual is not None and bool(usual.group(2))))


def _add(stack: list[_Open], part: _Part, *, trim: bool) -> None:
    top, text = stack[-1], part.text
    stripped = text.rstrip()
    if part.connective == "NQ":
        top.alternatives.append([])
    if stripped in ("", "EQ"):
        return
    for word, descending in (("ORDERBYDESC", True), ("ORDERBY", False)):
        if stripped.startswith(word):
            path = stripped[len(word) :].lstrip()
            if path:
                top.order.append(Order(path, descending))
            return
    if stripped.startswith("GROUPBY"):
        if stripped != "GROUPBY":
            top.grouping.append(stripped.removeprefix("GROUPBY").lstrip())
        return
    if stripped in (f"END{RELATED}", f"END{SUBQUERY}"):
        if top.kind and stripped == f"END{top.kind}":
            _close(stack)
        return
    for kind in (RELATED, SUBQUERY):
        if stripped.startswith(kind) and len(stack) <= DEEPEST:
            stack.append(_Open(kind, stripped.removeprefix(kind).lstrip(), part.connective))
            return
    top.add(part.connective, _term(text.rstrip() if trim else text))


def _close(stack: list[_Open]) -> None:
    block = stack.pop()
    stack[-1].add(block.connective, Block(block.kind, block.head, block.query()))


def _term(text: str) -> Term:
    if _JUMP.match(text):
        # List addresses of the user interface begin with it, and clients copy them: it goes to a place, finds alike.
        text = text[len(JUMP) :]
    if text.startswith("JOIN"):
        return Join(text.removeprefix("JOIN").strip())
    found = _USUAL.fullmatch(text) or _CAPITALS.fullmatch(text)
    if found is None:
        return Unreadable(text.strip())
    path, _, operator, value = found.groups()
    return Condition(path, operator, "" if operator in VALUELESS else value)
