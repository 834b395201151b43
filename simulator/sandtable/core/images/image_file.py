"""An image of an instance as one file: a ZIP archive with the database and a page of JSON, nothing that is executed."""

from __future__ import annotations

import io
import json
import sqlite3
import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import asdict, replace
from typing import TYPE_CHECKING, Any

from sandtable.core.images.baseline import read_dictionary
from sandtable.core.store.marks import Image, split
from sandtable.core.values.clock import ClockState

if TYPE_CHECKING:
    from sandtable.core.platform.instance import Instance
    from sandtable.core.platform.moments import InstanceImage

ABOUT, RECORDS = "sandtable.json", "records.sqlite"
METADATA = "sys_metadata"  # every instance has this table
FORMAT = 1
HEADER = b"SQLite format 3\x00"
LARGEST = 4 * 1024**3
EARLIER = (1980, 1, 1, 0, 0, 0)  # the archive of an image is the same whenever it is made


class BadImageFile(ValueError):
    """A file that is no image of an instance, or not one of this version; the text says why."""


def pack(image: InstanceImage, about: Mapping[str, str]) -> bytes:
    """Return an image as a file; `about` is kept beside it."""
    state: Any = image.random
    version, internal, gauss = state
    page = {
        "format": FORMAT,
        "about": dict(about),
        "clock": asdict(image.clock) if image.clock is not None else None,
        "random": [version, list(internal), gauss],
        "versions": dict(image.store.versions),
    }
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in ((ABOUT, json.dumps(page).encode()), (RECORDS, image.store.data)):
            archive.writestr(zipfile.ZipInfo(name, EARLIER), data, zipfile.ZIP_DEFLATED)
    return stream.getvalue()


def unpack(instance: Instance, data: bytes) -> tuple[InstanceImage, dict[str, str]]:
    """Return the image in a file, for an instance with the same applications, and what is kept beside it.

    The instance itself stays as it is. Raises BadImageFile.
    """
    page, records = _read(data)
    try:
        state = ClockState(**page["clock"]) if page["clock"] is not None else None
        version, internal, gauss = page["random"]
        random = (version, tuple(internal), gauss)
        versions = {str(name): int(number) for name, number in page["versions"].items()}
        about = {str(name): str(text) for name, text in page["about"].items()}
        instance_random = type(instance.random)()
        instance_random.setstate(random)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise BadImageFile(f"{ABOUT} in the archive is damaged: {error!r}") from None
    _check(records)
    scratch = instance.fork(instance.name)
    refused: tuple[type[Exception], ...] = (KeyError, ValueError, *scratch.store.errors)
    try:
        scratch.store.load(Image(split(records), versions))
        if METADATA not in scratch.store.roots():
            raise BadImageFile(f"{RECORDS} in the archive is a database, but not that of an instance")
        read_dictionary(scratch)
        image = scratch.image()
    except refused as error:
        raise BadImageFile(f"{RECORDS} in the archive holds no instance: {error}") from None
    finally:
        scratch.close()
    return replace(image, clock=state, random=random), about


def _read(data: bytes) -> tuple[dict[str, Any], bytes]:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            if sum(item.file_size for item in archive.infolist()) > LARGEST:
                raise BadImageFile(f"the archive holds more than {LARGEST} bytes")
            page = json.loads(archive.read(ABOUT))
            records = archive.read(RECORDS)
    except KeyError as error:
        raise BadImageFile(f"the archive is none of an instance: {error.args[0]}") from None
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError) as error:
        raise BadImageFile(f"this is no ZIP archive, or a damaged one: {error}") from None
    except ValueError as error:
        raise BadImageFile(f"{ABOUT} in the archive is not JSON: {error}") from None
    if not isinstance(page, dict) or page.get("format") != FORMAT:
        raise BadImageFile(f"the archive is of another format than {FORMAT}, which this version reads")
    return page, records


def _check(records: bytes) -> None:
    """Refuse a database that is damaged, or that would run something when it is used."""
    if not records.startswith(HEADER):
        raise BadImageFile(f"{RECORDS} in the archive is no database")
    probe = sqlite3.connect(":memory:")
    try:
        probe.deserialize(records)
        (verdict,) = probe.execute("PRAGMA quick_check(1)").fetchone()
        strange = probe.execute("SELECT name FROM sqlite_master WHERE type IN ('trigger', 'view') LIMIT 1").fetchone()
    except sqlite3.Error as error:
        raise BadImageFile(f"{RECORDS} in the archive is damaged: {error}") from None
    finally:
        probe.close()
    if verdict != "ok" or strange is not None:
        raise BadImageFile(f"{RECORDS} in the archive is damaged: {verdict if strange is None else strange[0]}")
