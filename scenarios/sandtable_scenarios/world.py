"""The world of one story: an instance, a connector, what happened so far, and which rules are watched."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Any

from hypothesis.errors import UnsatisfiedAssumption

from sandtable_scenarios.findings import Rule, TargetUnreachable, Unavailable, Violation
from sandtable_scenarios.stories import Step, Story
from sandtable_scenarios.targets.connectors import Answer, ConnectorTarget
from sandtable_scenarios.targets.control import PlaneOfTarget
from sandtable_scenarios.targets.instances import InstanceTarget

Action = Callable[..., Any]


@dataclass
class Coverage:
    """How often each rule was exercised, each state was reached, each action was played."""

    rules: Counter[str] = field(default_factory=Counter)
    states: Counter[str] = field(default_factory=Counter)
    actions: Counter[str] = field(default_factory=Counter)

    def add(self, other: Mapping[str, Mapping[str, int]]) -> None:
        """Add the counts of another process."""
        for name in ("rules", "states", "actions"):
            getattr(self, name).update(other.get(name, {}))

    def as_dict(self) -> dict[str, dict[str, int]]:
        """Return the counts as JSON-ready data."""
        return {name: dict(sorted(getattr(self, name).items())) for name in ("rules", "states", "actions")}


@dataclass(frozen=True, slots=True)
class Watch:
    """Which rules count in this search: the selected ones, less those that were found broken before."""

    selected: tuple[str, ...] = ("*",)
    muted: frozenset[str] = frozenset()

    def minds(self, rule: Rule) -> bool:
        """Whether a violation of this rule is to be reported now."""
        return rule.id not in self.muted and any(fnmatchcase(rule.id, pattern) for pattern in self.selected)


class Enough(BaseException):
    """The search stops here: the story at hand is short enough. No Exception, so that Hypothesis lets it through."""


class Halt(BaseException):
    """A target cannot go on: ``problem`` says why. No Exception, so that nobody looks for a shorter story of it."""

    def __init__(self, problem: Unavailable | TargetUnreachable) -> None:
        super().__init__(str(problem))
        self.problem = problem


class World:
    """One instance and one connector, begun afresh for each story.

    ``play`` runs a step and remembers it; actions and checks call ``check``, which raises Violation for a watched rule.
    The first rule that breaks in a search becomes its focus, so that shrinking cannot slide from one rule to another.
    """

    def __init__(self, instance: InstanceTarget, connector: ConnectorTarget, actions: Mapping[str, Action]) -> None:
        self.instance = instance
        self.connector = connector
        self.actions = actions
        self.coverage = Coverage()
        self.watch = Watch()
        self.focus: str | None = None
        self.story = Story()
        self.violation: Violation | None = None
        self.broken_story = Story()
        self.broken_requests: tuple[Mapping[str, Any], ...] = ()
        self.examples = 0
        self.found_after = 0
        # The rules at which stories of this search ended, since they are broken already or not looked for.
        self.cut_by: set[str] = set()
        self.halted: Unavailable | TargetUnreachable | None = None
        self._tries: int | None = None
        self.facts: dict[str, Any] = {}
        self._marked = False
        self._undo: list[Callable[[], None]] = []

    def search(self, watch: Watch, *, tries: int | None = None) -> None:
        """Begin a new search: forget what an earlier one found, keep the coverage.

        After the first violation ``tries`` more examples are spent on a shorter story, then `begin` raises Enough.
        """
        self.watch = watch
        self.focus = None
        self.violation = None
        self.examples = 0
        self.found_after = 0
        self.cut_by.clear()
        self.halted = None
        self._tries = tries

    @property
    def is_short_enough(self) -> bool:
        """Whether all examples that may be spent on a shorter story are spent."""
        return self.found_after > 0 and self._tries is not None and self.examples - self.found_after >= self._tries

    def begin(self, **setting: Any) -> World:
        """Put the instance back to its baseline and start an empty story; returns the world itself.

        ``properties`` in the setting are system properties of the instance, set for this story only.
        """
        if self.is_short_enough:
            raise Enough
        self.story = Story((), setting)
        self.facts = {}
        self.examples += 1
        with self._halting():
            self._go_back()
            self.connector.restart()
            self.connector.move("")
            properties = setting.get("properties") or {}
            if properties:
                self.require_control()
                for name, value in properties.items():
                    self.instance.table.set_property(str(name), str(value))
        return self

    def _go_back(self) -> None:
        if self.instance.control is None:
            self.clean_up()
        if self._marked:
            self.instance.go_back()
        else:
            self.instance.mark()
            self._marked = True

    @contextmanager
    def _halting(self) -> Iterator[None]:
        """In the middle of a search, let a target that cannot go on end the search at once."""
        try:
            yield
        except (Unavailable, TargetUnreachable) as problem:
            if self._tries is None:
                raise
            self.halted = problem
            raise Halt(problem) from problem

    def undo_later(self, undo: Callable[[], None]) -> None:
        """Remember how to take back a change; used where there is no snapshot to go back to."""
        self._undo.append(undo)

    def clean_up(self) -> None:
        """Take back, newest first, every change that was registered."""
        while self._undo:
            self._undo.pop()()

    def play(self, step: Step) -> Any:
        """Run one step, remember it, and return what its action returns.

        Raises Violation, and Unavailable or TargetUnreachable, in the middle of a search as Halt.
        """
        with self._halting():
            try:
                action = self.actions[step.action]
            except KeyError:
                known = ", ".join(sorted(self.actions))
                raise Unavailable(f"there is no action {step.action!r}; the actions are {known}") from None
            self.story = self.story.then(step)
            self.coverage.actions[step.action] += 1
            return action(self, **step.arguments)

    def do(self, action: str, **arguments: Any) -> Any:
        """Play a step given by name; a short form of ``play``."""
        return self.play(Step(action, arguments))

    def execute(self, request: Mapping[str, Any]) -> Answer:
        """Hand a request to the connector under test, in a session that reaches this instance."""
        return self.connector.execute(request, self.instance.open_session())

    def check(self, rule: Rule, holds: bool, expected: str, actual: str) -> None:
        """Note that a rule was exercised; raise Violation when it does not hold and is watched.

        A broken rule that is not watched ends the story quietly: what follows would be judged against a wrong picture.
        """
        self.coverage.rules[rule.id] += 1
        if holds:
            return
        if not self.watch.minds(rule):
            self.cut_by.add(rule.id)
            raise UnsatisfiedAssumption
        if self.focus not in (None, rule.id):
            raise UnsatisfiedAssumption
        self.focus = rule.id
        self.found_after = self.found_after or self.examples
        self.violation = Violation(rule, expected, actual)
        self.broken_story = self.story
        control = self.instance.control
        self.broken_requests = tuple(control.requests()) if control is not None else ()
        raise self.violation

    def visited(self, state: str) -> None:
        """Note that a state worth counting was reached."""
        self.coverage.states[state] += 1

    def require_control(self) -> PlaneOfTarget:
        """Return the test plane; raises Unavailable on an instance that has none."""
        if self.instance.control is None:
            raise Unavailable("this step needs the test plane of a simulated instance")
        return self.instance.control
