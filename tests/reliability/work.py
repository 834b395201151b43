"""How much work something takes, counted and not timed: lines of Python, and steps of matching a pattern."""

from __future__ import annotations

import itertools
import re
import sys
from collections.abc import Callable, Iterator
from re import _constants as names  # type: ignore[attr-defined]
from re import _parser as parser  # type: ignore[attr-defined]
from types import FrameType
from typing import Any

CANDIDATES = "a1 .-_AX<'\"\\&;,:=/"
State = tuple[int, tuple[tuple[int, tuple[int, int]], ...]]


def lines_run(do: Callable[[], object]) -> int:
    """Return how many lines of Python a call runs, those of what it calls included; what it raises is its answer."""
    count = 0

    def trace(frame: FrameType, event: str, value: Any) -> Any:
        nonlocal count
        if event == "line":
            count += 1
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        do()
    except Exception:
        pass
    finally:
        sys.settrace(before)
    return count


class Matcher:
    """A plain backtracking matcher of a compiled pattern, which counts the characters that it looks at.

    It leaves out what CPython does to be quicker, so it counts no less than is really done.
    """

    def __init__(self, pattern: re.Pattern[str], limit: int) -> None:
        self._tree = parser.parse(pattern.pattern, pattern.flags & ~re.DEBUG)
        self._flags = pattern.flags
        self._limit = limit
        self.steps = 0

    def count(self, text: str, *, everywhere: bool, whole: bool) -> int:
        """Return the steps of one `match` or `fullmatch`, or (`everywhere`) of a search for all occurrences."""
        self.steps = 0
        position = 0
        while position <= len(text) and self.steps < self._limit:
            ends = (end for end, _ in self._run(list(self._tree), 0, text, (position, ())))
            end = next((each for each in ends if not whole or each == len(text)), None)
            if not everywhere:
                break
            position = end if end is not None and end > position else position + 1
        return self.steps

    def _run(self, nodes: list[Any], at: int, text: str, state: State) -> Iterator[State]:
        self.steps += 1
        if self.steps > self._limit:
            return
        if at == len(nodes):
            yield state
            return
        for after in self._one(nodes[at], text, state):
            yield from self._run(nodes, at + 1, text, after)

    def _one(self, node: Any, text: str, state: State) -> Iterator[State]:
        kind, value = node
        position, groups = state
        if kind in (names.MAX_REPEAT, names.MIN_REPEAT):
            yield from self._repeated(kind is names.MAX_REPEAT, *value, text, state, 0)
        elif kind is names.POSSESSIVE_REPEAT:
            yield from self._possessive(*value, text, state)
        elif kind is names.ATOMIC_GROUP:
            found = next(self._run(list(value), 0, text, state), None)
            if found is not None:
                yield found
        elif kind is names.SUBPATTERN:
            number, _, _, inside = value
            for end, inner in self._run(list(inside), 0, text, state):
                yield end, inner if number is None else (*inner, (number, (position, end)))
        elif kind is names.BRANCH:
            for branch in value[1]:
                yield from self._run(list(branch), 0, text, state)
        elif kind in (names.ASSERT, names.ASSERT_NOT):
            if self._looks(*value, text, state) == (kind is names.ASSERT):
                yield state
        elif kind is names.AT:
            if self._at(value, text, position):
                yield state
        elif kind is names.GROUPREF:
            start, end = dict(groups).get(value, (0, 0))
            self.steps += end - start
            if text.startswith(text[start:end], position):
                yield position + end - start, groups
        elif position < len(text) and self._takes(node, text[position]):
            yield position + 1, groups

    def _repeated(
        self,
        greedy: bool,
        low: int,
        high: Any,
        inside: Any,
        text: str,
        state: State,
        done: int,  # noqa: FBT001
    ) -> Iterator[State]:
        if not greedy and done >= low:
            yield state
        if high is names.MAXREPEAT or done < high:
            for after in self._run(list(inside), 0, text, state):
                if after[0] > state[0] or done < low:
                    yield from self._repeated(greedy, low, high, inside, text, after, done + 1)
        if greedy and done >= low:
            yield state

    def _possessive(self, low: int, high: Any, inside: Any, text: str, state: State) -> Iterator[State]:
        done = 0
        while high is names.MAXREPEAT or done < high:
            after = next(self._run(list(inside), 0, text, state), None)
            if after is None or (after[0] == state[0] and done >= low):
                break
            state, done = after, done + 1
        if done >= low:
            yield state

    def _looks(self, direction: int, inside: Any, text: str, state: State) -> bool:
        if direction > 0:
            return next(self._run(list(inside), 0, text, state), None) is not None
        width = inside.getwidth()[0]
        start = state[0] - width
        return start >= 0 and next(self._run(list(inside), 0, text, (start, state[1])), None) is not None

    def _at(self, where: Any, text: str, position: int) -> bool:
        if where in (names.AT_BEGINNING, names.AT_BEGINNING_STRING):
            return position == 0
        if where in (names.AT_END, names.AT_END_STRING):
            return position == len(text)
        sides = (text[position - 1 : position], text[position : position + 1])
        words = [bool(re.fullmatch(r"\w", side)) for side in sides]
        return (words[0] != words[1]) == (where is names.AT_BOUNDARY)

    def _takes(self, node: Any, character: str) -> bool:
        self.steps += 1
        return takes(node, character, self._flags)


def takes(node: Any, character: str, flags: int) -> bool:
    """Tell whether a node of a pattern that takes one character takes this one."""
    kind, value = node
    same = {character, character.lower(), character.upper()} if flags & re.IGNORECASE else {character}
    if kind is names.LITERAL:
        return chr(value) in same
    if kind is names.NOT_LITERAL:
        return chr(value) not in same
    if kind is names.ANY:
        return character != "\n" or bool(flags & re.DOTALL)
    if kind is names.IN:
        negated = value[0][0] is names.NEGATE
        members = value[1:] if negated else value
        return negated != any(_member(each, same) for each in members)
    raise NotImplementedError(str(kind))


def _member(member: Any, same: set[str]) -> bool:
    kind, value = member
    if kind is names.LITERAL:
        return chr(value) in same
    if kind is names.RANGE:
        return any(value[0] <= ord(each) <= value[1] for each in same)
    letter = {names.CATEGORY_DIGIT: r"\d", names.CATEGORY_SPACE: r"\s", names.CATEGORY_WORD: r"\w"}.get(value)
    other = {names.CATEGORY_NOT_DIGIT: r"\D", names.CATEGORY_NOT_SPACE: r"\S", names.CATEGORY_NOT_WORD: r"\W"}
    return any(re.fullmatch(letter or other[value], each) for each in same)


def sample_of(pattern: re.Pattern[str]) -> str:
    """Return a text that a pattern more or less matches: each of its nodes once, of alternatives the first."""
    return "".join(_walk(parser.parse(pattern.pattern, pattern.flags), pattern.flags, branches=1))


def characters_of(pattern: re.Pattern[str]) -> list[str]:
    """Return characters that a pattern tells apart: for each of its nodes one that it takes, and one that few take."""
    found = dict.fromkeys(_walk(parser.parse(pattern.pattern, pattern.flags), pattern.flags, branches=None))
    return [*found, "\x00"]


def _walk(nodes: Any, flags: int, *, branches: int | None) -> Iterator[str]:
    for node in nodes:
        kind, value = node
        if kind in (names.LITERAL, names.NOT_LITERAL):
            yield chr(value)
        elif kind is names.IN:
            yield from itertools.islice((each for each in CANDIDATES if takes(node, each, flags)), 1)
        elif kind is names.BRANCH:
            for branch in value[1][:branches]:
                yield from _walk(branch, flags, branches=branches)
        elif kind is names.SUBPATTERN:
            yield from _walk(value[3], flags, branches=branches)
        elif kind in (names.MAX_REPEAT, names.MIN_REPEAT, names.POSSESSIVE_REPEAT):
            # A character that has to be there eight times is there eight times.
            for _ in range(max(1, min(value[0], 8))):
                yield from _walk(value[2], flags, branches=branches)
        elif kind is names.ATOMIC_GROUP:
            yield from _walk(value, flags, branches=branches)
