"""The pages that people write and read: what is in them, and which of it is run."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PAGES = sorted(
    path for pattern in ("*.md", "docs/**/*.md", "examples/*.md", "docker/*.md") for path in ROOT.glob(pattern)
)
NAMES = [str(path.relative_to(ROOT)) for path in PAGES]
FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True)
class Block:
    """What stands between two fences of a page: its language, its text, and the line it begins on."""

    language: str
    text: str
    line: int


@dataclass(frozen=True)
class Command:
    """What a reader types, and what the page shows of the answer; nothing shown is an empty text."""

    text: str
    shown: str
    line: int


def read(name: str) -> str:
    """Return the text of a page, named from the top of the repository."""
    return (ROOT / name).read_text(encoding="utf-8")


def blocks(name: str, *languages: str) -> list[Block]:
    """Return the fenced blocks of a page in these languages, in order; of all languages when none is named."""
    text = read(name)
    found = (Block(each[1], each[2], text.count("\n", 0, each.start()) + 2) for each in FENCE.finditer(text))
    return [block for block in found if not languages or block.language in languages]


def commands(name: str) -> list[Command]:
    """Return what a page tells its reader to type: each `$` line with its continuations, each bash block as a whole."""
    return [command for block in blocks(name, "console", "bash") for command in _typed(block)]


def _typed(block: Block) -> Iterator[Command]:
    if block.language == "bash":
        yield Command(block.text, "", block.line)
        return
    line = block.line
    for part in re.split(r"^(?=\$ )", block.text, flags=re.MULTILINE):
        if part.startswith("$ "):
            text = re.match(r"\$ ((?:.*\\\n)*.*)\n", part)
            assert text is not None
            yield Command(text[1], part[text.end() :], line)
        line += part.count("\n")
