"""Requests that run at the same time share the semaphores of a pool; what does not fit into the queue is refused."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from random import Random
from types import SimpleNamespace
from typing import Any

import pytest

from sandtable.faults.answers.slow_semaphores import SlowSemaphores
from sandtable.faults.wire import Exchange, Memory, Reply

pytestmark = pytest.mark.documented("ServiceNow documentation, semaphores: a pool, its queue, and 429 beyond both")


@pytest.mark.parametrize("semaphores, queue, requests", [(1, 0, 3), (2, 1, 6), (4, 50, 10)])
def test_a_pool_and_its_queue(semaphores: int, queue: int, requests: int) -> None:
    fault = SlowSemaphores(semaphores=semaphores, queue=queue, seconds=1.0)
    room = semaphores + queue
    waited: list[float] = []
    admitted = threading.Semaphore(0)
    gate = threading.Event()
    memory: Memory = Memory()

    def wait(seconds: float) -> None:
        waited.append(seconds)
        admitted.release()
        gate.wait()

    def one(_: int) -> Reply:
        request: Any = SimpleNamespace()
        instance: Any = SimpleNamespace()
        return fault(Exchange(request, instance, Random(1), wait, memory), lambda refusal=None: Reply(200))

    with ThreadPoolExecutor(max_workers=requests) as pool:
        running = [pool.submit(one, number) for number in range(min(room, requests))]
        for _ in running:
            admitted.acquire()
        # The room is taken by those who wait, so every further one is refused at once.
        beyond = [one(number).status for number in range(max(0, requests - room))]
        gate.set()
        served = [each.result() for each in running]
    assert beyond == [429] * max(0, requests - room)
    assert {each.status for each in served} == {200}
    assert sorted(waited) == [float(max(1, ahead - semaphores + 1)) for ahead in range(len(served))]
    assert memory.values["inside"] == 0
    assert one(0).status == 200, "whoever leaves makes room"
