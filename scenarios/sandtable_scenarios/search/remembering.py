"""The example database of a run, with the stories of each scenario kept apart."""

from __future__ import annotations

from collections.abc import Iterable

from hypothesis.database import ExampleDatabase


class ScenarioDatabase(ExampleDatabase):
    """One scenario's part of a database that all scenarios, and perhaps several machines, share."""

    def __init__(self, whole: ExampleDatabase, place: str) -> None:
        super().__init__()
        self._whole = whole
        self._prefix = f"sandtable/{place}/".encode()

    def save(self, key: bytes, value: bytes) -> None:
        """Remember a story."""
        self._whole.save(self._prefix + key, value)

    def fetch(self, key: bytes) -> Iterable[bytes]:
        """Return the stories remembered under a key."""
        return self._whole.fetch(self._prefix + key)

    def delete(self, key: bytes, value: bytes) -> None:
        """Forget a story."""
        self._whole.delete(self._prefix + key, value)
