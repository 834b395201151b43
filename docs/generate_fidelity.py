"""Write docs/fidelity.md from the evidence marks of the tests and of the rules: `python docs/generate_fidelity.py`."""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from sandtable_scenarios.catalogue import RULES

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "fidelity.md"
KINDS = {
    "recorded": "seen on the real product",
    "documented": "promised by public documentation",
    "assumed": "our best reading of incomplete facts",
    "ours": "a promise of this tool itself",
}
HEAD = """# How true it is

Every test says how we know what it asserts, and a test that does not say so is refused. This page is written from those
marks by `python docs/generate_fidelity.py`; a test fails when it is out of date. Rules of the scenarios carry the same
kinds of evidence; they are listed, with their sources, in [checks](checks.md).

"""


@dataclass(frozen=True, order=True)
class Claim:
    """One mark in a test file: the area and the file, the kind of evidence, and where from or why."""

    area: str
    file: str
    kind: str
    text: str


def claims(root: Path) -> list[Claim]:
    """Return every claim of the test files below a folder, each once, in order."""
    found = set()
    for path in sorted(root.rglob("test_*.py")):
        area = path.relative_to(root).parts[0] if path.parent != root else "general"
        for kind, text in _marks(ast.parse(path.read_text(encoding="utf-8"))):
            found.add(Claim(area, path.name, kind, " ".join(text.split())))
    return sorted(found)


def _marks(tree: ast.AST) -> Iterator[tuple[str, str]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and node.args and isinstance(node.func, ast.Attribute):
            owner = node.func.value
            if node.func.attr in KINDS and isinstance(owner, ast.Attribute) and owner.attr == "mark":
                yield node.func.attr, _text(node.args[0])


def _text(node: ast.expr) -> str:
    try:
        return str(ast.literal_eval(node))
    except ValueError:
        return ast.unparse(node)


def page(root: Path = ROOT / "tests") -> str:
    """Return the whole page: the kinds, a table by area, and every claim by kind and area."""
    listed = claims(root)
    areas = sorted({claim.area for claim in listed})
    lines = [HEAD.rstrip("\n"), "", "| kind | means |", "|---|---|"]
    lines += [f"| {kind} | {meaning} |" for kind, meaning in KINDS.items()]
    lines += ["", "## How many claims", "", f"| area | {' | '.join(KINDS)} |", "|---|" + "---:|" * len(KINDS)]
    lines += [f"| {area} | {' | '.join(_counts(listed, area))} |" for area in areas]
    rules = [sum(rule.evidence.kind == kind for rule in RULES) for kind in KINDS]
    lines.append(f"| rules of the scenarios | {' | '.join(map(str, rules))} |")
    for kind, meaning in KINDS.items():
        if kind == "ours":
            continue
        lines += ["", f"## {kind.capitalize()}: {meaning}"]
        for area in areas:
            lines += _section(listed, kind, area)
    return "\n".join(lines) + "\n"


def _counts(listed: list[Claim], area: str) -> list[str]:
    return [str(sum(claim.area == area and claim.kind == kind for claim in listed)) for kind in KINDS]


def _section(listed: list[Claim], kind: str, area: str) -> Iterator[str]:
    files: dict[str, set[str]] = defaultdict(set)
    for claim in listed:
        if claim.kind == kind and claim.area == area:
            files[claim.text].add(claim.file.removesuffix(".py").removeprefix("test_"))
    if files:
        yield from ("", f"### {area}", "")
        yield from (f"- {text} ({', '.join(sorted(names))})" for text, names in sorted(files.items()))


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
