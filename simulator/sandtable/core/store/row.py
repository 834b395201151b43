"""One row of a table as the store holds it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Row:
    """One stored record as it stands; `values` holds only columns that have a value, and is never changed."""

    sys_id: str
    table: str
    seq: int
    values: Mapping[str, str]
