"""Records put into an instance from within the process, in every form that the test plane takes."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sandtable.faults.forms import BadForm, read
from sandtable.library.sources import Source
from sandtable.packages.contents import packed
from sandtable.web.plane.loading.file_formats import CSV, JSON, XML
from sandtable.web.plane.loading.loading import LoadQuery, sow
from sandtable.web.plane.loading.package_files import PACKAGE
from sandtable.web.plane.operations import PlaneError

if TYPE_CHECKING:
    from sandtable.core.platform.instance import Instance

SUFFIXES: Mapping[str, str] = {".json": JSON, ".csv": CSV, ".xml": XML, ".zip": PACKAGE}
COUNTS = ("inserted", "updated", "deleted")


class LoadError(ValueError):
    """Records that cannot be put into an instance; the text names the record, what is wrong, and the fix."""


def load(
    instance: Instance,
    source: Source,
    *,
    values: str = "",
    rules: bool | None = None,
    unknown: str = "",
    partial: bool = False,
) -> dict[str, Any]:
    """Insert or update records, all of them or none; return how many were inserted, updated and deleted.

    `ignored_columns` lists by table what was left out. See `SimulatedInstance.load` for what a source can be, and for
    the choices. Raises LoadError.
    """
    ignored: dict[str, dict[str, None]] = {}
    given = {"values": values, "rules": rules, "unknown": unknown, "partial": partial}
    total = dict.fromkeys(COUNTS, 0)
    with instance.transaction():
        for data, kind, table in _parts(source):
            try:
                told = sow(instance, data, kind, read(LoadQuery, {"table": table, **given}))
            except (PlaneError, BadForm) as error:
                raise LoadError(str(error)) from None
            for name in COUNTS:
                total[name] += told[name]
            for owner, names in told["ignored_columns"].items():
                ignored.setdefault(owner, {}).update(dict.fromkeys(names))
    return {**total, "ignored_columns": {owner: list(names) for owner, names in ignored.items()}}


def _parts(source: Source) -> Iterable[tuple[bytes, str, str]]:
    """Yield what to send: the bytes, their kind, and the table that they are for where they do not say."""
    if isinstance(source, Mapping):
        listed = {table: _listed(table, records) for table, records in source.items()}
        try:
            yield json.dumps(listed).encode(), JSON, ""
        except TypeError as error:
            raise LoadError(f"a value cannot be stored: {error}; give text, numbers, true, false or None") from None
        return
    places = [source] if isinstance(source, str | Path) else list(source) if isinstance(source, Iterable) else [source]
    for place in places:
        if not isinstance(place, str | Path):
            raise LoadError(f"{place!r} is nothing to load: give a mapping of tables to lists of records, or files")
        yield _file(Path(place))


def _holds_a_package(folder: Path) -> bool:
    """Tell whether a folder is that of an application, or holds its records as XML files, and not recordings."""
    return (folder / "sn_source_control.properties").is_file() or any(folder.rglob("*.xml"))


def load_path(instance: Instance, path: Path) -> list[tuple[Path, dict[str, Any]]]:
    """Load what is at a path, and return what came of each file: of a folder of files, each in the order of names.

    The folder of an application is one thing. Raises LoadError, which names the file.
    """
    if not path.exists():
        raise LoadError(f"{path}: is not there")
    parts = [path]
    if path.is_dir() and not _is_application(path):
        parts = sorted(each for each in path.iterdir() if each.suffix.lower() in SUFFIXES or _is_application(each))
        if not parts:
            raise LoadError(f"{path}: holds nothing to load: give .json, .csv, .xml or .zip files, or applications")
    done = []
    with instance.transaction():
        for part in parts:
            try:
                done.append((part, load(instance, part)))
            except LoadError as error:
                told = str(error).removeprefix("body: ")
                raise LoadError(told if told.startswith(str(part)) else f"{part}: {told}") from None
    return done


def _is_application(path: Path) -> bool:
    marks = ("update", "dictionary", "sn_source_control.properties")
    return path.is_dir() and (any((path / mark).exists() for mark in marks) or any(path.glob("sys_app_*.xml")))


def _listed(table: str, records: object) -> list[Any]:
    if isinstance(records, Mapping):
        return [records]  # one record, as in a file
    if isinstance(records, str | bytes) or not isinstance(records, Iterable):
        raise LoadError(f"{table}: is no list of records, but {records!r}; give a list of columns and values")
    return list(records)


def _file(path: Path) -> tuple[bytes, str, str]:
    if path.is_dir() and _holds_a_package(path):
        return packed(path), PACKAGE, ""
    if path.is_dir():
        from sandtable.recording import RecordingError, read_folder, records_of

        try:
            return json.dumps(records_of(read_folder(path)).records).encode(), JSON, ""
        except RecordingError as error:
            raise LoadError(str(error)) from None
    kind = SUFFIXES.get(path.suffix.lower())
    if kind is None:
        raise LoadError(
            f"{path} is nothing to load: give .json, .csv, .xml or .zip, a folder of recordings, or an application"
        )
    try:
        return path.read_bytes(), kind, path.stem if path.suffix.lower() == ".csv" else ""
    except OSError as error:
        raise LoadError(f"{path} cannot be read: {error.strerror or error}") from None
