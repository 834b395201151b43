"""The registry's file: SQLite, made for its owner only, with secrets that are sealed."""

from __future__ import annotations

import os
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from sandtable_connector.values.invalid_input import InvalidInput
from sandtable_connector.values.sealing import SALT_BYTES, Seal, key_from_file

LAYOUT = 1
_KEY_CHECK = "the registry's key"


class RegistryFile:
    """One file, opened anew for each use, which is made when first written to.

    ``key`` is the text that seals; without one it is read from, or first written to, ``<path>.key``. Raises
    InvalidInput when the file cannot be used, Undecryptable when the key is not the one the file was begun with.
    """

    def __init__(self, path: Path, key: str | None) -> None:
        self.path = path
        self._key = key
        self._lock = threading.RLock()
        self._seal: Seal | None = None

    @property
    def exists(self) -> bool:
        """Return whether anything was ever kept here."""
        return self.path.exists()

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """Give a connection to read from."""
        with self._lock, self._worded(), closing(self._connected()) as database:
            yield database

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """Give a connection in a transaction, which is undone when the block raises."""
        with self._lock, self._worded(), closing(self._connected()) as database:
            database.execute("BEGIN IMMEDIATE")
            with database:
                yield database

    def close_up(self, content: bytes, *, belongs_to: str) -> bytes:
        """Return content sealed for one owner."""
        return self._sealed_by().close(content, belongs_to=belongs_to)

    def open_up(self, sealed: bytes, *, belongs_to: str) -> bytes:
        """Return what was sealed for that owner."""
        return self._sealed_by().open(sealed, belongs_to=belongs_to)

    def _sealed_by(self) -> Seal:
        with self._lock:
            if self._seal is None:
                # In one transaction, so that two processes that begin a file at once end with one salt.
                with self.writing() as database:
                    row = database.execute("SELECT salt, key_check FROM seal").fetchone()
                    key = self._key or key_from_file(self.path.with_name(f"{self.path.name}.key"), create=row is None)
                    seal = Seal(key, row[0] if row is not None else os.urandom(SALT_BYTES))
                    if row is not None:
                        seal.open(row[1], belongs_to=_KEY_CHECK)
                    else:
                        check = seal.close(b"", belongs_to=_KEY_CHECK)
                        database.execute("INSERT INTO seal VALUES (?, ?)", (seal.salt, check))
                self._seal = seal
            return self._seal

    @contextmanager
    def _worded(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:
            raise InvalidInput(f"cannot be used as a registry: {error}", where=str(self.path)) from None

    def _connected(self) -> sqlite3.Connection:
        try:
            if not self.path.exists():
                self.path.parent.mkdir(parents=True, exist_ok=True)
                os.close(os.open(self.path, os.O_WRONLY | os.O_CREAT, 0o600))
        except OSError as error:
            raise InvalidInput(f"cannot be written: {error.strerror}", where=str(self.path)) from None
        database = sqlite3.connect(self.path, timeout=10, isolation_level=None)
        try:
            _lay_out(database, self.path)
        except BaseException:
            database.close()
            raise
        return database


def _lay_out(database: sqlite3.Connection, path: Path) -> None:
    (version,) = database.execute("PRAGMA user_version").fetchone()
    if version == LAYOUT:
        return
    if version > LAYOUT:
        raise InvalidInput(f"was written by a later release (layout {version})", where=str(path))
    database.execute("BEGIN IMMEDIATE")
    with database:
        database.execute(
            "CREATE TABLE IF NOT EXISTS connector (id TEXT PRIMARY KEY, name TEXT NOT NULL, type_id TEXT NOT NULL, "
            "config TEXT NOT NULL, secrets BLOB)"
        )
        database.execute(
            "CREATE TABLE IF NOT EXISTS token (connector_id TEXT PRIMARY KEY, value BLOB NOT NULL, expires_at TEXT)"
        )
        database.execute("CREATE TABLE IF NOT EXISTS seal (salt BLOB NOT NULL, key_check BLOB NOT NULL)")
        database.execute(f"PRAGMA user_version = {LAYOUT}")
