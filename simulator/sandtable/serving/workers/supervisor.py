"""The process that starts the others, starts one again that has ended, and ends them all when it is told to."""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import shutil
import signal
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from multiprocessing.connection import Connection, wait
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sandtable.serving.workers.directory import Directory

if TYPE_CHECKING:
    from multiprocessing.context import ForkProcess

STOP_SECONDS = 10.0  # after which a process that was told to stop is ended
QUICK_SECONDS, LONGEST_PAUSE = 5.0, 10.0  # an end soon after the start; how long to wait at most before the next


class WorkersError(Exception):
    """The processes cannot be started; the text says why."""


@dataclass(frozen=True, slots=True)
class Place:
    """What a process of several is given: its number, the folder it meets the others in, and the shared memory."""

    number: int
    folder: Path
    changes: Any

    def directory(self) -> Directory:
        """Open the directory of worlds, once in each process."""
        return Directory(self.folder, self.changes)

    def is_orphan(self) -> bool:
        """Tell whether the process that started this one is gone."""
        parent = multiprocessing.parent_process()
        return parent is None or not parent.is_alive()


Work = Callable[[Place, Callable[[], None]], None]


@dataclass(slots=True)
class _Slot:
    place: Place
    process: ForkProcess | None = None
    told: Connection | None = None  # where the process says that it is ready
    started: float = 0.0
    quick_ends: int = 0
    due: float = 0.0
    is_ready: bool = False
    ever_ready: bool = field(default=False)


class Supervisor:
    """Runs `work(place, ready)` in so many processes; `ready` is to be called once it answers.

    A process that ends is started again, soon, or after a pause that grows when it ends again and again; `tell` gets a
    line about each. Forked from a process without threads, they share the memory of what was loaded before.
    """

    def __init__(self, workers: int, work: Work, tell: Callable[[str], None]) -> None:
        if "fork" not in multiprocessing.get_all_start_methods():
            raise WorkersError("several processes need an operating system that can fork, such as Linux or macOS")
        self._context = multiprocessing.get_context("fork")
        self._work = work
        self._tell = tell
        self._folder = Path(tempfile.mkdtemp(prefix="sandtable-"))
        changes = Directory.begin(self._folder, workers)
        self._slots = [_Slot(Place(number, self._folder, changes)) for number in range(workers)]
        self._woken, self._waker = os.pipe()
        os.set_blocking(self._waker, False)
        self.is_stopping = False

    def start(self) -> None:
        """Start all processes, and return once each is ready. Raises WorkersError when one ends before."""
        for slot in self._slots:
            self._fork(slot)
        while not all(slot.is_ready for slot in self._slots):
            self._look(None)
            if self.is_stopping:
                return
            ended = next((slot for slot in self._slots if slot.process is None and not slot.ever_ready), None)
            if ended is not None:
                raise WorkersError(f"process {ended.place.number + 1} could not start")

    def run(self) -> None:
        """Watch the processes until `wake` was called."""
        while not self.is_stopping:
            now = time.monotonic()
            due = [slot for slot in self._slots if slot.process is None]
            for slot in due:
                if slot.due <= now:
                    self._fork(slot)
            waiting = [slot.due for slot in due if slot.process is None]
            self._look(max(0.0, min(waiting) - now) if waiting else None)

    def wake(self) -> None:
        """Let `start` or `run` return; may be called by a signal handler."""
        self.is_stopping = True
        with contextlib.suppress(OSError):
            os.write(self._waker, b"\0")

    def stop(self, *, at_once: bool = False) -> None:
        """End all processes, in good order unless it is to be at once, and remove what they shared."""
        self.is_stopping = True
        running = [slot.process for slot in self._slots if slot.process is not None]
        for slot in self._slots:
            slot.process = None
        for process in running:
            with contextlib.suppress(OSError):
                os.kill(process.pid or 0, signal.SIGKILL if at_once else signal.SIGTERM)
        until = time.monotonic() + STOP_SECONDS
        for process in running:
            process.join(max(0.0, until - time.monotonic()))
            if process.is_alive():
                process.kill()
                process.join()
        shutil.rmtree(self._folder, ignore_errors=True)

    def _fork(self, slot: _Slot) -> None:
        reading, writing = self._context.Pipe(duplex=False)
        slot.process = self._context.Process(
            target=self._begin, args=(slot.place, writing), name=f"sandtable-{slot.place.number + 1}"
        )
        slot.process.start()
        writing.close()
        slot.told, slot.started, slot.is_ready = reading, time.monotonic(), False

    def _begin(self, place: Place, told: Connection) -> None:
        """Do the work, in the new process."""
        os.close(self._waker)
        os.close(self._woken)
        self._work(place, lambda: told.send_bytes(b"ready"))

    def _look(self, timeout: float | None) -> None:
        """Wait until something happens to a process, and note it."""
        waited: list[Any] = [self._woken]
        for slot in self._slots:
            if slot.process is not None:
                waited.append(slot.process.sentinel)
            if slot.told is not None:
                waited.append(slot.told)
        happened = wait(waited, timeout)
        for slot in self._slots:
            if slot.told in happened:
                self._hear(slot)
            if slot.process is not None and slot.process.sentinel in happened:
                self._bury(slot)

    def _hear(self, slot: _Slot) -> None:
        assert slot.told is not None
        assert slot.process is not None
        with contextlib.suppress(EOFError, OSError):
            slot.told.recv_bytes()
            slot.is_ready = slot.ever_ready = True
            with slot.place.directory() as directory:
                directory.up(slot.place.number, slot.process.pid or 0)
        slot.told.close()
        slot.told = None

    def _bury(self, slot: _Slot) -> None:
        assert slot.process is not None
        slot.process.join()
        code, pid = slot.process.exitcode, slot.process.pid
        if slot.told is not None:  # it never was ready, and has nothing more to say
            slot.told.close()
            slot.told = None
        slot.process, slot.is_ready = None, False
        if self.is_stopping:
            return
        now = time.monotonic()
        slot.quick_ends = slot.quick_ends + 1 if now - slot.started < QUICK_SECONDS else 0
        pause = min(LONGEST_PAUSE, 0.1 * 2**slot.quick_ends) if slot.quick_ends else 0.0
        slot.due = now + pause
        why = _why(code)
        with slot.place.directory() as directory:
            lost = directory.down(slot.place.number, why)
        if slot.ever_ready:
            number = slot.place.number + 1
            worlds = f"; gone with it: {', '.join(lost)}" if lost else ""
            self._tell(f"process {number} ({pid}) {why} and is started again{worlds}")


def _why(code: int | None) -> str:
    if code is not None and code < 0:
        with contextlib.suppress(ValueError):
            return f"was ended by {signal.Signals(-code).name}"
    return f"ended with code {code}"
