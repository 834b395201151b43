"""Alerts fire, fire again, recover; people close, reopen and relabel by hand; IDs are plain, odd, blank and long."""

from __future__ import annotations

from hypothesis import strategies as st
from hypothesis.stateful import initialize, rule

from sandtable_scenarios.checks import closing, correlation, notes
from sandtable_scenarios.models.incidents import LONGEST_CORRELATION_ID as LIMIT
from sandtable_scenarios.stage.pictures import SWITCHES
from sandtable_scenarios.stage.scenarios import Draw, Scenario, ScenarioMachine
from sandtable_scenarios.stage.world import World
from sandtable_scenarios.strategies import incidents, texts


class CorrelationMachine(ScenarioMachine):
    """A handful of IDs, so that they meet again and again."""

    ids: tuple[str, ...] = ()

    @initialize(data=st.data())
    def choose_ids(self, data: st.DataObject) -> None:
        # Where nothing can be put back, an ID that a careless connector reads as a query could touch real work.
        kinds = texts.plain_ids() if self.world.instance.control is None else texts.plain_ids() | texts.odd_ids()
        self.ids = tuple(data.draw(st.lists(kinds, min_size=2, max_size=3, unique_by=str.casefold)))

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
    def hold_by_hand(self, incident: str) -> None:
        self.world.do("hold_by_hand", incident=incident)

    @rule(incident=incidents.places())
    def cancel_by_hand(self, incident: str) -> None:
        self.world.do("cancel_by_hand", incident=incident)

    @rule(incident=incidents.places())
    def reopen_by_hand(self, incident: str) -> None:
        self.world.do("reopen_by_hand", incident=incident)

    @rule(incident=incidents.places(), which=st.integers(0, 2))
    def relabel_by_hand(self, incident: str, which: int) -> None:
        self.world.do("relabel_by_hand", incident=incident, correlation_id=self.ids[which % len(self.ids)])

    @rule()
    def restart(self) -> None:
        self.world.do("restart_connector")

    @rule(seconds=st.sampled_from((1, 60, 86400)))
    def wait(self, seconds: int) -> None:
        self.world.do("wait", seconds=seconds)


def lengths(world: World, draw: Draw) -> None:
    """Two IDs around the limit, perhaps with one 100-character prefix: fire both, fire again, recover both."""
    world.begin()
    first = draw.walk((None, *texts.COUNTED, None)) or draw.draw(texts.long_ids() | texts.padded_ids())
    second = draw.draw(
        st.one_of(texts.long_ids(), texts.padded_ids(), st.just(first[:-1] + "z"), st.just(first[:LIMIT] + "z"))
    )
    for correlation_id in (first, second, first):
        world.do("push", correlation_id=correlation_id)
    for correlation_id in (first, second):
        world.do("close", correlation_id=correlation_id)


def overlong(world: World, draw: Draw) -> None:
    """An incident has the first 100 characters of an alert's ID: the alert fires and recovers, and is no part of it."""
    world.begin()
    long = draw.draw(texts.long_ids().filter(lambda text: len(text) > LIMIT) | texts.padded_ids())
    world.do("push", correlation_id=long[:LIMIT])
    for action in draw.draw(st.permutations(("push", "close"))):
        world.do(action, correlation_id=long)
    world.do("close", correlation_id=long[:LIMIT])


BLANK_IDS = (*texts.BLANKS, *texts.UNSEEN)


def blanks(world: World, draw: Draw) -> None:
    """Incidents without an ID stand about; an alert whose ID is blank or left out fires and recovers."""
    world.begin()
    world.do("open_by_hand", correlation_id="")
    world.do("push", correlation_id="r:named")
    blank = draw.walk(BLANK_IDS)
    for _ in range(draw.draw(st.integers(0, 2))):
        if draw.draw(st.integers(0, 3)) == 0:
            world.do("push", omitted=True)
        else:
            world.do("push", correlation_id=blank)
    world.do("close", correlation_id=blank)
    world.do("close", correlation_id=draw.walk((None, "", " ")))


def odd_characters(world: World, draw: Draw) -> None:
    """One ID that breaks careless queries among bystanders: it fires, fires again, recovers, and recovers again."""
    world.begin()
    world.do("open_by_hand", correlation_id="")
    world.do("push", correlation_id="bystander:1")
    odd = draw.walk((*texts.CRAFTED, *([None] * 12))) or draw.draw(texts.odd_ids())
    if draw.walk((False, True)):
        # What is left of the ID where something cuts it is the ID of another alert.
        cut = draw.draw(st.integers(1, max(1, len(odd) - 1)))
        if odd[:cut].strip() and odd[:cut].strip().casefold() != odd.casefold():
            world.do("push", correlation_id=odd[:cut].strip())
    for action in draw.walk((("push", "push", "close", "close", "push"), ("close", "push", "close"))):
        world.do(action, correlation_id=odd)


def letter_case(world: World, draw: Draw) -> None:
    """The same ID in capitals and small letters is one ID, as the instance compares it."""
    world.begin()
    base = "Rule:" + draw.walk(("Host-A", "web01", "Übung"))
    for _ in range(3):
        world.do("push", correlation_id=draw.draw(texts.case_variants(base)))
    world.do("close", correlation_id=draw.draw(texts.case_variants(base)))


def altered(world: World, draw: Draw) -> None:
    """An ID that looks like a number, or that somebody might tidy up, beside the ID that it would become."""
    world.begin()
    odd, tidy = draw.walk(texts.ALTERED)
    world.do("push", correlation_id=tidy)
    for action in draw.walk((("push", "push", "close", "close"), ("close", "push", "close"))):
        world.do(action, correlation_id=odd)


def akin(world: World, draw: Draw) -> None:
    """IDs that begin, end, or go on like one another: the older and the newer fire, and one of them recovers."""
    world.begin()
    ids = list(draw.draw(st.permutations(("r:1", "r:10", "r:1:a", "pr:1", "R:1 b"))))[:3]
    for correlation_id in ids:
        world.do("push", correlation_id=correlation_id)
    closed = draw.walk(ids)
    world.do("close", correlation_id=closed)
    world.do("close", correlation_id=closed)


def several(world: World, draw: Draw) -> None:
    """Several incidents share one ID, some of them closed, resolved or canceled by hand; then the alert recovers."""
    world.begin()
    shared = draw.draw(texts.plain_ids())
    for place in range(draw.draw(st.integers(2, 4))):
        world.do("open_by_hand", correlation_id=shared)
        ending = draw.walk((None, "hold_by_hand", None, "close_by_hand", "resolve_by_hand", "cancel_by_hand"))
        if ending:
            world.do(ending, incident=f"#{place}")
        if draw.walk((False, True)):
            world.do("wait", seconds=1)
    if draw.walk((False, True)):
        # The latest is the one that was opened last, not the one that was touched last.
        world.do("wait", seconds=60)
        world.do("edit_by_hand", incident="#0", short_description="Looked at", impact="1", urgency="2")
    if draw.walk((True, False)):
        # Nor the one of which somebody says that it began last.
        world.do("edit_by_hand", incident="#0", opened_at=draw.walk(("2031-01-01 00:00:00", "2001-01-01 00:00:00")))
    for _ in range(draw.draw(st.integers(1, 2))):
        world.do("close", correlation_id=shared)


def fired_again(world: World, draw: Draw) -> None:
    """An incident is closed by hand, and its alert fires again, under each policy that the instance may have."""
    coalesce = draw.walk(("true", "false"))
    rows = draw.walk(("absent", "present"))
    world.begin(properties={f"{SWITCHES}coalesce_closed_incidents": coalesce, f"{SWITCHES}close_rows": rows})
    world.do("push", correlation_id="r:a")
    world.do(draw.walk(("close_by_hand", "cancel_by_hand", "resolve_by_hand", "hold_by_hand")), incident="#0")
    world.do("push", correlation_id="r:a", short_description="again")
    for action in draw.draw(st.lists(st.sampled_from(("push", "close")), min_size=1, max_size=3)):
        world.do(action, correlation_id="r:a")


# What became of the incident that a sys_id names, and what is said beside it: its own ID, another's, none, a new one.
ENDINGS = (None, "close_by_hand", "cancel_by_hand", "resolve_by_hand", "hold_by_hand", "reopen_by_hand")
BESIDE = ("r:a", "r:b", None, " ", "r:c")
CALLS = ("close", "push", "push with comments")


def by_external_id(world: World, draw: Draw) -> None:
    """Pushes and closes that name their incident by sys_id, whatever its state, with IDs that say something else."""
    world.begin()
    world.do("push", correlation_id="r:a")
    world.do("push", correlation_id="r:b")
    for _, (ending, correlation_id, call) in draw.walk_on(3, ENDINGS, BESIDE, CALLS):
        target = draw.walk(("#0", "#1"))
        if ending is not None:
            world.do(ending, incident=target)
        # What the incident is called stays as it is, or changes with the push: the sys_id alone decides.
        if call == "close":
            world.do("close", correlation_id=correlation_id, external_id=target)
            continue
        comments = ["noted"] if "comments" in call else []
        text = "by sys_id"
        world.do("push", correlation_id=correlation_id, external_id=target, short_description=text, comments=comments)
    world.do("close", external_id="0" * 32, correlation_id=draw.walk((None, "r:a", "r:b")))
    if draw.walk((False, True)):
        for _ in range(2):
            world.do("close", external_id="#0", correlation_id=draw.walk((None, "r:a", "r:b")))


STRANGERS = (
    *("0" * 32, "../incident/{#0}", "x/../{#0}", "x^ORactive=true", "?sysparm_limit=1", "..", "."),
    # What else an incident is known by, and the sys_id of what is no incident.
    *("{#0.number}", "{#0.correlation_id}", "{#0.short_description}", "{problem}"),
)
# A staging table cuts an ID after 32 characters, so only a lookup can tell these from the sys_id that they begin with.
LONGER = ("{#0}0", "{#0}?a=b", "{#0}#a", "{#0}\\..")
CALLS_OF_STRANGERS = (
    *((stranger, "push") for stranger in STRANGERS),
    *((stranger, how) for stranger in STRANGERS + LONGER for how in ("deprecated push", "close")),
    *((stranger, "deprecated close") for stranger in ("x^ORactive=true", "../incident/{#0}", "{#0}0")),
)


def strangers(world: World, draw: Draw) -> None:
    """External IDs that no incident has, some of which mean another address where they are not encoded."""
    world.begin()
    stranger, how = draw.walk(CALLS_OF_STRANGERS)
    world.do("push", correlation_id="r:a")
    world.do("open_by_hand", correlation_id="")
    if "deprecated" in how:
        world.do("use_table_api")
    if "close" in how:
        world.do("close_stranger", external_id=stranger)
    else:
        correlation_id = draw.walk(("r:a", "r:b", None))
        world.do("push_to_stranger", external_id=stranger, correlation_id=correlation_id)


def talkative(world: World, draw: Draw) -> None:
    """Pushes with comments, new and repeated, to new and known incidents, by correlation and by external ID."""
    world.begin()
    if draw.walk((True, False, False)):
        # Two of them have one ID, as where a template makes it.
        ids = [f"c{number // 2}" for number in range(len(texts.A_DOZEN))]
        world.do("push", correlation_id="r:a", comments=list(texts.A_DOZEN), comment_ids=ids)
        return
    for _ in range(draw.walk((3, 2, 1))):
        correlation_id = draw.walk(("r:a", "r:b"))
        external = draw.walk((None, None, "#0"))
        chosen = draw.draw(texts.comments())
        named = draw.draw(texts.comment_ids())[: len(chosen)]
        world.do("push", correlation_id=correlation_id, comments=chosen, comment_ids=named, external_id=external)
    # Whoever is named as caller writes something: a note is no answer to a question.
    world.do("hold_by_hand", incident="#0", reason=draw.walk(("1", "4")))
    world.do("push", external_id="#0", comments=["still so"])


def filled_in(world: World, draw: Draw) -> None:
    """Every field of the action, alone and together, with plain and odd values, in a create and an update."""
    world.begin()
    alone = draw.walk((None, *incidents.SAMPLES))
    # All fields but one: what is made up of the others shows.
    left_out = draw.walk(incidents.SAMPLES)
    rest = {name: value for name, value in incidents.SAMPLES.items() if name != left_out}
    world.do("push", correlation_id=draw.walk(("r:b", None)), **rest)
    world.do("push", correlation_id="r:b", **rest)
    for again in (False, True):
        text = draw.draw(texts.descriptions())
        sample = incidents.LATER if again else incidents.SAMPLES
        fields = draw.draw(incidents.fields()) if alone is None else {alone: sample[alone]}
        if again and alone == "description":
            # Two fields of one text are two fields.
            fields = {"description": text}
        world.do("push", correlation_id="r:a", short_description=text, **fields)


def full_length(world: World, draw: Draw) -> None:
    """Fields and a comment that are as long as an instance keeps them, in a create and in an update."""
    world.begin()
    fields = draw.draw(incidents.full_length())
    comment = fields["description"]
    world.do("push", correlation_id="r:a", comments=[comment], **fields)
    external = draw.walk((None, "#0"))
    world.do("push", correlation_id="r:a", external_id=external, **draw.draw(incidents.full_length()))
    # The instance cuts what is longer, at a length that its administrators choose.
    longer = {name: text + "and on" for name, text in fields.items() if name != "correlation_display"}
    world.do("push", correlation_id="r:a", **longer)


CORE = tuple(rule.id for rule in (*correlation.RULES, *closing.RULES, *notes.RULES))
ALONE = frozenset({"control"})
SCENARIOS = (
    Scenario(
        "correlation", "Alerts and people take turns at a few incidents", CORE, machine=CorrelationMachine, share=1.5
    ),
    Scenario("lengths", "Correlation IDs around the 100-character limit", CORE, body=lengths, cards=10),
    Scenario("overlong", "A correlation ID that begins like another one", CORE, body=overlong, share=0.5),
    Scenario("blanks", "Blank and missing correlation IDs", CORE, body=blanks, needs=ALONE, cards=len(BLANK_IDS)),
    Scenario(
        "odd-characters",
        "Correlation IDs that break careless queries",
        CORE,
        body=odd_characters,
        needs=ALONE,
        share=2,
        cards=len(texts.CRAFTED) + 12,
    ),
    Scenario("letter-case", "Correlation IDs that differ only in case", CORE, body=letter_case, share=0.4),
    Scenario(
        "altered",
        "Correlation IDs that a careless connector tidies up",
        CORE,
        body=altered,
        needs=ALONE,
        cards=len(texts.ALTERED),
    ),
    Scenario("akin", "Correlation IDs that are parts of others", CORE, body=akin, share=0.3),
    Scenario("several", "Several incidents with one correlation ID", CORE, body=several),
    Scenario(
        "fired-again",
        "Closed by hand, then firing again, under each policy",
        CORE,
        body=fired_again,
        needs=frozenset({"switches"}),
        share=0.7,
    ),
    Scenario("external-id", "Incidents that are named by their sys_id", CORE, body=by_external_id, cards=12),
    Scenario(
        "strangers",
        "External IDs that no incident has",
        CORE,
        body=strangers,
        needs=ALONE,
        cards=len(CALLS_OF_STRANGERS),
    ),
    Scenario("comments", "Comments once each, in order", CORE, body=talkative, share=0.7),
    Scenario("fields", "Every field of an action", CORE, body=filled_in, cards=9),
    Scenario("full-length", "Texts as long as they may be", CORE, body=full_length, share=0.1),
)
