"""From a rule that broke to a finding that people read: the shortest story, its cause, and who is at fault."""

from __future__ import annotations

import base64
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from itertools import pairwise

from sandtable_scenarios.report.curl import curl_lines
from sandtable_scenarios.report.secrets import Redactor
from sandtable_scenarios.search.causes import variations, with_plain_ids
from sandtable_scenarios.search.shortening import Shortener
from sandtable_scenarios.stage.findings import Finding, Known, TargetUnreachable, Unavailable, Violation
from sandtable_scenarios.stage.stories import Story
from sandtable_scenarios.stage.world import AS_KNOWN, Broken, World
from sandtable_scenarios.targets.connectors import ConnectorTarget, InProcess

PLAIN = "sandtable_scenarios.plain.client:connector"
OUTSIDE = "not every replay of this story broke the rule: something outside the story plays a part"
INSTANCE = (
    "the instance may be wrong: a plain client that sends the same few requests, and keeps every rule elsewhere, "
    "breaks this rule in the same story"
)
LOG_LINES = 12
# A story of which a step or an argument was taken out may be none: a later step looks in vain for what it left.
UNPLAYABLE = (Unavailable, TargetUnreachable, LookupError)


class Teller:
    """Plays variants of a story that breaks a rule, in the way that `World.name_of` names, also with a plain client."""

    def __init__(self, world: World, broken: Violation) -> None:
        self._world = world
        self._name = world.name_of(broken)
        self._in_any_way = (broken.rule.id, broken.rule.id + AS_KNOWN)
        self._plain: ConnectorTarget = InProcess(PLAIN)

    def broken(self, story: Story, *, mark: bool = False) -> Violation | None:
        """Return how a story breaks the rule, or None; ``mark`` notes how many requests came before each step's end."""
        try:
            return self._world.replay(story, (self._name,), mark=mark)
        except UNPLAYABLE:
            return None

    def broken_at_all(self, story: Story) -> Violation | None:
        """Return the first rule that a story breaks, or None."""
        try:
            return self._world.replay(story)
        except UNPLAYABLE:
            return None

    def broken_plainly(self, story: Story) -> bool:
        """Whether a plain client breaks the rule in this story as well, in whichever way."""
        with self._played_by(self._plain):
            try:
                return self._world.replay(story, self._in_any_way) is not None
            except UNPLAYABLE:
                return False

    @contextmanager
    def _played_by(self, connector: ConnectorTarget) -> Iterator[None]:
        before, self._world.connector = self._world.connector, connector
        try:
            yield
        finally:
            self._world.connector = before


def finding_of(broken: Broken, scenario: str, world: World, known: Mapping[str, Known], tries: int) -> Finding:
    """Return the finding that a broken rule stands for, with the shortest story that shows it and with its cause."""
    rule, story = broken.violation.rule, broken.story
    world.story, world.known = story, known
    teller = Teller(world, broken.violation)
    violation = teller.broken(story)
    if violation is None:
        return _finding(broken.violation, story, scenario, broken, world, known, notes=(OUTSIDE,))
    judges_connector = rule.judges == "connector"
    plainly = judges_connector and teller.broken_plainly(story)

    def breaks(candidate: Story) -> bool:
        if teller.broken(candidate) is None:
            return False
        # A story that a client without fault breaks too is another story: it lacks the step that it rests upon.
        return not judges_connector or plainly or not teller.broken_plainly(candidate)

    shortener = Shortener(breaks, world.actions, tries=tries, any_argument=judges_connector and not plainly)
    story = shortener.shortened(story)
    if rule.blames_characters and not plainly:
        ordinary = with_plain_ids(story)
        other = teller.broken_at_all(ordinary)
        if other is not None and other.rule.judges == "connector":
            # What breaks with an ordinary ID as well is no matter of characters.
            told = Broken(other, ordinary, broken.examples)
            return (
                finding_of(told, scenario, world, known, tries)
                if other.rule.id != rule.id
                else _told(teller, other, ordinary, scenario, told, world, known, plainly=False)
            )
    finding = _told(teller, violation, story, scenario, broken, world, known, plainly=plainly)
    return replace(finding, is_shortest=shortener.is_complete)


def _told(
    teller: Teller,
    violation: Violation,
    story: Story,
    scenario: str,
    broken: Broken,
    world: World,
    known: Mapping[str, Known],
    *,
    plainly: bool,
) -> Finding:
    notes = list(_notes(teller, story)) if not plainly and violation.rule.judges == "connector" else []
    # Told once more, so that what is reported is what this story did.
    last = teller.broken(story, mark=True) or violation
    notes += [INSTANCE] if plainly else []
    blames = "instance" if plainly else ""
    return _finding(last, story, scenario, broken, world, known, notes=tuple(notes), blames=blames)


def _notes(teller: Teller, story: Story) -> Iterator[str]:
    free: list[str] = []
    for variation in variations(story):
        if teller.broken(variation.story) is not None:
            if variation.what not in free:
                free.append(variation.what)
        elif teller.broken_at_all(variation.story) is None and not teller.broken_plainly(variation.story):
            yield f"matters: {variation.what} ({variation.matters}). {variation.advice}".strip()
    if free:
        yield f"does not matter: {'; '.join(free)}"


def _if_covered(known: Known | None, violation: Violation, story: Story) -> Known | None:
    return known if known is not None and known.covers(violation.actual, story) else None


def secrets_known(world: World) -> list[str]:
    """Return the secrets of the story that was told last: those of its connector, and of the users."""
    made = (world.facts.get("connection") or {}).get("secrets", {})
    users = [(user.user, user.password) for user in (world.instance.integration, world.instance.admin)]
    pairs = [*users, (str(made.get("username") or ""), str(made.get("password") or ""))]
    # What a header carries for user name and password is a secret as good as the password.
    basic = [base64.b64encode(f"{user}:{password}".encode()).decode() for user, password in pairs if password]
    given = [str(value) for name, value in made.items() if name != "username" and value]
    return [*given, *(password for _, password in users), *basic]


def _finding(
    violation: Violation,
    story: Story,
    scenario: str,
    broken: Broken,
    world: World,
    known: Mapping[str, Known],
    *,
    notes: tuple[str, ...] = (),
    blames: str = "",
) -> Finding:
    control = world.instance.control
    exchanges = tuple(control.requests()) if control is not None else ()
    struck = Redactor(secrets_known(world))
    base = world.instance.base_url
    marks = (*world.marks, len(exchanges)) if world.marks else ()
    seen = tuple("\n".join(curl_lines(exchanges[start:end])) for start, end in pairwise((0, *marks)))
    return Finding(
        rule=violation.rule,
        scenario=scenario,
        expected=struck.text(violation.expected),
        actual=struck.text(violation.actual),
        story=story,
        curl=tuple(struck.text(line) for line in curl_lines(exchanges)),
        known=_if_covered(known.get(violation.rule.id), violation, story),
        examples=broken.examples,
        notes=notes,
        blames=blames,
        log=tuple(struck.text(line.rstrip()) for line in world.connector.log[-LOG_LINES:]),
        seen=tuple(struck.text(lines) for lines in seen),
        base_url=base,
    )
