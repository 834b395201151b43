"""The world of one story: an instance, a connector, what happened so far, and which rules are watched."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Any

from sandtable_scenarios.stage.findings import Known, NotOffered, Rule, TargetUnreachable, Unavailable, Violation
from sandtable_scenarios.stage.stories import Step, Story
from sandtable_scenarios.targets.connectors import Answer, ConnectorTarget
from sandtable_scenarios.targets.control import PlaneOfTarget
from sandtable_scenarios.targets.instances import InstanceTarget

Action = Callable[..., Any]


@dataclass
class Coverage:
    """How often each rule was exercised, each state was reached, each action was played, each class of value met.

    ``classes`` counts, for a rule and a class of values, as ``RULE: CLASS``.
    """

    rules: Counter[str] = field(default_factory=Counter)
    states: Counter[str] = field(default_factory=Counter)
    actions: Counter[str] = field(default_factory=Counter)
    classes: Counter[str] = field(default_factory=Counter)

    def add(self, other: Mapping[str, Mapping[str, int]]) -> None:
        """Add the counts of another process."""
        for name in KINDS:
            getattr(self, name).update(other.get(name, {}))

    def as_dict(self) -> dict[str, dict[str, int]]:
        """Return the counts as JSON-ready data."""
        return {name: dict(sorted(getattr(self, name).items())) for name in KINDS}


KINDS = ("rules", "states", "actions", "classes")


@dataclass(frozen=True, slots=True)
class Watch:
    """Which rules count: all that match a pattern."""

    selected: tuple[str, ...] = ("*",)

    def minds(self, rule: Rule) -> bool:
        """Whether a violation of this rule is to be reported."""
        return any(fnmatchcase(rule.id, pattern) for pattern in self.selected)


@dataclass(frozen=True, slots=True)
class Broken:
    """A rule that did not hold, the story in which it was first seen broken, and after how many stories that was."""

    violation: Violation
    story: Story
    examples: int = 0


class StoryOver(Exception):
    """The story ends here: what follows would be judged against a wrong picture."""


class Facts(dict[str, Any]):
    """What the steps of a story leave for later ones; a fact that is missing ends a replay, as `World.require` does."""

    def __init__(self, *, replaying: bool) -> None:
        self._replaying = replaying

    def __missing__(self, name: str) -> Any:
        if self._replaying:
            raise StoryOver
        raise KeyError(name)


class Halt(BaseException):
    """A target cannot go on: ``problem`` says why. No Exception, so that nobody takes it for a broken rule."""

    def __init__(self, problem: Unavailable | TargetUnreachable) -> None:
        super().__init__(str(problem))
        self.problem = problem


class World:
    """One instance and one connector, begun afresh for each story.

    ``play`` runs a step and remembers it; actions and checks call ``check``. A watched rule that does not hold is
    remembered in ``broken`` with its story, once, and the story is over. In a replay it raises Violation instead.
    Where a difference is ``known``, the rule is remembered once as that, and once as what is not known of it.
    """

    def __init__(self, instance: InstanceTarget, connector: ConnectorTarget, actions: Mapping[str, Action]) -> None:
        self.instance = instance
        self.connector = connector
        self.actions = actions
        self.coverage = Coverage()
        self.watch = Watch()
        self.story = Story()
        self.broken: dict[str, Broken] = {}
        self.known: Mapping[str, Known] = {}
        self.examples = 0
        self.facts = Facts(replaying=False)
        # What one run learned of this instance and keeps from story to story.
        self.learned: dict[str, Any] = {}
        # The rules at which stories of this search ended, and how many stories in a row did so.
        self.cut_by: set[str] = set()
        self.cut_in_a_row = 0
        self.halted: Unavailable | TargetUnreachable | None = None
        self.is_enough = False
        self.is_over = False
        self.endings: tuple[Callable[[World], None], ...] = ()
        # What is learned once, of an instance that goes back to its baseline afterwards.
        self.lessons: tuple[Callable[[World], None], ...] = ()
        self.marks: tuple[int, ...] = ()
        self._replaying = False
        self._wanted: Collection[str] = ()
        self._quiet = False
        self._cut = False
        self._marked = False
        self._undo: list[Callable[[], None]] = []

    def search(self, watch: Watch) -> None:
        """Begin a new search: forget what an earlier one found, keep the coverage."""
        self.watch = watch
        self.broken = {}
        self.examples = 0
        self.cut_by = set()
        self.cut_in_a_row = 0
        self.halted = None
        self.is_enough = self._cut = False
        self._replaying = False

    def begin(self, *, quiet: bool = False, **setting: Any) -> World:
        """Put the instance back to its baseline and start an empty story; returns the world itself.

        ``properties`` in the setting are system properties of the instance, set for this story only. In a ``quiet``
        story nothing is raised when it is over, and further steps do nothing.
        """
        self.story = Story((), setting)
        self.facts = Facts(replaying=self._replaying)
        self.examples += 1
        self.cut_in_a_row = self.cut_in_a_row + 1 if self._cut else 0
        self.is_over = self._cut = False
        self._quiet = quiet
        with self._halting():
            self._go_back()
            self.connector.begin_story()
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
            if self.instance.control is not None and self.lessons:
                for learn in self.lessons:
                    learn(self)
                self.instance.go_back()

    @contextmanager
    def _halting(self) -> Iterator[None]:
        """In the middle of a search, let a target that cannot go on end the search at once."""
        try:
            yield
        except (Unavailable, TargetUnreachable) as problem:
            if self._replaying:
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

        Raises StoryOver, in a replay Violation, Unavailable and TargetUnreachable, which a search gets as Halt.
        """
        if self.is_over:
            return None
        with self._halting():
            try:
                action = self.actions[step.action]
            except KeyError:
                known = ", ".join(sorted(self.actions))
                raise Unavailable(f"there is no action {step.action!r}; the actions are {known}") from None
            self.story = self.story.then(step)
            self.coverage.actions[step.action] += 1
            try:
                return action(self, **step.arguments)
            except (StoryOver, NotOffered):
                self.is_over = True
                if not self._quiet:
                    raise StoryOver from None
                return None

    def end(self) -> None:
        """End the story as planned: what can only be judged of a whole story is judged now."""
        if self.is_over:
            return
        with self._halting():
            try:
                for judge in self.endings:
                    judge(self)
            except StoryOver:
                pass
        self.is_over = True

    def replay(self, story: Story, broken: Collection[str] = (), *, mark: bool = False) -> Violation | None:
        """Play a story; returns the violation that it ends in, one of those names (see `name_of`) or any, or None.

        With ``mark``, ``marks`` says how many requests had reached the instance after each step but the last.

        Raises Unavailable or TargetUnreachable where it cannot be played.
        """
        watch, self.watch = self.watch, Watch()
        self._replaying, self._wanted = True, broken
        self.marks = ()
        try:
            self.begin(**story.setting)
            for step in story.steps:
                if mark and self.instance.control is not None:
                    self.marks = (*self.marks, len(self.instance.control.requests()))
                self.play(step)
            self.end_replay()
        except Violation as violation:
            return violation
        except StoryOver:
            return None
        finally:
            self.watch, self._replaying, self._wanted = watch, False, ()
        return None

    def end_replay(self) -> None:
        """Judge what can only be judged of a whole story."""
        for judge in self.endings:
            judge(self)

    def do(self, action: str, **arguments: Any) -> Any:
        """Play a step given by name; a short form of ``play``."""
        return self.play(Step(action, arguments))

    def execute(self, request: Mapping[str, Any]) -> Answer:
        """Hand a request to the connector under test, in a session that reaches this instance."""
        session = self.facts.get("session") or self.instance.open_session()
        return self.connector.execute(request, session)

    def require(self, holds: object) -> None:
        """End a story that means nothing any more, since a step that others rest upon was taken out of it."""
        if not holds:
            raise StoryOver

    def check(self, rule: Rule, holds: bool, expected: str, actual: str, *, soft: bool = False) -> None:
        """Note that a rule was exercised; when it does not hold, remember how, and end the story.

        After a ``soft`` check the picture is still right: the story goes on where the rule is known to be broken
        already, or is not looked for.
        """
        self.coverage.rules[rule.id] += 1
        if holds:
            return
        violation = Violation(rule, expected, actual)
        name = self.name_of(violation)
        if self._replaying:
            if not self._wanted or name in self._wanted:
                raise violation
        elif self.watch.minds(rule) and name not in self.broken:
            self.broken[name] = Broken(violation, self.story, self.examples)
        elif not soft:
            self.cut_by.add(rule.id)
            self._cut = True
        if not soft or (not self._replaying and self.broken.get(name, NOTHING).examples == self.examples):
            raise StoryOver

    def name_of(self, violation: Violation) -> str:
        """Return what a violation is remembered by: its rule, or its rule as it is known to be broken."""
        known = self.known.get(violation.rule.id)
        expected = known is not None and known.covers(violation.actual, self.story)
        return violation.rule.id + AS_KNOWN if expected else violation.rule.id

    def visited(self, state: str) -> None:
        """Note that a state worth counting was reached."""
        self.coverage.states[state] += 1

    def require_control(self) -> PlaneOfTarget:
        """Return the test plane; raises Unavailable on an instance that has none."""
        if self.instance.control is None:
            raise Unavailable("this step needs the test plane of a simulated instance")
        return self.instance.control


AS_KNOWN = " as known"
NOTHING = Broken(Violation.nothing(), Story())
