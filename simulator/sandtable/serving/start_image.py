"""The image that new instances start from, kept between runs so that a server need not make it again.

It stands in the user's cache folder, as Python keeps compiled modules: of use only to the very files and interpreter it
was made by, and read only where nobody else could have written it.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import pickle
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any

SOURCE = Path(__file__).parents[1]
ROOMS = ("assembly.py", "core", "apps", "oauth")  # what the image is made of
DEFINITIONS = ("core/schema/data", "apps")  # and of these, what an upgrade may bring
SUPERUSER = 0
DIGEST = hashlib.sha256().digest_size  # which the file begins with
KEPT = 4  # images of other versions that may stay


def cache_folder() -> Path:
    """Return the folder for what can be made again, by the XDG base directory specification."""
    base = Path(os.environ.get("XDG_CACHE_HOME", ""))
    return (base if base.is_absolute() else Path.home() / ".cache") / "sandtable"


def kept(name: str, make: Callable[[], Any], folder: Path | None = None) -> Any:
    """Return what `make` returns, from the cache folder if it was kept there by these very files.

    A folder that cannot be read or written, and a file that is damaged or not the user's own, are as good as none.
    """
    with contextlib.suppress(OSError, RuntimeError):
        path = (folder or cache_folder()) / f"start-{name}-{_fingerprint()}.bin"
        found = _read(path)
        if found is not None:
            return found
        made = make()
        _write(path, made)
        return made
    return make()


def _fingerprint() -> str:
    """Return a name for the files that the image is made of and the interpreter that made it."""
    known = hashlib.sha256(sys.version.encode())
    for path in _files():
        found = path.stat()
        known.update(f"{path}:{found.st_size}:{found.st_mtime_ns}".encode())
    return known.hexdigest()[:24]


@lru_cache(maxsize=1)
def definitions() -> str:
    """Return a name for what an instance of this version starts with, which is another where that is."""
    known = hashlib.sha256()
    for path in _files(DEFINITIONS):
        known.update(path.name.encode() + b"\n" + path.read_bytes())
    return known.hexdigest()[:16]


def _files(rooms: Iterable[str] = ROOMS) -> Iterator[Path]:
    for room in rooms:
        place = SOURCE / room
        found = [place] if place.is_file() else sorted(each for each in place.rglob("*") if each.is_file())
        yield from (each for each in found if each.suffix != ".pyc")


def _read(path: Path) -> Any:
    try:
        found, around = path.stat(), path.parent.stat()
        if _is_anybodys(found) or _is_anybodys(around):
            return None
        data = path.read_bytes()
        if hashlib.sha256(data[DIGEST:]).digest() != data[:DIGEST]:
            return None
        return pickle.loads(data[DIGEST:])  # noqa: S301 - written by this user alone, as compiled modules are
    except FileNotFoundError:
        return None
    except Exception:
        # Unpickling a damaged file may raise anything; the image is simply made again.
        return None


def _is_anybodys(found: os.stat_result) -> bool:
    """Tell whether somebody else could have written a file or folder, the superuser apart."""
    owners = (os.geteuid(), SUPERUSER) if hasattr(os, "geteuid") else (found.st_uid,)
    return found.st_uid not in owners or bool(found.st_mode & 0o022)


def _write(path: Path, value: Any) -> None:
    with contextlib.suppress(OSError):
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=path.parent)
        with os.fdopen(handle, "wb") as stream:
            data = pickle.dumps(value, protocol=pickle.HIGHEST_PROTOCOL)
            stream.write(hashlib.sha256(data).digest() + data)
        Path(name).replace(path)  # several servers may start at once: each finds a whole file or none
        others = sorted(path.parent.glob("start-*.bin"), key=lambda each: each.stat().st_mtime)
        for old in others[:-KEPT]:
            old.unlink(missing_ok=True)
