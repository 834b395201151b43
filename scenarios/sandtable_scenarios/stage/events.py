"""What a run tells its listeners, in order."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from sandtable_scenarios.stage.findings import Finding, Rule


@dataclass(frozen=True, slots=True)
class RunStarted:
    """The run begins: what is tested against what, and how."""

    connector: str
    instance: str
    profile: str
    random_seed: int
    scenarios: tuple[str, ...]
    stories: int = 0
    rules: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class ScenarioStarted:
    """One scenario begins."""

    scenario: str
    title: str


@dataclass(frozen=True, slots=True)
class StoryTold:
    """So many stories of a scenario were told, of so many."""

    scenario: str
    told: int
    planned: int


@dataclass(frozen=True, slots=True)
class ScenarioSkipped:
    """One scenario cannot run here."""

    scenario: str
    reason: str


@dataclass(frozen=True, slots=True)
class FindingFound:
    """A rule does not hold, and the shortest story is known."""

    finding: Finding


@dataclass(frozen=True, slots=True)
class ScenarioFinished:
    """One scenario ended after so many examples.

    ``cut_by`` are rules at which stories ended before their end: they were found broken earlier, or are not looked for.
    """

    scenario: str
    examples: int
    seconds: float
    findings: int
    cut_by: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RunFinished:
    """The run ended; everything a report needs."""

    findings: tuple[Finding, ...]
    skipped: tuple[ScenarioSkipped, ...]
    rules: tuple[Rule, ...]
    coverage: Mapping[str, Mapping[str, int]]
    stale: tuple[str, ...] = ()
    examples: int = 0
    seconds: float = 0.0
    started: RunStarted | None = None
    durations: Mapping[str, float] = field(default_factory=dict)

    @property
    def failed(self) -> bool:
        """Whether any finding is not an expected one."""
        return any(finding.counts for finding in self.findings)


Event = RunStarted | ScenarioStarted | StoryTold | ScenarioSkipped | FindingFound | ScenarioFinished | RunFinished
Listener = Callable[[Event], None]
