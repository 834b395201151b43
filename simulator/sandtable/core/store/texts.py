"""The texts of a column side by side, for conditions that look for a piece of text anywhere in it.

The database reads every row of a table for such a condition, and a task has a hundred columns. The texts alone are a
twentieth of that, and to search them as one takes a hundredth of the time. They are read when a large table is asked
for the second time, and dropped when too much of it has been written since.
"""

from __future__ import annotations

from array import array
from bisect import bisect_right
from collections.abc import Callable, Container, Iterable
from dataclasses import replace

from sandtable.core.query.language.folding import folded
from sandtable.core.query.sql.predicates import All, Any, Contains, Found, Predicate, ResolvedQuery

LARGE = 20_000  # rows; the database is quick enough with fewer
MOST_FOUND = 100_000  # rows that are worth naming one by one
MOST_WRITTEN = 20_000  # rows that may differ from what was read
MOST_BYTES = 256 * 1024 * 1024  # of all columns together
BETWEEN = b"\0"  # no stored text holds one

Column = tuple[str, str]  # its root table and name


class Texts:
    """The texts of one column: `read` yields the place of each row in its table, and its text."""

    def __init__(self, read: Iterable[tuple[int, str]]) -> None:
        self.rows = array("q")
        self._starts = array("q")
        parts: list[bytes] = []
        at = 0
        for row, text in read:
            data = folded(text).encode("utf-8", "surrogatepass")
            self.rows.append(row)
            self._starts.append(at)
            parts.append(data)
            at += len(data) + 1
        self._all = BETWEEN.join(parts)
        self.written: set[int] = set()  # since then
        self._last: tuple[str, int, list[int] | None] = ("", -1, None)  # a page and its count ask for the same

    def __len__(self) -> int:
        return len(self._all)

    def find(self, needle: str) -> list[int] | None:
        """Return the rows, unless written since, whose text holds a needle, or None for too many of them."""
        if self._last[:2] != (needle, len(self.written)):
            self._last = (needle, len(self.written), self._find(needle))
        return self._last[2]

    def _find(self, needle: str) -> list[int] | None:
        wanted = folded(needle).encode("utf-8", "surrogatepass")
        found: list[int] = []
        texts, starts, rows, written = self._all, self._starts, self.rows, self.written
        at = texts.find(wanted)
        last = len(starts) - 1
        while at >= 0:
            index = bisect_right(starts, at) - 1
            row = rows[index]
            if row not in written:
                found.append(row)
                if len(found) > MOST_FOUND:
                    return None
            if index == last:
                break
            at = texts.find(wanted, starts[index + 1])
        return found


class TextColumns:
    """The texts of the columns of one store. `read(root, column)` yields rows and texts, `size(root)` counts rows."""

    def __init__(self, read: Callable[[str, str], Iterable[tuple[int, str]]], size: Callable[[str], int]) -> None:
        self._read = read
        self._size = size
        self._columns: dict[Column, Texts] = {}
        self._asked: set[Column] = set()

    def narrowed(self, query: ResolvedQuery, root: str) -> ResolvedQuery:
        """Return a query that means the same, where a search for a text names the rows that hold it."""
        if query.where is None:
            return query
        where = self._narrowed(query.where, root)
        return query if where is query.where else replace(query, where=where)

    def _narrowed(self, predicate: Predicate, root: str) -> Predicate:
        if isinstance(predicate, All | Any):
            parts = tuple(self._narrowed(part, root) for part in predicate.parts)
            if all(new is old for new, old in zip(parts, predicate.parts, strict=True)):
                return predicate
            return replace(predicate, parts=parts)
        if not isinstance(predicate, Contains) or predicate.place != "anywhere" or predicate.negated:
            return predicate
        texts = self._texts((root, predicate.field.name)) if not predicate.field.hops and predicate.needle else None
        found = texts.find(predicate.needle) if texts is not None else None
        if texts is None or found is None:
            return predicate
        return Found(predicate, tuple(found), tuple(texts.written))

    def _texts(self, column: Column) -> Texts | None:
        known = self._columns.get(column)
        if known is not None:
            return known
        if self._size(column[0]) < LARGE:
            return None
        if column not in self._asked:
            self._asked.add(column)
            return None
        texts = Texts(self._read(*column))
        if len(texts) + sum(map(len, self._columns.values())) > MOST_BYTES:
            return None
        self._columns[column] = texts
        return texts

    def wrote(self, root: str, row: int, columns: Container[str]) -> None:
        """Note that a row was written in some columns."""
        for column in [each for each in self._columns if each[0] == root and each[1] in columns]:
            written = self._columns[column].written
            written.add(row)
            if len(written) > MOST_WRITTEN:
                del self._columns[column]

    def forget(self, root: str | None = None) -> None:
        """Forget the texts of a table, or of all."""
        self._columns = {key: texts for key, texts in self._columns.items() if root is not None and key[0] != root}

    def __bool__(self) -> bool:
        return bool(self._columns)
