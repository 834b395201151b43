"""What records can be loaded from: a mapping of tables to records, a file, a folder, or several."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

Records = Mapping[str, Iterable[Mapping[str, object]]]
Source = Records | str | Path | Iterable[str | Path]
