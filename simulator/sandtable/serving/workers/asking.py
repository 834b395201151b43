"""What the processes ask each other about their worlds: a question and an answer, over a socket of this user alone."""

from __future__ import annotations

import contextlib
import logging
import threading
from collections.abc import Callable, Iterable, Mapping
from multiprocessing.connection import Client, Connection, Listener
from pathlib import Path
from typing import Any

from sandtable.web.worlds.worlds import WorldError

_log = logging.getLogger("sandtable.serving.server")


class Answers:
    """Answers the questions of the other processes, each by the function of its name, in threads of its own."""

    def __init__(self, folder: Path, number: int, questions: Mapping[str, Callable[..., Any]]) -> None:
        path = _address(folder, number)
        path.unlink(missing_ok=True)
        self._questions = questions
        self._listener = Listener(str(path), "AF_UNIX", backlog=64)

    def start(self) -> None:
        """Begin to answer."""
        threading.Thread(target=self._run, name="sandtable-answers", daemon=True).start()

    def _run(self) -> None:
        while True:
            try:
                asked = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._answer, args=(asked,), name="sandtable-answer", daemon=True).start()

    def _answer(self, asked: Connection) -> None:
        try:
            with asked:
                question, *values = asked.recv()
                try:
                    asked.send((True, self._questions[question](*values)))
                except WorldError as error:
                    asked.send((False, str(error)))
        except (OSError, EOFError):
            _log.debug("somebody asked and left")
        except Exception:
            _log.exception("a question of another process failed")


def ask(folder: Path, number: int, question: str, *values: Any) -> Any:
    """Return what another process answers. Raises WorldError, also when that process is not there."""
    try:
        with Client(str(_address(folder, number)), "AF_UNIX") as asking:
            asking.send((question, *values))
            is_good, answer = asking.recv()
    except (OSError, EOFError):
        raise WorldError(f"process {number + 1}, where it lives, is starting again; ask once more") from None
    if not is_good:
        raise WorldError(answer)
    return answer


def ask_all(folder: Path, numbers: Iterable[int], question: str) -> dict[int, Any]:
    """Return what each of the processes answers that is there, by number."""
    found = {}
    for number in numbers:
        with contextlib.suppress(WorldError):
            found[number] = ask(folder, number, question)
    return found


def _address(folder: Path, number: int) -> Path:
    return folder / f"{number}.ask"
