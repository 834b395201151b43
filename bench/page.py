"""The figures of one run, written into a page of the documentation between two marks."""

from __future__ import annotations

from pathlib import Path

BEGIN, END = "<!-- figures -->", "<!-- end of figures -->"


def write(page: Path, lines: list[list[str]]) -> None:
    """Put a table in the place of the one that the page has."""
    text = page.read_text(encoding="utf-8")
    before, _, rest = text.partition(BEGIN)
    after = rest.partition(END)[2]
    shown: list[str] = []
    for line in lines:
        if line[0] in ("in process", "over the wire") or line[0].startswith("among "):
            shown += ["", f"| {' | '.join(line)} |", f"|{'---|' * len(line)}"]
        else:
            shown.append(f"| {' | '.join(cell.strip() for cell in line)} |")
    page.write_text(f"{before}{BEGIN}\n{chr(10).join(shown)}\n\n{END}{after}", encoding="utf-8")
