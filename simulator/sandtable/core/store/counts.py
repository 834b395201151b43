"""How many rows there are of each class, kept as rows come and go, and answers about large tables."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from itertools import islice
from typing import Any

COUNTED = 1_000  # rows of a table from which on they are counted by value: a count looks at each row
ANSWERS_KEPT = 64
MOST_VALUES = 5_000  # different values of a column whose rows are counted by them
LARGEST = 8_000  # values in an answer that is kept


class ClassCounts:
    """The number of rows by class, for each root table that somebody has asked about. `read(root)` counts them."""

    def __init__(self, read: Callable[[str], Mapping[str, int]]) -> None:
        self._read = read
        self._counts: dict[str, dict[str, int]] = {}

    def of(self, root: str) -> Mapping[str, int]:
        """Return the number of rows of each class of a root table."""
        counts = self._counts.get(root)
        if counts is None:
            counts = self._counts[root] = dict(self._read(root))
        return counts

    def add(self, root: str, table: str, rows: int) -> None:
        """Note that there are so many more rows of a class, or fewer."""
        counts = self._counts.get(root)
        if counts is not None:
            counts[table] = counts.get(table, 0) + rows

    def forget(self, root: str | None = None) -> None:
        """Count again when somebody asks."""
        if root is None:
            self._counts.clear()
        else:
            self._counts.pop(root, None)


class ValueCounts:
    """The number of rows by class and value of a column, for the columns that somebody has asked about.

    `read(root, column)` yields the class and the value (None: empty) of each row. A column with more than MOST_VALUES
    different ones is not counted: it is looked at once, and nothing is kept of it.
    """

    def __init__(self, read: Callable[[str, str], Iterable[tuple[str, str | None]]]) -> None:
        self._read = read
        self._counts: dict[str, dict[str, dict[tuple[str, str | None], int] | None]] = {}

    def of(self, root: str, column: str) -> Mapping[tuple[str, str | None], int] | None:
        """Return the number of rows by class and value, or None where there are too many values."""
        columns = self._counts.setdefault(root, {})
        if column not in columns:
            columns[column] = _few(self._read(root, column))
        return columns[column]

    def add(self, root: str, table: str, values: Mapping[str, str], rows: int) -> None:
        """Note that there are so many more rows of a class with these values, or fewer."""
        columns = self._counts.get(root)
        if not columns:
            return
        for column, counts in columns.items():
            if counts is None:
                continue
            key = table, values.get(column)
            counts[key] = counts.get(key, 0) + rows
            if not counts[key]:
                del counts[key]
            elif len(counts) > MOST_VALUES:
                columns[column] = None

    def forget(self, root: str | None = None) -> None:
        """Count again when somebody asks."""
        if root is None:
            self._counts.clear()
        else:
            self._counts.pop(root, None)


def _few(found: Iterable[tuple[str, str | None]]) -> dict[tuple[str, str | None], int] | None:
    """Count what is found, a portion at a time, and stop when there are too many different ones."""
    counts: Counter[tuple[str, str | None]] = Counter()
    rows = iter(found)
    while portion := list(islice(rows, 50_000)):
        counts.update(portion)
        if len(counts) > MOST_VALUES:
            return None
    return dict(counts)


class KnownAnswers:
    """Answers to questions that take long, for as long as nothing they were read from is written."""

    def __init__(self) -> None:
        self._answers: dict[tuple[Any, ...], tuple[tuple[int, ...], list[tuple[Any, ...]]]] = {}

    def get(self, question: tuple[Any, ...], stamp: tuple[int, ...]) -> list[tuple[Any, ...]] | None:
        """Return the answer to a question, or None; `stamp` are the versions of the tables it asks."""
        known = self._answers.get(question)
        return known[1] if known is not None and known[0] == stamp else None

    def put(self, question: tuple[Any, ...], stamp: tuple[int, ...], answer: list[tuple[Any, ...]]) -> None:
        """Keep an answer, if it is short enough."""
        if answer and len(answer) * len(answer[0]) > LARGEST:
            return
        if len(self._answers) >= ANSWERS_KEPT:
            self._answers.pop(next(iter(self._answers)))
        self._answers[question] = (stamp, answer)
