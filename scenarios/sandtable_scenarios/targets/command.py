"""A connector that is a program: a JSON request a line on its input, a JSON answer a line on its output."""

from __future__ import annotations

import contextlib
import json
import queue
import shlex
import subprocess
import threading
from collections.abc import Mapping
from typing import IO, Any

import requests

from sandtable_scenarios.stage.findings import TargetUnreachable
from sandtable_scenarios.targets.connectors import SLOWEST_ANSWER, Answer, Request, answered
from sandtable_scenarios.targets.offers import EVERYTHING, HELLO, Offers, offers_from
from sandtable_scenarios.targets.zones import environment, require_zone

SLOWEST_HELLO, SLOWEST_END = 60.0, 5.0


class Process:
    """One running program; what it writes is read as it comes."""

    def __init__(self, arguments: list[str], zone: str, log: list[str], name: str) -> None:
        try:
            self._process = subprocess.Popen(  # noqa: S603
                arguments,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
                encoding="utf-8",
                errors="replace",
                bufsize=1,
                env=environment(zone),
            )
        except OSError as problem:
            raise TargetUnreachable(f"{name} cannot be started: {problem}") from problem
        self.zone = zone
        self._name = name
        self._lines: queue.Queue[str] = queue.Queue()
        assert self._process.stdout is not None
        assert self._process.stderr is not None
        self._readers = (
            threading.Thread(target=self._read, args=(self._process.stdout,), daemon=True),
            threading.Thread(target=_overhear, args=(self._process.stderr, log), daemon=True),
        )
        for reader in self._readers:
            reader.start()

    def _read(self, stream: IO[str]) -> None:
        with stream:
            for text in stream:
                self._lines.put(text)
        self._lines.put("")

    @property
    def is_gone(self) -> bool:
        """Whether it has ended."""
        return self._process.poll() is not None

    def ask(self, request: object, patience: float = SLOWEST_ANSWER) -> str:
        """Return the line that it answers; raises TargetUnreachable when there is none."""
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(json.dumps(request) + "\n")
            self._process.stdin.flush()
            text = self._lines.get(timeout=patience)
        except (OSError, ValueError, queue.Empty) as problem:
            self.end()
            raise TargetUnreachable(f"{self._name} gave no answer: {problem!r}") from problem
        if not text:
            self.end()
            raise TargetUnreachable(f"{self._name} ended without an answer (exit code {self._process.returncode})")
        return text

    def end(self) -> None:
        """Close its input, and wait until it has ended; one that stays is killed."""
        assert self._process.stdin is not None
        # A program that is gone already leaves a broken pipe behind.
        with contextlib.suppress(OSError):
            self._process.stdin.close()
        try:
            self._process.wait(timeout=SLOWEST_END)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        for reader in self._readers:
            reader.join()


def _overhear(stream: IO[str], log: list[str]) -> None:
    with stream:
        for text in stream:
            log.append(text)


class Command:
    """A program under test, started again for each story that uses it; the next one is started ahead, to be warm.

    One that declares ``memory: none`` goes on from story to story.
    """

    def __init__(self, line: str) -> None:
        self._arguments = shlex.split(line)
        if not self._arguments:
            raise TargetUnreachable("cmd: names no program; write cmd:python my_connector.py")
        self.name = f"cmd:{line}"
        self.log: list[str] = []
        self._zone = ""
        self._running: Process | None = None
        self._spare: Process | None = None
        self._used = False
        self._offers: Offers | None = None

    @property
    def offers(self) -> Offers:
        """What the program declares; it is started to be asked."""
        if self._offers is None:
            process = self._process()
            try:
                answer: Any = json.loads(process.ask(HELLO, SLOWEST_HELLO))
            except (TargetUnreachable, ValueError):
                # One that ends at what it does not know is judged by its other answers.
                answer = None
            declared = isinstance(answer, Mapping) and "hello" in answer
            if not declared:
                # Whatever it made of a line that it did not know, the next request finds it freshly started.
                self.restart()
            self._offers = offers_from(answer, self.name) if declared else EVERYTHING
        return self._offers

    def _started(self) -> Process:
        return Process(self._arguments, self._zone, self.log, self.name)

    def _process(self) -> Process:
        running = self._running
        if running is not None and running.is_gone:
            running.end()
            running = None
        if running is None:
            spare, self._spare = self._spare, None
            if spare is not None and (spare.is_gone or spare.zone != self._zone):
                spare.end()
                spare = None
            running = self._running = spare or self._started()
        return running

    def execute(self, request: Request, session: requests.Session | None = None) -> Answer:
        """Hand one request to the program; raises TargetUnreachable when it gives no answer."""
        process = self._process()
        self._used = True
        if self._spare is None and self._offers is not None and self._offers.memory != "none":
            self._spare = self._started()
        text = process.ask(request)
        try:
            return answered(json.loads(text), self.name)
        except json.JSONDecodeError as problem:
            raise TargetUnreachable(
                f"{self.name} answered a line that is not JSON: {text.strip()[:200]!r}"
            ) from problem

    def begin_story(self) -> None:
        """Start the program again before its next request, unless it says that it remembers nothing."""
        if self._used and (self._offers is None or self._offers.memory != "none"):
            self.restart()
        self.move("")

    def restart(self) -> None:
        """End the program; the next request finds another one."""
        running, self._running = self._running, None
        self._used = False
        if running is not None:
            running.end()

    def move(self, zone: str) -> None:
        """Start the program again with TZ set, when it is used next; Unavailable for a zone that is not known."""
        require_zone(zone)
        if zone != self._zone:
            self.restart()
            self._zone = zone

    def close(self) -> None:
        """End every program that was started."""
        self.restart()
        spare, self._spare = self._spare, None
        if spare is not None:
            spare.end()
