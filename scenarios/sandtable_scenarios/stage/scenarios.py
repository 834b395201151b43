"""What a scenario is: a state machine or a property over a world, with the rules that it exercises."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine

from sandtable_scenarios.stage.world import World

Draw = st.DataObject
Property = Callable[[World, Draw], None]


class ScenarioMachine(RuleBasedStateMachine):
    """The thin shell of a machine: it holds the world; its rules draw a step and play it."""

    setting: dict[str, object] = {}  # noqa: RUF012

    def __init__(self, world: World) -> None:
        super().__init__()
        self.world = world.begin(**self.setting)


@dataclass(frozen=True, slots=True)
class Scenario:
    """One scenario.

    name      stable name, such as ``correlation``
    title     what it explores, in one sentence
    rules     ids of the rules that it may find broken
    machine   a ScenarioMachine class, for stories of many steps
    body      a function of world and ``st.data()``, for stories of a fixed shape; exactly one of the two is given
    needs     capabilities of the instance without which it is skipped
    share     how many examples it gets, relative to the profile's number
    """

    name: str
    title: str
    rules: tuple[str, ...]
    machine: type[ScenarioMachine] | None = None
    body: Property | None = None
    needs: frozenset[str] = frozenset()
    share: float = field(default=1.0)

    def __post_init__(self) -> None:
        if (self.machine is None) == (self.body is None):
            raise ValueError(f"scenario {self.name}: give a machine or a body, not both and not neither")
