"""Records put into an instance from within the process, in every form that the control plane takes."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from sandtable.exchange import answer_from
from sandtable.settings import Settings
from sandtable.web.app import create_app

if TYPE_CHECKING:
    from sandtable.simulated import Seed
    from sandtable.worlds import World

SUFFIXES: Mapping[str, str] = {".json": "application/json", ".csv": "text/csv", ".xml": "application/xml"}
COUNTS = ("inserted", "updated", "deleted")


class SeedError(ValueError):
    """Records that cannot be put into an instance; the text names the record, what is wrong, and the fix."""


def sow(world: World, source: Seed) -> dict[str, Any]:
    """Insert or update records, all of them or none; return how many were inserted, updated and deleted.

    See `SimulatedInstance.seed` for what a source can be. Raises SeedError.
    """
    total = dict.fromkeys(COUNTS, 0)
    with world.instance.transaction():
        for data, kind, table in _parts(source):
            told = _sent(world, data, kind, table)
            for name in COUNTS:
                total[name] += told[name]
    return total


def _parts(source: Seed) -> Iterable[tuple[bytes, str, str]]:
    """Yield what to send: the bytes, their media type, and the table that they are for where they do not say."""
    if isinstance(source, Mapping):
        listed = {table: list(records) for table, records in source.items()}
        try:
            yield json.dumps(listed).encode(), SUFFIXES[".json"], ""
        except TypeError as error:
            raise SeedError(f"a value cannot be stored: {error}; give text, numbers, true, false or None") from None
        return
    for place in [source] if isinstance(source, str | Path) else source:
        yield _file(Path(place))


def _file(path: Path) -> tuple[bytes, str, str]:
    if path.is_dir():
        from sandtable.recording import RecordingError, read_folder, records_of

        try:
            return json.dumps(records_of(read_folder(path)).records).encode(), SUFFIXES[".json"], ""
        except RecordingError as error:
            raise SeedError(str(error)) from None
    kind = SUFFIXES.get(path.suffix.lower())
    if kind is None:
        raise SeedError(f"{path} is no seed: give a .json, .csv or .xml file, or a folder of recordings")
    try:
        return path.read_bytes(), kind, path.stem if path.suffix.lower() == ".csv" else ""
    except OSError as error:
        raise SeedError(f"{path} cannot be read: {error.strerror or error}") from None


def _sent(world: World, data: bytes, kind: str, table: str) -> dict[str, Any]:
    """Hand records to the control plane of the world, which knows their forms, without leaving the process."""
    app = create_app(_Alone(world), Settings(log="off"))  # type: ignore[arg-type]
    url = f"http://localhost/_sandtable/seed?{urlencode({'table': table})}"
    answer = answer_from(app, "POST", url, [("Content-Type", kind)], data)
    told: dict[str, Any] = json.loads(answer.body)
    if answer.status >= 400:
        error = told["error"]
        raise SeedError(f"{error['field']}: {error['problem']}; {error['fix']}")
    return told


class _Alone:
    """The one world there is for a request that does not come from outside."""

    def __init__(self, world: World) -> None:
        self._world = world

    def find(self, host: str, path: str) -> tuple[World, str]:
        return self._world, path
