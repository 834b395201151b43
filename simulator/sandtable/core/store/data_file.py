"""The file that keeps an instance: whether it is ours, of which layout, and open to its owner alone.

SQLite's header has a place for both: `application_id` says whose file it is, `user_version` which layout it has. A file
is looked at before anything is written to it.
"""

from __future__ import annotations

import logging
import os
import sqlite3
import stat
from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType

from sandtable.core.schema.physical import StoreError
from sandtable.core.values.errors import InsufficientStorage

_log = logging.getLogger("sandtable.core")
APPLICATION_ID = 0x53545442  # "STTB"
LAYOUT = 2
OWNER_ONLY = 0o600
# Every instance has this table; files from before there was a layout are known by it.
ALWAYS_THERE = "r_sys_metadata"


def _nothing_to_do(database: sqlite3.Connection) -> None:
    """Layout 1 only adds the two numbers to the header; what layout 2 seals is known when the dictionary is read."""


# What makes a file of one layout one of the next.
UPGRADES: Mapping[int, Callable[[sqlite3.Connection], None]] = MappingProxyType({0: _nothing_to_do, 1: _nothing_to_do})


def prepare(path: str) -> None:
    """See to it that there is a file that the owner alone can read. Raises StoreError for what cannot be one."""
    place = Path(path)
    try:
        try:
            os.close(os.open(place, os.O_RDWR | os.O_CREAT | os.O_EXCL, OWNER_ONLY))
        except FileExistsError:
            # Not opened: to close a file again would end the lock that another instance of this process has on it.
            found = place.stat()
            if not stat.S_ISREG(found.st_mode):
                raise StoreError(f"{path} is no regular file; give the name of a file that may be written") from None
            if found.st_mode & 0o077 and hasattr(os, "geteuid") and found.st_uid == os.geteuid():
                place.chmod(found.st_mode & OWNER_ONLY)  # what its owner may not write stays so
            if not os.access(place, os.R_OK | os.W_OK):
                raise StoreError(f"{path} cannot be used as a data file: it may not be written or read") from None
    except OSError as error:
        missing = isinstance(error, FileNotFoundError) and not place.parent.is_dir()
        reason = f"there is no folder {place.parent}" if missing else error.strerror or error
        raise StoreError(f"{path} cannot be used as a data file: {reason}") from None


def check(path: str) -> int | None:
    """Return the layout of the instance in a file, None for an empty file; nothing is written.

    Raises StoreError for a file that is not ours, or of a later layout than this version knows.
    """
    if not Path(path).stat().st_size and not Path(f"{path}-wal").exists():
        return None
    database = sqlite3.connect(f"{Path(path).resolve().as_uri()}?mode=ro", uri=True, timeout=1)
    try:
        (application,) = database.execute("PRAGMA application_id").fetchone()
        (layout,) = database.execute("PRAGMA user_version").fetchone()
        tables = {name for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY:
            raise StoreError(f"{path} cannot be used as a data file: {error}") from None
        raise StoreError(f"{path} is in use by another server; stop that one, or give another file") from None
    except sqlite3.Error as error:
        raise StoreError(
            f"{path} cannot be used: it is not the data file of an instance, or damaged ({error}); give another file"
        ) from None
    finally:
        database.close()
    if application == APPLICATION_ID:
        if layout > LAYOUT:
            raise StoreError(
                f"{path} has layout {layout} of a later version, and this one knows {LAYOUT}; use that version of "
                "Sandtable, or another file"
            )
        return int(layout)
    if application or ALWAYS_THERE not in tables or not all(name.startswith(("r_", "sqlite_")) for name in tables):
        raise StoreError(
            f"{path} is a database, but not the data file of an instance; it stays as it is, give another file"
        )
    return 0


def upgrade(database: sqlite3.Connection, layout: int | None) -> str:
    """Bring an open file to the layout of this version, in one transaction; return what was done, empty for nothing."""
    if layout == LAYOUT:
        return ""
    database.execute("BEGIN")
    try:
        for step in range(LAYOUT if layout is None else layout, LAYOUT):
            UPGRADES[step](database)
        stamp(database)
        database.execute("COMMIT")
    except BaseException:
        database.execute("ROLLBACK")
        raise
    return "" if layout is None else f"upgraded from layout {layout} to {LAYOUT}"


def stamp(database: sqlite3.Connection) -> None:
    """Write into the header whose file it is and which layout it has."""
    database.execute(f"PRAGMA application_id = {APPLICATION_ID}")
    database.execute(f"PRAGMA user_version = {LAYOUT}")


def try_to(action: Callable[[], object]) -> None:
    """Do something whose failure for want of space must not become the failure of what it accompanies."""
    try:
        action()
    except InsufficientStorage as error:
        _log.error("not kept: %s", error.detail)
