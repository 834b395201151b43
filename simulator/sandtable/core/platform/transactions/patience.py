"""A transaction that waits for a slow answer keeps nobody else waiting."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from sandtable.core.store.database import Database
    from sandtable.core.store.rows import Store
    from sandtable.core.values.visits import Visits


class Inhabited(Protocol):
    """What transactions are under way in: `level` of them, one in the other, and `lock` is held by whose they are."""

    level: int
    lock: Any
    store: Store
    visits: Visits


class Patience:
    """Lets others work in an instance while one transaction of it, which has written nothing, waits for an answer.

    The lock is let go of however often it is held. Once it is held again the transaction goes on as if it began there;
    one that belongs to a state which others have left meanwhile ends with Outlived.
    """

    def __init__(self, instance: Inhabited) -> None:
        self._instance = instance
        self._door = threading.Lock()  # held by the one who is next

    def take_turn(self) -> None:
        """Take the lock after those who wait for it: left to itself it goes to whoever has just let go of it."""
        lock = self._instance.lock
        if lock._is_owned():
            lock.acquire()
            return
        with self._door:
            lock.acquire()

    @contextmanager
    def asking(self, *, patient: bool) -> Iterator[None]:
        """Have slow questions in the block asked so, where they are `patient`: nothing need stay as it is meanwhile.

        In a transaction within another nobody is let in, nor where the store is shared: there others need not wait.
        """
        instance = self._instance
        if not patient or instance.level != 1 or instance.store.shared:
            yield
            return
        aside = instance.store.aside
        aside.let_go = self._let_go
        try:
            yield
        finally:
            aside.let_go = None

    @contextmanager
    def _let_go(self, copied: Callable[[], Database | None]) -> Iterator[tuple[Database | None, Callable[[], bool]]]:
        instance, store = self._instance, self._instance.store
        expired, mark = store.expired, store.step_back()
        if mark is None:
            yield None, expired
            return
        copy = None
        try:
            copy = copied()
        finally:
            if copy is None:
                store.step_in(mark)
        if copy is None:
            yield None, expired
            return
        store.aside.let_go, store.expired, instance.level = None, lambda: False, 0
        lock = instance.lock
        held = lock._release_save()  # as threading.Condition does while it waits
        try:
            yield copy, expired
        finally:
            with self._door:
                lock._acquire_restore(held)
            store.step_in(mark)
            store.aside.let_go, store.expired, instance.level = self._let_go, expired, 1
        instance.visits.check()
