"""What a scenario says when a rule does not hold.

Rule        what must hold, how bad it is if not, and how we know
Violation   raised in the middle of a story: this rule does not hold here
Finding     a violation with its shortest story, as a value that reporters print
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from sandtable_scenarios.models.classes import classes_of
from sandtable_scenarios.stage.evidence import Evidence
from sandtable_scenarios.stage.stories import Story


class Severity(StrEnum):
    """How much a broken rule costs: data lost or exposed, work done wrong, or an inconvenience."""

    CRITICAL = "critical"
    MAJOR = "major"
    MINOR = "minor"


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule of the contract between a connector and an instance.

    id           stable dotted name, such as ``close.latest-open``
    title        the rule in one sentence
    judges       whose fault a violation is: ``connector`` or ``instance``
    needs        capabilities of the targets without which the rule cannot be exercised
    explanation  a short page: what happens when the rule is broken, and how to mend it
    blames_characters  whether it is about what single characters of an ID do
    """

    id: str
    title: str
    severity: Severity
    evidence: Evidence
    judges: str = "connector"
    needs: frozenset[str] = frozenset()
    explanation: str = ""
    blames_characters: bool = False

    def __post_init__(self) -> None:
        if self.judges not in ("connector", "instance"):
            raise ValueError(f"rule {self.id}: judges must be 'connector' or 'instance', not {self.judges!r}")


class Violation(AssertionError):
    """A rule does not hold at this point of the story."""

    def __init__(self, rule: Rule, expected: str, actual: str) -> None:
        super().__init__(f"{rule.id}: expected {expected}; found {actual}")
        self.rule = rule
        self.expected = expected
        self.actual = actual

    @classmethod
    def nothing(cls) -> Violation:
        """Return what stands for no violation at all."""
        return cls(Rule("", "", Severity.MINOR, Evidence("assumed", "no rule")), "", "")


class Unavailable(Exception):
    """A target cannot do what a step asks for; the scenario is skipped with this reason."""


class NotOffered(Exception):
    """A connector declares that it does not do what a step asks for; the text names it."""


class TargetUnreachable(Exception):
    """A target does not answer at all; the run stops with exit code 3."""


@dataclass(frozen=True, slots=True)
class When:
    """In which circumstances a difference is known; what is left out may be anything.

    step   actions, of which the last step of the story is one
    after  actions, of which one was a step before it
    found  a regular expression that what was found contains
    values  by argument of the last step, classes of which its value is one, see `sandtable_scenarios.models.classes`
    """

    step: tuple[str, ...] = ()
    after: tuple[str, ...] = ()
    found: str = ""
    values: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def covers(self, actual: str, story: Story) -> bool:
        """Tell whether these are the circumstances of a story that has just broken a rule."""
        if not story.steps:
            return False
        last = story.steps[-1]
        return (
            (not self.step or last.action in self.step)
            and (not self.after or any(step.action in self.after for step in story.steps[:-1]))
            and re.search(self.found, actual) is not None
            and all(set(classes_of(last.arguments.get(name))) & set(each) for name, each in self.values.items())
        )


@dataclass(frozen=True, slots=True)
class Known:
    """A difference that is expected of this connector: why, where it is discussed, and when alone it is the known one.

    Without any ``when`` the whole rule is known to be broken. One that is there ``sometimes`` is never told as stale.
    """

    reason: str
    issue: str = ""
    when: tuple[When, ...] = ()
    sometimes: bool = False

    def covers(self, actual: str, story: Story) -> bool:
        """Tell whether a breach of the rule is the one that is known."""
        return not self.when or any(each.covers(actual, story) for each in self.when)


@dataclass(frozen=True, slots=True)
class Finding:
    """A broken rule with everything needed to see it again; it was first seen broken after so many ``examples``.

    notes    what variations of the story showed: what matters, and what does not
    blames   who is at fault where that is not whom the rule judges
    log      the last lines that the connector logged in its story
    seen     what reached the instance in each step, as curl lines
    base_url the address of the instance
    is_shortest  whether it is known that no single step or argument of the story can go
    """

    rule: Rule
    scenario: str
    expected: str
    actual: str
    story: Story
    curl: tuple[str, ...] = ()
    known: Known | None = None
    examples: int = 0
    notes: tuple[str, ...] = field(default=())
    blames: str = ""
    log: tuple[str, ...] = ()
    seen: tuple[str, ...] = ()
    base_url: str = ""
    is_shortest: bool = False

    @property
    def suspect(self) -> str:
        """Who is probably at fault: ``connector`` or ``instance``."""
        return self.blames or self.rule.judges

    @property
    def counts(self) -> bool:
        """Whether this finding makes the run fail; expected differences do not."""
        return self.known is None

    @property
    def name(self) -> str:
        """What tells it from others in one run: its rule, and whether it is the known difference."""
        return self.rule.id if self.counts else f"{self.rule.id}.known"

    def as_dict(self) -> dict[str, object]:
        """Return the finding as JSON-ready data."""
        return {
            "rule": self.rule.id,
            "title": self.rule.title,
            "severity": self.rule.severity.value,
            "judges": self.rule.judges,
            "suspect": self.suspect,
            "evidence": {"kind": self.rule.evidence.kind, "source": self.rule.evidence.source},
            "scenario": self.scenario,
            "expected": self.expected,
            "actual": self.actual,
            "story": self.story.as_dict(),
            "program": self.story.as_program(),
            "curl": list(self.curl),
            "known": None if self.known is None else {"reason": self.known.reason, "issue": self.known.issue},
            "examples": self.examples,
            "notes": list(self.notes),
            "is_shortest": self.is_shortest,
            "log": list(self.log),
            "seen": list(self.seen),
        }
