"""Alerts fire, fire again, recover; people close, reopen and relabel by hand; IDs are plain, odd, blank and long."""

from __future__ import annotations

from hypothesis import strategies as st
from hypothesis.stateful import initialize, rule

from sandtable_scenarios.checks import closing, correlation, notes
from sandtable_scenarios.scenarios import Draw, Scenario, ScenarioMachine
from sandtable_scenarios.strategies import incidents, texts
from sandtable_scenarios.world import World


class CorrelationMachine(ScenarioMachine):
    """A handful of IDs, so that they meet again and again."""

    ids: tuple[str, ...] = ()

    @initialize(ids=st.lists(texts.plain_ids() | texts.odd_ids(), min_size=2, max_size=3, unique_by=str.casefold))
    def choose_ids(self, ids: list[str]) -> None:
        self.ids = tuple(ids)

    @rule(which=st.integers(0, 2), text=texts.descriptions(), fields=incidents.fields())
    def fire(self, which: int, text: str, fields: dict[str, str]) -> None:
        self.world.do("push", correlation_id=self.ids[which % len(self.ids)], short_description=text, **fields)

    @rule(which=st.integers(0, 2))
    def recover(self, which: int) -> None:
        self.world.do("close", correlation_id=self.ids[which % len(self.ids)])

    @rule(which=st.integers(0, 2))
    def open_twin(self, which: int) -> None:
        self.world.do("open_by_hand", correlation_id=self.ids[which % len(self.ids)])

    @rule()
    def open_bystander(self) -> None:
        self.world.do("open_by_hand", correlation_id="")

    @rule(incident=incidents.places())
    def close_by_hand(self, incident: str) -> None:
        self.world.do("close_by_hand", incident=incident)

    @rule(incident=incidents.places())
    def resolve_by_hand(self, incident: str) -> None:
        self.world.do("resolve_by_hand", incident=incident)

    @rule(incident=incidents.places())
    def reopen_by_hand(self, incident: str) -> None:
        self.world.do("reopen_by_hand", incident=incident)

    @rule(seconds=st.sampled_from((1, 60, 86400)))
    def wait(self, seconds: int) -> None:
        self.world.do("wait", seconds=seconds)


def lengths(world: World, draw: Draw) -> None:
    """Two IDs around the limit, perhaps with one 100-character prefix: fire both, fire again, recover both."""
    world.begin()
    first = draw.draw(texts.long_ids())
    second = draw.draw(st.one_of(texts.long_ids(), st.just(first[:-1] + "z")))
    for correlation_id in (first, second, first):
        world.do("push", correlation_id=correlation_id)
    for correlation_id in (first, second):
        world.do("close", correlation_id=correlation_id)


def blanks(world: World, draw: Draw) -> None:
    """Incidents without an ID stand about; an alert whose ID is blank fires and recovers."""
    world.begin()
    world.do("open_by_hand", correlation_id="")
    world.do("push", correlation_id="r:named")
    for _ in range(draw.draw(st.integers(1, 2))):
        world.do("push", correlation_id=draw.draw(texts.blank_ids()))
    world.do("close", correlation_id=draw.draw(texts.blank_ids()))


def odd_characters(world: World, draw: Draw) -> None:
    """One ID that breaks careless queries among bystanders: it fires, fires again, recovers, and recovers again."""
    world.begin()
    world.do("open_by_hand", correlation_id="")
    world.do("push", correlation_id="bystander:1")
    odd = draw.draw(texts.odd_ids())
    for action in ("push", "push", "close", "close", "push"):
        world.do(action, correlation_id=odd)


def letter_case(world: World, draw: Draw) -> None:
    """The same ID in capitals and small letters is one ID, as the instance compares it."""
    world.begin()
    base = "Rule:" + draw.draw(st.sampled_from(("Host-A", "web01", "Übung")))
    for _ in range(3):
        world.do("push", correlation_id=draw.draw(texts.case_variants(base)))
    world.do("close", correlation_id=draw.draw(texts.case_variants(base)))


def talkative(world: World, draw: Draw) -> None:
    """Pushes with comments, new and repeated, to new and known incidents, by correlation and by external ID."""
    world.begin()
    for _ in range(draw.draw(st.integers(1, 3))):
        correlation_id = draw.draw(st.sampled_from(("r:a", "r:b")))
        external = draw.draw(st.sampled_from((None, None, "#0")))
        chosen = draw.draw(texts.comments())
        world.do("push", correlation_id=correlation_id, comments=chosen, external_id=external)


CORE = tuple(rule.id for rule in (*correlation.RULES, *closing.RULES, *notes.RULES))
SCENARIOS = (
    Scenario(
        "correlation", "Alerts and people take turns at a few incidents", CORE, machine=CorrelationMachine, share=1.5
    ),
    Scenario("lengths", "Correlation IDs around the 100-character limit", CORE, body=lengths),
    Scenario("blanks", "Blank and missing correlation IDs", CORE, body=blanks, share=0.7),
    Scenario("odd-characters", "Correlation IDs that break careless queries", CORE, body=odd_characters, share=1.5),
    Scenario("letter-case", "Correlation IDs that differ only in case", CORE, body=letter_case, share=0.4),
    Scenario("comments", "Comments once each, in order", CORE, body=talkative),
)
