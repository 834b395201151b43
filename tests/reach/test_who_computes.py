"""Whether a thread computes or waits, which decides whether the server lets another thread lead."""

from __future__ import annotations

import sys
import threading

import pytest

from sandtable.serving.http.crew import is_computing

pytestmark = [
    pytest.mark.ours("a thread that waits keeps nobody from being answered, and one that computes is not disturbed"),
    pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells what a thread does"),
]


def test_a_thread_that_computes_is_told_from_one_that_waits() -> None:
    known, done = threading.Event(), threading.Event()
    numbers: list[int] = []

    def wait() -> None:
        numbers.append(threading.get_native_id())
        known.set()
        done.wait()

    waiting = threading.Thread(target=wait)
    waiting.start()
    try:
        known.wait()
        assert is_computing(threading.get_native_id())
        # It has said its number, and falls asleep at once; only when is not for us to know.
        while is_computing(numbers[0]):
            pass
    finally:
        done.set()
        waiting.join()
    assert not is_computing(0)
