"""No regular expression of the instance takes a time that grows faster than what a client sends."""

from __future__ import annotations

import importlib
import inspect
import itertools
import pkgutil
import re
from collections.abc import Iterator

import pytest
from tests.reliability.work import Matcher, characters_of, sample_of

import sandtable

SHORT, LONG = 16, 32  # twice as long may take a bit more than twice the work, and not four times
TOLERATED = 3.0
FEW_STEPS = 900  # for LONG characters, with which no pattern is slow
LIMIT = 400_000
# Texts that only somebody gives who runs the instance: settings, names of files, patterns of tests.
NOT_OF_CLIENTS = (
    "sandtable.cli",
    "sandtable.settings.settings",
    "sandtable.doctor",
    "sandtable.demodata",
    "sandtable.library.mock",
    "sandtable.library",
)


def _patterns() -> Iterator[tuple[str, re.Pattern[str], str]]:
    for found in pkgutil.walk_packages(sandtable.__path__, "sandtable."):
        if found.name.endswith("__main__") or found.name.startswith(NOT_OF_CLIENTS):
            continue
        module = importlib.import_module(found.name)
        source = None
        for name, value in vars(module).items():
            if not isinstance(value, re.Pattern) or not isinstance(value.pattern, str):
                continue
            source = source or inspect.getsource(module)
            if re.search(rf"^(?:[\w, ]*\b)?{name}\b.*=", source, re.MULTILINE):
                yield f"{found.name}.{name}", value, source


PATTERNS = list(_patterns())


def _ways(name: str, source: str) -> set[tuple[bool, bool]]:
    """Return how a module uses its pattern: everywhere in a text or at one place, for all of the text or a part."""
    used = set(re.findall(rf"\b{name.rpartition('.')[2]}\.(\w+)\(", source))
    ways = {(method not in ("match", "fullmatch"), method == "fullmatch") for method in used}
    return ways or {(True, False), (False, True)}


def _long(pump: str, length: int) -> str:
    """Return a text some times over: at least four times, a long one too."""
    return pump * max(length // max(len(pump), 1), 4 * length // SHORT)


@pytest.mark.parametrize("name, pattern, source", PATTERNS, ids=[name for name, _, _ in PATTERNS])
@pytest.mark.ours("reading what a client sends takes time in proportion to its length")
def test_a_pattern_is_linear(name: str, pattern: re.Pattern[str], source: str) -> None:
    characters = characters_of(pattern)[:14]
    pairs = ("".join(pair) for pair in itertools.permutations(characters[:7], 2))
    sample = sample_of(pattern)
    beginnings = [sample[:length] + end for length in range(2, min(len(sample), 24)) for end in ("", "-")]
    pumps = dict.fromkeys([*characters, *pairs, "".join(characters), sample, sample[:-1], *beginnings])
    starts = ["", "".join(characters)]
    matcher = Matcher(pattern, LIMIT)
    for (everywhere, whole), start, pump, end in itertools.product(
        sorted(_ways(name, source)), starts, pumps, ("", "\x00")
    ):
        texts = [start + _long(pump, length) + end for length in (LONG, SHORT)]
        most = matcher.count(texts[0], everywhere=everywhere, whole=whole)
        if most >= FEW_STEPS:
            least = matcher.count(texts[1], everywhere=everywhere, whole=whole)
            assert most <= TOLERATED * least, (pattern.pattern, start, pump, end, least, most)
