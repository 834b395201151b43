"""Lending one instance to many tests, and all that is in one."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sandtable.core.platform.instance import Instance
from sandtable.core.store.row import Row


@contextmanager
def lent(instance: Instance) -> Iterator[Instance]:
    """Lend an instance; afterwards it is as it was, and its ledger is empty and not strict."""
    snapshot = instance.snapshot()
    try:
        yield instance
    finally:
        instance.restore(snapshot)
        instance.release(snapshot)
        instance.ledger.clear()
        instance.ledger.strict = False


def rows_of(instance: Instance) -> dict[str, list[tuple[int, str, dict[str, str]]]]:
    """Return all that an instance keeps, by the table that it is kept in and in the order in which it came.

    It is read class by class: a row of sys_metadata has a thousand columns, of which its own class uses few.
    """
    store, known = instance.store, instance.dictionary

    def rows(root: str) -> Iterator[Row]:
        if not known.has(root):  # a table that has gone
            return store.rows(root)
        return (row for table in known.descendants(root) for row in store.of_class(table))

    return {root: sorted((row.seq, row.table, dict(row.values)) for row in rows(root)) for root in store.roots()}
