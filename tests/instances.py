"""Lending one instance to many tests."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sandtable.core.platform.instance import Instance


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
