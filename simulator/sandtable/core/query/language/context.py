"""What the meaning of a query depends on besides its text."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from sandtable.core.schema.dictionary import Dictionary
from sandtable.core.values.clock import Clock


@dataclass(frozen=True)
class QueryContext:
    """Who asks, when, and of which instance.

    `note` enters (kind, name, detail) into the ledger; `property` returns a system property by name, or the default.
    `script` runs what stands after `javascript:` and is no call known here; it returns a text or texts, or None.
    `lookup` returns the values of a record by table and sys_id, `related` those of all records of a table, both without
    access control.
    """

    dictionary: Dictionary
    clock: Clock
    user_sys_id: str
    user_name: str
    time_zone: str
    note: Callable[[str, str, str], None]
    property: Callable[[str, str], str]
    lookup: Callable[[str, str], Mapping[str, str] | None]
    related: Callable[[str], Iterable[Mapping[str, str]]]
    script: Callable[[str], str | tuple[str, ...] | None] | None = None

    def is_true(self, name: str, default: str) -> bool:
        """Return a boolean system property."""
        return self.property(name, default).strip().lower() == "true"
