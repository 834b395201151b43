"""The JSON files of the applications: read once, handed out as they are; nobody changes them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from sandtable.core.schema.dictionary_data import DATA_FOLDER

FOLDER = Path(__file__).parent / "data"


def shipped(name: str) -> dict[str, Any]:
    """Return a family that an application ships, such as `elastic_itsm.json`."""
    return _read(FOLDER / name)


def of_the_baseline(*names: str) -> dict[str, Any]:
    """Return families of the baseline as one, for an application whose tables every instance starts with."""
    together: dict[str, Any] = {"tables": [], "choices": [], "records": {}}
    for name in names:
        family = _read(DATA_FOLDER / name)
        together["tables"] += family["tables"]
        together["choices"] += family["choices"]
        for table, records in family["records"].items():
            together["records"].setdefault(table, []).extend(records)
    return together


def _read(path: Path) -> dict[str, Any]:
    content: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return content
