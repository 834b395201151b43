"""Who is at work in an instance while it goes back to another moment: nobody's work outlives the state it began in.

A request is a visit. From one going back to the next an instance has one generation, and a visit belongs to the one it
began in. Going back first lets the visits at work finish and ends those that wait for a planned fault; new ones begin
when it is done.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

# A visit at work is waited for so long, one that receives what a client still sends for less; afterwards their next
# write is refused instead.
PATIENCE_SECONDS, PATIENCE_WITH_CLIENTS_SECONDS = 5.0, 0.25
# A server that is busy reads what a client has sent no later than this.
READ_LATE_SECONDS = 10.0


class Outlived(BaseException):
    """The instance has gone back to another moment since this work began, which therefore ends here.

    No `Exception`, so that nothing on the way takes it for an error of the request that could be answered.
    """


class Generation:
    """What lies between two moments of going back. `ending` wakes those who wait; `over` is set when it is done."""

    def __init__(self) -> None:
        self.ending = threading.Event()
        self.over = False


class Visits:
    """The visits of one instance, of any number of threads; a thread has one at a time.

    `moment` tells when something happened, as a number that never falls; see `visit`. By default nobody asks.
    """

    def __init__(self) -> None:
        self.moment: Callable[[], float] = lambda: 0.0
        self._changed = threading.Condition()
        self._generation = Generation()
        self._working = 0
        self._receiving = 0
        self._mover: int | None = None
        self._moved_at = float("-inf")
        self._mine = threading.local()

    @contextmanager
    def visit(self, arrived: float | None = None, has_left: Callable[[], bool] = lambda: False) -> Iterator[None]:
        """Be at work for the length of the block. A visit inside a visit is the same one.

        Raises Outlived for work that was asked for (at the moment `arrived`) before the instance went back to another
        moment, when whoever asked for it `has_left` since.
        """
        if self._own() is not None:
            yield
            return
        with self._changed:
            if self._mover is not None:
                self._changed.wait_for(lambda: self._mover is None)
            if arrived is not None and arrived <= self._moved_at and has_left():
                raise Outlived
            self._mine.generation = self._generation
            self._working += 1
        try:
            yield
        finally:
            self._mine.generation = None
            with self._changed:
                self._working -= 1
                if self._mover is not None:  # nobody else waits for work to be done
                    self._changed.notify_all()

    def moved_shortly_before(self, arrived: float) -> bool:
        """Tell whether what arrived then may have been sent before the instance went back, and been read after."""
        return arrived - self._moved_at < READ_LATE_SECONDS

    @property
    def visiting(self) -> bool:
        """Whether this thread is in a visit."""
        return self._own() is not None

    @contextmanager
    def waiting(self) -> Iterator[Callable[[float], bool]]:
        """Wait in the block for time to pass, at no work.

        Yields a function that lets seconds pass, and returns early with True when the instance goes back. Raises
        Outlived at the end of the block when it has.
        """
        generation = self._own()
        if generation is None:
            yield self._generation.ending.wait
            return
        with self._changed:
            self._working -= 1
            self._changed.notify_all()
        try:
            yield generation.ending.wait
        finally:
            with self._changed:
                self._working += 1
            if generation.ending.is_set():
                raise Outlived

    @contextmanager
    def receiving(self) -> Iterator[None]:
        """Receive in the block what a client sends, at its own pace. Raises Outlived when that took too long."""
        generation = self._own()
        if generation is None:
            yield
            return
        with self._changed:
            self._working, self._receiving = self._working - 1, self._receiving + 1
            self._changed.notify_all()
        try:
            yield
        finally:
            with self._changed:
                self._working, self._receiving = self._working + 1, self._receiving - 1
            self.check()

    def moved(self) -> None:
        """Let another generation begin, because another process has taken the instance to another moment."""
        with self._changed:
            ended, self._generation = self._generation, Generation()
            ended.ending.set()
            ended.over = True
            self._moved_at = self.moment()
            self._changed.notify_all()

    def check(self) -> None:
        """Raise Outlived when this thread's visit belongs to a generation that is over."""
        generation = self._own()
        if generation is not None and generation.over:
            raise Outlived

    @contextmanager
    def going_back(self) -> Iterator[None]:
        """Be alone in the instance for the length of the block, with which another generation begins.

        A block inside such a block is the same one; a visit that goes back itself goes on afterwards.
        """
        me = threading.get_ident()
        if self._mover == me:
            yield
            return
        mine = int(self.visiting)
        with self._changed:
            self._working -= mine
            self._changed.notify_all()
            self._changed.wait_for(lambda: self._mover is None)
            self._mover = me
            ended, self._generation = self._generation, Generation()
            ended.ending.set()
            self._changed.wait_for(lambda: not self._working + self._receiving, PATIENCE_WITH_CLIENTS_SECONDS)
            self._changed.wait_for(lambda: not self._working, PATIENCE_SECONDS)
            ended.over = True
            if mine:
                self._mine.generation = self._generation
        try:
            yield
        finally:
            with self._changed:
                self._working += mine
                self._moved_at = self.moment()
                self._mover = None
                self._changed.notify_all()

    def _own(self) -> Generation | None:
        generation: Generation | None = getattr(self._mine, "generation", None)
        return generation
