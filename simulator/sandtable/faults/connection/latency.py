"""The answer comes late."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from sandtable.faults.forms import BadForm, entry
from sandtable.faults.wire import Exchange, Proceed, Reply

WIDEST_SHAPE = 20.0  # beyond which draws are no numbers any more


@dataclass(frozen=True, slots=True)
class Latency:
    """The answer comes late, by a time drawn from a distribution.

    `uniform` lies within `spread` of `seconds`, `normal` has it as its standard deviation, `exponential` has `seconds`
    as its mean, `lognormal` has it as its median and `spread` (at most 20) as the shape of its long tail. A draw is
    never below 0 nor above `most`.
    """

    kind: ClassVar[str] = "latency"
    seconds: float = entry(1.0, "the time, or the middle of the distribution", least=0, most=3600)
    distribution: str = entry(
        "constant",
        "how the time is drawn",
        one_of=("constant", "uniform", "normal", "exponential", "lognormal"),
    )
    spread: float = entry(0.0, "how wide the distribution is", least=0, most=3600)
    most: float = entry(3600.0, "the longest time", least=0, most=3600)
    passes: str = entry(
        "real", "which time passes: real time, or that of the instance's clock", one_of=("real", "clock")
    )

    def __post_init__(self) -> None:
        if self.distribution in ("uniform", "normal", "lognormal") and not self.spread:
            raise BadForm("spread", f"is 0, so {self.distribution} is constant", "give a spread above 0")
        if self.distribution == "lognormal" and self.spread > WIDEST_SHAPE:
            raise BadForm("spread", f"is no shape of a lognormal tail: {self.spread}", f"give at most {WIDEST_SHAPE:g}")

    def draw(self, exchange: Exchange) -> float:
        """Return seconds."""
        with exchange.memory.lock:
            random = exchange.random
            match self.distribution:
                case "uniform":
                    drawn = random.uniform(self.seconds - self.spread, self.seconds + self.spread)
                case "normal":
                    drawn = random.gauss(self.seconds, self.spread)
                case "exponential":
                    drawn = random.expovariate(1 / self.seconds) if self.seconds else 0.0
                case "lognormal":
                    drawn = self.seconds * random.lognormvariate(0, self.spread)
                case _:
                    drawn = self.seconds
        return min(max(drawn, 0.0), self.most)

    def __call__(self, exchange: Exchange, proceed: Proceed) -> Reply:
        seconds = self.draw(exchange)
        if self.passes == "clock":
            exchange.instance.clock.jump(seconds)
        else:
            exchange.wait(seconds)
        return proceed()
