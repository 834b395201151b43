"""Expressions of EvalMath taken apart: numbers, variables, functions, + - * /, comparisons, named arguments.

The grammar is Kibana's: a hyphen or digit belongs to the name that it stands in (`a-1` is one variable), a function's
name has no digit, quotes make names with blanks. What cannot be read is told as a PEG parser tells it: at the furthest
place that was reached, everything that could have stood there.
Source: Kibana docs, "TinyMath"; observed behaviour of @kbn/tinymath.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import reduce
from typing import Any

from sandtable_connector.templates.script_values import ScriptError

_FUNCTIONS = {"+": "add", "-": "subtract", "*": "multiply", "/": "divide"}
_COMPARISONS = {"<": "lt", ">": "gt", "==": "eq", "<=": "lte", ">=": "gte"}
_BLANKS = re.compile(r"[ \t\n\r]*")
_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE]-?[0-9]+)?")
_QUOTED = re.compile(r""""((?:\\"|[^"])*+)"|'((?:\\'|[^'])*+)'""")
_NAME = re.compile(r"[0-9A-Za-z._@\[\]-]+")
_FUNCTION_NAME = re.compile(r"[a-zA-Z_-]+")
_ARGUMENT_NAME = re.compile(r"[a-zA-Z_]+")


@dataclass(frozen=True, slots=True)
class Variable:
    """A name to be looked up."""

    name: str


@dataclass(frozen=True, slots=True)
class NamedArgument:
    """An argument with a name, which no function takes."""

    name: str


@dataclass(frozen=True, slots=True)
class Call:
    """A function, or an operator as the function it stands for, and its arguments."""

    name: str
    arguments: tuple[Expression, ...]


Expression = float | Variable | NamedArgument | Call

# What a rule gives: a value and where it ends, or None where it does not match.
_Match = tuple[Any, int] | None


def parse(text: str) -> Expression:
    """Return an expression; raises ScriptError that says what was expected where."""
    reader = _Reader(text)
    match = reader.expression(0)
    if match is not None:
        if match[1] == len(text):
            expression: Expression = match[0]
            return expression
        reader.expect(match[1], "end of input")
    raise ScriptError(f"Failed to parse expression. {reader.complaint()}")


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    for character, name in (("\0", "0"), ("\t", "t"), ("\n", "n"), ("\r", "r")):
        escaped = escaped.replace(character, f"\\{name}")
    escaped = re.sub("[\x00-\x0f]", lambda found: f"\\x0{ord(found[0]):X}", escaped)
    return '"' + re.sub("[\x10-\x1f\x7f-\x9f]", lambda found: f"\\x{ord(found[0]):X}", escaped) + '"'


class _Reader:
    """Rules of the grammar, each a method from a place to a match; every rule is tried once at each place."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.furthest = 0
        self.expected: set[str] = set()
        self.silent = 0
        self.known: dict[tuple[str, int, bool], _Match] = {}

    # what was expected ------------------------------------------------------------------------------------------------

    def expect(self, at: int, what: str) -> None:
        if self.silent or at < self.furthest:
            return
        if at > self.furthest:
            self.furthest = at
            self.expected = set()
        self.expected.add(what)

    def complaint(self) -> str:
        expected = sorted(self.expected)
        if len(expected) > 2:
            told = f"{', '.join(expected[:-1])}, or {expected[-1]}"
        else:
            told = " or ".join(expected)
        found = _quoted(self.text[self.furthest]) if self.furthest < len(self.text) else "end of input"
        return f"Expected {told} but {found} found."

    def once(self, name: str, at: int, rule: Callable[[int], _Match]) -> _Match:
        key = (name, at, self.silent > 0)
        if key not in self.known:
            self.known[key] = rule(at)
        return self.known[key]

    def named(self, name: str, at: int, rule: Callable[[int], _Match]) -> _Match:
        """Try a rule that is told by its name: what was missing inside it is not told."""
        self.silent += 1
        match = self.once(name, at, rule)
        self.silent -= 1
        if match is None:
            self.expect(at, name)
        return match

    def sign(self, sign: str, at: int) -> bool:
        if self.text.startswith(sign, at):
            return True
        self.expect(at, f'"{sign}"')
        return False

    def blanks(self, at: int) -> int:
        match = _BLANKS.match(self.text, at)
        end = match.end() if match else at
        self.expect(end, "whitespace")
        return end

    # rules ------------------------------------------------------------------------------------------------------------

    def expression(self, at: int) -> _Match:
        return (
            self.once("comparison", at, self._comparison)
            or self.math(at)
            or self.once("group of expressions", at, lambda start: self._grouped(start, self.expression))
        )

    def _comparison(self, at: int) -> _Match:
        left = self.math(self.blanks(at))
        if left is None:
            return None
        value, at = left
        if self.sign(">", at) or self.sign("<", at):
            operator = self.text[at]
            if self.sign("=", at + 1):
                operator += "="
        elif self.sign("=", at) and self.sign("=", at + 1):
            operator = "=="
        else:
            return None
        right = self.math(at + len(operator))
        return right and (Call(_COMPARISONS[operator], (value, right[0])), self.blanks(right[1]))

    def math(self, at: int) -> _Match:
        return self.once("sum", at, lambda start: self._chain(start, "+-", self._product))

    def _product(self, at: int) -> _Match:
        return self.once("product", at, lambda start: self._chain(start, "*/", self._factor))

    def _chain(self, at: int, operators: str, part: Callable[[int], _Match]) -> _Match:
        first = part(self.blanks(at))
        if first is None:
            return None
        value, at = first
        rest: list[tuple[str, Expression]] = []
        while any(self.sign(operator, at) for operator in operators):
            following = part(at + 1)
            if following is None:
                break
            rest.append((self.text[at], following[0]))
            at = following[1]
        whole = reduce(lambda left, pair: Call(_FUNCTIONS[pair[0]], (left, pair[1])), rest, value)
        return whole, self.blanks(at)

    def _factor(self, at: int) -> _Match:
        return (
            self.once("group", at, lambda start: self._grouped(start, self.math))
            or self.named("function", at, self._function)
            or self.named("literal", at, self._literal)
        )

    def _grouped(self, at: int, inner: Callable[[int], _Match]) -> _Match:
        at = self.blanks(at)
        if not self.sign("(", at):
            return None
        match = inner(self.blanks(at + 1))
        if match is None:
            return None
        end = self.blanks(match[1])
        return (match[0], self.blanks(end + 1)) if self.sign(")", end) else None

    def _literal(self, at: int) -> _Match:
        at = self.blanks(at)
        match = _NUMBER.match(self.text, at)
        if match:
            return float(match[0]), self.blanks(match.end())
        match = _QUOTED.match(self.text, at)
        if match:
            quote = match[0][0]
            name = match[0][1:-1].replace(f"\\{quote}", quote)
            return Variable(name), self.blanks(match.end())
        match = _NAME.match(self.text, at)
        return (Variable(match[0]), self.blanks(match.end())) if match else None

    def _function(self, at: int) -> _Match:
        at = self.blanks(at)
        name = _FUNCTION_NAME.match(self.text, at)
        if name is None or not self.sign("(", name.end()):
            return None
        at = self.blanks(name.end() + 1)
        arguments = self._arguments(at)
        if arguments is not None:
            at = arguments[1]
        at = self.blanks(at)
        if not self.sign(")", at):
            return None
        return Call(name[0], tuple(arguments[0]) if arguments else ()), self.blanks(at + 1)

    def _arguments(self, at: int) -> _Match:
        first = self._argument(at)
        if first is None:
            return None
        values, at = [first[0]], first[1]
        while True:
            comma = self.blanks(at)
            following = self._argument(self.blanks(comma + 1)) if self.sign(",", comma) else None
            if following is None:
                break
            values.append(following[0])
            at = following[1]
        at = self.blanks(at)
        return values, at + 1 if self.sign(",", at) else at

    def _argument(self, at: int) -> _Match:
        name = _ARGUMENT_NAME.match(self.text, at)
        if name:
            equals = self.blanks(name.end())
            if self.sign("=", equals):
                start = self.blanks(equals + 1)
                value = next(
                    (found for rule in (_NUMBER, _QUOTED, _NAME) if (found := rule.match(self.text, start))), None
                )
                if value:
                    return NamedArgument(name[0]), self.blanks(value.end())
        return self.once("argument", at, self.expression)
