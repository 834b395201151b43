"""Which lines of scripts have run, and the report of it in the lcov format."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sandtable.scripting.engine.source import Source

_NOT_IN_NAME = re.compile(r"[^A-Za-z0-9_.\-]+")


class Coverage:
    """Counts how often each line of each script ran, as long as it is wanted. Scripts are known by table and name."""

    def __init__(self) -> None:
        self._names: dict[str, str] = {}
        self._lines: dict[str, dict[int, int]] = {}
        self._texts: dict[str, str] = {}

    def wants(self, name: str) -> bool:
        """Tell whether a script is counted; parts of records without a name of their own are not."""
        return bool(name)

    def register(self, name: str, source: Source) -> None:
        """Make a script known, with the lines that could run."""
        self._names[source.digest[:12]] = name
        self._texts[name] = source.text
        lines = self._lines.setdefault(name, {})
        for line in source.lines:
            lines.setdefault(line, 0)

    def add(self, covered: Mapping[str, Mapping[str, int]]) -> None:
        """Add what an engine has counted."""
        for digest, lines in covered.items():
            name = self._names.get(digest)
            if name is None:
                continue
            known = self._lines[name]
            for line, count in lines.items():
                known[int(line)] = known.get(int(line), 0) + count

    def lines(self) -> Mapping[str, Mapping[int, int]]:
        """Return by script how often each line that could run did."""
        return {name: dict(sorted(lines.items())) for name, lines in sorted(self._lines.items())}

    def texts(self) -> Mapping[str, str]:
        """Return the text of each script."""
        return dict(self._texts)

    def lcov(self, folder: Path | None = None) -> str:
        """Return the report; with a folder, each script is written there as a file, which the report names."""
        parts = []
        for name, lines in self.lines().items():
            file = f"{_NOT_IN_NAME.sub('_', name).strip('_')}.js"
            path = file
            if folder is not None:
                folder.mkdir(parents=True, exist_ok=True)
                (folder / file).write_text(self._texts[name], "utf-8")
                path = str(folder / file)
            found = "".join(f"DA:{line},{count}\n" for line, count in lines.items())
            hit = sum(1 for count in lines.values() if count)
            parts.append(f"TN:\nSF:{path}\n{found}LF:{len(lines)}\nLH:{hit}\nend_of_record\n")
        return "".join(parts)
