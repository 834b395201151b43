"""Too few semaphores for the requests that come in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from sandtable.faults.forms import entry
from sandtable.faults.pages import page
from sandtable.faults.wire import HTML, Exchange, Memory, Proceed, Reply


@dataclass(frozen=True, slots=True)
class SlowSemaphores:
    """Requests wait for a semaphore of the pool, Server-Timing says for how long, and a full queue answers 429.

    Each request waits `seconds` for every one that is ahead of it beyond the pool's size, and at least once. Documented
    sizes: the pool of integrations has 4 semaphores and a queue of 50 on each node.
    """

    kind: ClassVar[str] = "slow-semaphores"
    semaphores: int = entry(4, "how many requests are carried out at the same time", least=0)
    queue: int = entry(50, "how many more may wait; one beyond gets 429", least=0)
    seconds: float = entry(0.5, "how long one wait lasts", least=0, most=600)
    passes: str = entry(
        "real", "which time passes: real time, or that of the instance's clock", one_of=("real", "clock")
    )

    def __call__(self, exchange: Exchange, proceed: Proceed) -> Reply:
        ahead = _enter(exchange.memory)
        try:
            if ahead >= self.semaphores + self.queue:
                return Reply(429, (("Content-Type", HTML),), page("Too Many Requests", "All semaphores are in use."))
            seconds = self.seconds * max(1, ahead - self.semaphores + 1)
            if self.passes == "clock":
                exchange.instance.clock.jump(seconds)
            else:
                exchange.wait(seconds)
            answer = proceed()
        finally:
            _leave(exchange.memory)
        return answer.with_header("Server-Timing", f"sem_wait;dur={seconds * 1000:.0f}, sesh_wait;dur=0")


def _enter(memory: Memory) -> int:
    """Count a request in, and return how many are ahead of it."""
    with memory.lock:
        ahead: int = memory.values.get("inside", 0)
        memory.values["inside"] = ahead + 1
    return ahead


def _leave(memory: Memory) -> None:
    with memory.lock:
        memory.values["inside"] -= 1
