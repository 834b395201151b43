"""What a scenario is: a state machine or a property over a world, with the rules that it exercises."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from itertools import product
from typing import Any, TypeVar

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine

from sandtable_scenarios.stage.world import World

T = TypeVar("T")
Property = Callable[[World, "Draw"], None]


class Deck:
    """The small enumerations of one search: each story takes the next card, so that no luck decides what is reached."""

    def __init__(self, random_seed: int) -> None:
        self._seed = random_seed
        self._orders: dict[tuple[int, ...], list[tuple[int, ...]]] = {}
        self._positions: dict[bytes, int] = {}

    def position_of(self, salt: bytes) -> int:
        """Return which card a story takes, by the salt that is its own."""
        return self._positions.setdefault(salt, len(self._positions))

    def order(self, sizes: tuple[int, ...], laid: int = 0) -> list[tuple[int, ...]]:
        """Return all combinations of indexes, in an order in which each single index soon comes, then each pair.

        Each place of a story, by how many enumerations were ``laid`` before, has an order of its own.
        """
        key = (*sizes, -laid)
        if key not in self._orders:
            self._orders[key] = _spread(sizes, random.Random(f"{self._seed} {key}"))  # noqa: S311 - an order
        return self._orders[key]


def _spread(sizes: tuple[int, ...], chance: random.Random) -> list[tuple[int, ...]]:
    left = list(product(*map(range, sizes)))
    chance.shuffle(left)
    if len(sizes) == 1:
        return left
    # Diagonals: each step moves every index on by one, so that max(sizes) cards show each single one.
    orders = [chance.sample(range(size), size) for size in sizes]
    found: dict[tuple[int, ...], None] = {}
    turn = 0
    while len(found) < len(left) and turn < len(left) * 2:
        shifts, longest = divmod(turn, max(sizes))
        card = tuple(order[(longest + shifts * place) % len(order)] for place, order in enumerate(orders))
        found.setdefault(card)
        turn += 1
    for card in left:
        found.setdefault(card)
    return list(found)


class Draw:
    """What a story is made of: drawn values, and the next card of each small enumeration."""

    def __init__(self, data: st.DataObject, deck: Deck) -> None:
        self._data = data
        self._deck = deck
        self._position = deck.position_of(data.draw(st.binary(min_size=8, max_size=8)))
        # How many cards were laid before in this story: an enumeration moves on by one more each time that those
        # before it begin anew, so that all pairs come.
        self._span = 1
        self._laid = 0

    def draw(self, strategy: st.SearchStrategy[T]) -> T:
        """Return a value of a strategy."""
        return self._data.draw(strategy)

    def walk(self, options: Iterable[T]) -> T:
        """Return this story's card of one enumeration."""
        chosen: T = self.walk_all(tuple(options))[0]
        return chosen

    def walk_all(self, *options: Sequence[Any]) -> tuple[Any, ...]:
        """Return this story's card of several enumerations that are walked through together."""
        self._laid += 1
        order = self._deck.order(tuple(map(len, options)), self._laid)
        turn = self._position + (self._position // max(self._span, len(order)) if self._span > 1 else 0)
        self._span *= len(order)
        card = order[turn % len(order)]
        return tuple(choices[index] for choices, index in zip(options, card, strict=True))

    def walk_on(self, count: int, *options: Sequence[Any]) -> list[tuple[int, tuple[Any, ...]]]:
        """Return so many cards in a row, each with how often all of them were shown before it in this place.

        The next story goes on where this one ends.
        """
        order = self._deck.order(tuple(map(len, options)))
        self._span *= len(order)
        found = []
        for turn in range(self._position * count, (self._position + 1) * count):
            card = order[turn % len(order)]
            chosen = tuple(choices[index] for choices, index in zip(options, card, strict=True))
            found.append((turn // len(order), chosen))
        return found


class ScenarioMachine(RuleBasedStateMachine):
    """The thin shell of a machine: it holds the world; its rules draw a step and play it."""

    setting: dict[str, object] = {}  # noqa: RUF012

    def __init__(self, world: World) -> None:
        super().__init__()
        self.world = world.begin(quiet=True, **self.setting)

    def teardown(self) -> None:
        """Judge what can only be judged of a whole story."""
        self.world.end()


@dataclass(frozen=True, slots=True)
class Scenario:
    """One scenario.

    name      stable name, such as ``correlation``
    title     what it explores, in one sentence
    rules     ids of the rules that it may find broken
    machine   a ScenarioMachine class, for stories of many steps
    body      a function of world and `Draw`, for stories of a fixed shape; exactly one of the two is given
    needs     capabilities of the instance without which it is skipped
    asks      what the connector must offer, see `sandtable_scenarios.targets.offers`; without it, it is not offered
    share     how many stories it gets, relative to the profile's number
    cards     how many stories show each card of its enumerations; it gets no fewer
    """

    name: str
    title: str
    rules: tuple[str, ...]
    machine: type[ScenarioMachine] | None = None
    body: Property | None = None
    needs: frozenset[str] = frozenset()
    asks: frozenset[str] = frozenset()
    share: float = field(default=1.0)
    cards: int = 1

    def __post_init__(self) -> None:
        if (self.machine is None) == (self.body is None):
            raise ValueError(f"scenario {self.name}: give a machine or a body, not both and not neither")
