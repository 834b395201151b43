"""The fast way in: records straight into the store, in transactions of many, without rules.

For records that are made as the rules would leave them; what a rule would have computed is given.
"""

from __future__ import annotations

from collections.abc import Mapping
from random import Random
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sandtable.core.platform.instance import Instance

BATCH = 5_000


def sys_id_for(*names: str) -> str:
    """Return a sys_id that belongs to these names in every run and every instance, and to no others."""
    return f"{Random('/'.join(names)).getrandbits(128):032x}"  # noqa: S311 - repeatable, not secret


class BulkWriter:
    """Collects records and stores them some thousand at a time. Call `flush` at the end."""

    def __init__(self, instance: Instance, random: Random, made: dict[str, int]) -> None:
        self._instance = instance
        self._random = random
        self._made = made
        self._waiting: dict[str, list[tuple[str, dict[str, str]]]] = {}
        self._count = 0
        self._defaults: dict[str, dict[str, str]] = {}

    def new_sys_id(self) -> str:
        """Return a sys_id that is the same in every run."""
        return f"{self._random.getrandbits(128):032x}"

    def defaults(self, table: str) -> dict[str, str]:
        """Return what the dictionary puts into columns that are not given."""
        if table not in self._defaults:
            columns = self._instance.dictionary.columns(table)
            self._defaults[table] = {name: column.default for name, column in columns.items() if column.default}
        return self._defaults[table]

    def add(self, table: str, values: Mapping[str, str], *, sys_id: str = "") -> str:
        """Put a record on the pile and return its sys_id."""
        sys_id = sys_id or self.new_sys_id()
        self._waiting.setdefault(table, []).append((sys_id, {**self.defaults(table), **values}))
        self._count += 1
        if self._count >= BATCH:
            self.flush()
        return sys_id

    def flush(self) -> None:
        """Store what waits."""
        instance = self._instance
        with instance.transaction():
            for table, records in self._waiting.items():
                instance.store.insert_many(table, records)
                self._made[table] = self._made.get(table, 0) + len(records)
        self._waiting.clear()
        self._count = 0
