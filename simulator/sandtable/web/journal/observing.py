"""What observes a request (journal, log, recorder, report) may neither fail it nor change it: here is how."""

from __future__ import annotations

import functools
import logging
from collections.abc import Callable
from types import TracebackType
from typing import ParamSpec, TypeVar

Shown = TypeVar("Shown")
Given = ParamSpec("Given")

_log = logging.getLogger("sandtable.observing")


class observing:  # noqa: N801 - reads as the block that it begins
    """Keep what goes wrong in the block from what is observed: it is logged, with the place, and ends here."""

    __slots__ = ("_what",)

    def __init__(self, what: str) -> None:
        self._what = what

    def __enter__(self) -> None:
        pass

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> bool:
        if kind is None or not issubclass(kind, Exception):
            return False
        _log.error("%s could not be noted; what was observed went on untouched", self._what, exc_info=error)
        return True


def total(instead: Callable[Given, Shown]) -> Callable[[Callable[Given, Shown]], Callable[Given, Shown]]:
    """Let a function that shows something to people answer always: what it fails on is logged, and shown `instead`."""

    def decorate(function: Callable[Given, Shown]) -> Callable[Given, Shown]:
        @functools.wraps(function)
        def shown(*arguments: Given.args, **named: Given.kwargs) -> Shown:
            try:
                return function(*arguments, **named)
            except Exception:
                _log.exception("%s failed; nothing of what it was given is shown", function.__name__)
                return instead(*arguments, **named)

        return shown

    return decorate
