"""Which values of records are sealed in a data file, and how rows and whole databases get in and out.

Sealed are the columns that are kept reversibly (password2) and the values of private properties. One-way passwords are
digests already, and tokens are found by a digest beside them, so that no look-up needs what is sealed.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from typing import TypeVar

from sandtable.core.schema.columns import Column
from sandtable.core.schema.dictionary import Dictionary, DictionaryState
from sandtable.core.schema.physical import StoreError, quoted
from sandtable.core.schema.private_values import PROPERTIES, is_private
from sandtable.core.store.marks import split
from sandtable.core.store.row import Row
from sandtable.core.store.sealing.key import MARK, key_beside

REVERSIBLE = "password2"
_PLAIN = {"is_private": "", "type": ""}
Value = TypeVar("Value", str, str | None)


class Sealing:
    """Seals and opens the secrets of one data file, which is the `file` at a path."""

    def __init__(self, dictionary: Dictionary, path: str, file: sqlite3.Connection) -> None:
        self._dictionary = dictionary
        self._path, self._file = path, file
        self._key = key_beside(path, make=False)
        self._followed: tuple[object, dict[str, frozenset[str]]] | None = None  # a schema, and what is sealed by it

    def closed(
        self, table: str, sys_id: str, values: Mapping[str, Value], record: Mapping[str, str]
    ) -> dict[str, Value]:
        """Return values that are to be written to a record of a table, the secret ones sealed.

        `record` is all that it holds afterwards. Where a write makes a value secret or public, that is written again.
        """
        stored = dict(values)
        if table == PROPERTIES and not _PLAIN.keys().isdisjoint(values) and record.get("value"):
            stored.setdefault("value", record["value"])
        for column in self._columns(table):
            value = stored.get(column.name)
            if value and is_private({**_PLAIN, **record}, column):
                stored[column.name] = self._sealed(value, _place(self._dictionary.root(table), sys_id, column.name))
        return stored

    def may_seal(self, root: str, name: str) -> bool:
        """Tell whether some values of a column are sealed, which the database cannot compare."""
        return name in self._names(root)

    def opened(self, root: str, row: Row) -> Row:
        """Return a row as it was before its secrets were sealed."""
        found = {
            name: text
            for name in self._names(root)
            if (value := row.values.get(name)) is not None
            and value.startswith(MARK)
            and (text := self._text(value, _place(root, row.sys_id, name))) is not None
        }
        return row._replace(values={**row.values, **found}) if found else row

    def seal_rest(self) -> bool:
        """Seal what lies open, and leave no copy of it in the file; tell whether there was any.

        Raises StoreError where something was sealed under another key than the one at hand.
        """
        self._followed = self._dictionary.schema, self._secret()
        waiting = list(self._open_values(self._file, sealed=True))
        if not waiting:
            return False
        execute = self._file.execute
        execute("BEGIN")
        try:
            for sql, parameters in waiting:
                execute(sql, parameters)
            execute("COMMIT")
        except BaseException:
            execute("ROLLBACK")
            raise
        execute("VACUUM")
        execute("PRAGMA wal_checkpoint(TRUNCATE)")
        return True

    def follow(self) -> bool:
        """Seal and open what a change of the dictionary has made secret or plain; tell whether that was something."""
        before, schema = self._followed, self._dictionary.schema
        if before is not None and before[0] is schema:
            return False
        _, now = self._followed = schema, self._secret()
        was = before[1] if before is not None else now
        none: frozenset[str] = frozenset()
        waiting = [
            each
            for table in {**was, **now}
            if self._dictionary.has(table)
            for name in was.get(table, none) ^ now.get(table, none)
            for each in self._turned(table, name, secret=name in now.get(table, none))
        ]
        for sql, parameters in waiting:
            self._file.execute(sql, parameters)
        return bool(waiting)

    def _secret(self) -> dict[str, frozenset[str]]:
        """Return the columns of each table that are sealed, where there are any."""
        dictionary = self._dictionary
        # Few tables have any of their own; the columns of all others need not be put together.
        owners = [table.name for table in dictionary.tables() if any(map(_may_be_sealed, table.columns.values()))]
        heirs = dict.fromkeys(heir for owner in owners for heir in dictionary.descendants(owner))
        found = {table: self._columns(table) for table in heirs}
        return {table: frozenset(column.name for column in columns) for table, columns in found.items() if columns}

    def _turned(self, table: str, name: str, *, secret: bool) -> Iterator[tuple[str, tuple[object, ...]]]:
        root = self._dictionary.root(table)
        made = quoted("r_" + root)
        if not any(row[1] == name for row in self._file.execute(f"PRAGMA table_info({made})")):
            return
        asked = f'SELECT "_seq", "sys_id", {quoted(name)} FROM {made} WHERE "_table" = ? AND {quoted(name)} IS NOT NULL'
        for place, sys_id, value in self._file.execute(asked, (table,)).fetchall():
            belongs_to = _place(root, sys_id, name)
            text = self._text(value, belongs_to) if value.startswith(MARK) else None
            if secret and text is None:
                yield _set(root, name, self._sealed(value, belongs_to), place)
            elif not secret and text is not None:
                yield _set(root, name, text, place)

    def closed_pages(self, pages: Sequence[bytes], described: DictionaryState | None) -> Sequence[bytes]:
        """Return the pages of a database with its secrets sealed; the dictionary that says which is `described`."""
        before = self._dictionary.state()
        try:
            if described is not None:
                self._dictionary.restore(described)
            self._followed = self._dictionary.schema, self._secret()
            with _in_memory(pages) as copy:
                waiting = list(self._open_values(copy, sealed=False))
                if not waiting:
                    return pages
                for sql, parameters in waiting:
                    copy.execute(sql, parameters)
                copy.execute("VACUUM")
                return split(copy.serialize())
        finally:
            self._dictionary.restore(before)

    def opened_pages(self, pages: tuple[bytes, ...]) -> tuple[bytes, ...]:
        """Return the pages of the file as it was before its secrets were sealed."""
        opened = [
            _set(root, name, text, place)
            for root, name, place, _, sys_id, value, _ in self._values(self._file)
            if value.startswith(MARK) and (text := self._text(value, _place(root, sys_id, name))) is not None
        ]
        if not opened:
            return pages
        with _in_memory(pages) as copy:
            for sql, parameters in opened:
                copy.execute(sql, parameters)
            return split(copy.serialize())

    def _open_values(self, database: sqlite3.Connection, *, sealed: bool) -> Iterator[tuple[str, tuple[object, ...]]]:
        """Yield the statements that seal what is secret and lies open; `sealed` where some of it may be sealed."""
        for root, name, place, table, sys_id, value, record in self._values(database):
            # A value that is open to all may look like a sealed one.
            if not any(column.name == name and is_private(record, column) for column in self._columns(table)):
                continue
            if sealed and value.startswith(MARK):
                self._check(value)
            else:
                yield _set(root, name, self._sealed(value, _place(root, sys_id, name)), place)

    def _values(self, database: sqlite3.Connection) -> Iterator[tuple[str, str, int, str, str, str, Mapping[str, str]]]:
        """Yield root, column, place, table, sys_id and value of all that may be secret, and what says whether it is."""
        for (made,) in database.execute("SELECT name FROM sqlite_master WHERE substr(name, 1, 2) = 'r_'").fetchall():
            root = made[2:]
            columns = {row[1] for row in database.execute(f"PRAGMA table_info({quoted(made)})")}
            beside = [name for name in _PLAIN if name in columns] if root in self._roots_of_properties() else []
            names = sorted(self._names(root) & columns)
            if not names:
                continue
            asked = ",".join(map(quoted, ("_seq", "_table", "sys_id", *names, *beside)))
            some = " OR ".join(f"{quoted(name)} IS NOT NULL" for name in names)
            for place, table, sys_id, *rest in database.execute(
                f"SELECT {asked} FROM {quoted(made)} WHERE {some}"
            ).fetchall():
                record = {**_PLAIN, **{key: text or "" for key, text in zip(beside, rest[len(names) :], strict=True)}}
                for name, value in zip(names, rest, strict=False):
                    if value is not None:
                        yield root, name, place, table, sys_id, value, record

    def _roots_of_properties(self) -> tuple[str, ...]:
        return (self._dictionary.root(PROPERTIES),) if self._dictionary.has(PROPERTIES) else ()

    def _columns(self, table: str) -> tuple[Column, ...]:
        dictionary = self._dictionary
        if not dictionary.has(table):
            return ()

        def find() -> tuple[Column, ...]:
            return tuple(filter(_may_be_sealed, dictionary.columns(table).values()))

        return dictionary.memo(("sealed columns", table), find)

    def _names(self, root: str) -> frozenset[str]:
        dictionary = self._dictionary
        if not dictionary.has(root):
            return frozenset()

        def find() -> frozenset[str]:
            return frozenset(column.name for table in dictionary.descendants(root) for column in self._columns(table))

        return dictionary.memo(("sealed names", root), find)

    def _sealed(self, text: str, place: str) -> str:
        if self._key is None:
            self._key = key_beside(self._path, make=True)
        assert self._key is not None
        return self._key.close(text, place)

    def _text(self, sealed: str, place: str) -> str | None:
        return self._key.open(sealed, place) if self._key is not None else None

    def _check(self, sealed: str) -> None:
        name = sealed[len(MARK) :].partition(":")[0]
        if self._key is None or self._key.name != name:
            what = "is missing" if self._key is None else "is another one"
            raise StoreError(
                f"{self._path} has secrets that are sealed under a key, and {self._path}.key {what}; put the key back, "
                "or give another file"
            )


def _may_be_sealed(column: Column) -> bool:
    return column.type == REVERSIBLE or (column.name == "value" and column.table == PROPERTIES)


def _in_memory(pages: Sequence[bytes]) -> closing[sqlite3.Connection]:
    copy = sqlite3.connect(":memory:", isolation_level=None)
    copy.deserialize(b"".join(pages))
    return closing(copy)


def _place(root: str, sys_id: str, name: str) -> str:
    return f"{root}/{sys_id}/{name}"


def _set(root: str, name: str, value: str, place: int) -> tuple[str, tuple[object, ...]]:
    return f'UPDATE {quoted("r_" + root)} SET {quoted(name)} = ? WHERE "_seq" = ?', (value, place)
