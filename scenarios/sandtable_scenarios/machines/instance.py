"""The instance itself, asked by a plain client: imports, records, queries, access, tokens and CORS."""

from __future__ import annotations

from hypothesis import strategies as st
from hypothesis.stateful import initialize, rule

from sandtable_scenarios.actions.instance.assertions import ALLOWED
from sandtable_scenarios.actions.instance.reading import INTRUDERS, NONSENSE
from sandtable_scenarios.actions.instance.shapes import FIELDS, FORMS, LINKS
from sandtable_scenarios.actions.instance.staging import CHOOSING
from sandtable_scenarios.actions.instance.wrong_assertions import WRONG
from sandtable_scenarios.checks.instance import crossing, importing, keeping, tokens
from sandtable_scenarios.models.incidents import LONGEST_CORRELATION_ID as LIMIT
from sandtable_scenarios.stage.pictures import SWITCHES
from sandtable_scenarios.stage.scenarios import Draw, Scenario, ScenarioMachine
from sandtable_scenarios.stage.world import World
from sandtable_scenarios.strategies import incidents, texts

NOTES = st.sampled_from((None, None, "looking", "looking", "done ^ & 語"))


LEVELS = st.tuples(st.integers(1, 3), st.integers(1, 3))
BESIDE = " \n\t\r%*.=!@,"
MOVES = ("close_by_hand", "resolve_by_hand", "cancel_by_hand", "reopen_by_hand", "hold_by_hand")
DETAILS = st.sampled_from((None, "All about it", "Two\nlines"))


# An encoded query runs a value that reads like a script, so there is no asking for one.
QUERIED = (texts.plain_ids() | texts.odd_ids()).filter(lambda text: not text.startswith("javascript:"))


class ImportMachine(ScenarioMachine):
    """Rows come in, people work on incidents, queries are asked: everything agrees with a plain list."""

    ids: tuple[str, ...] = ()

    @initialize(ids=st.lists(QUERIED, min_size=2, max_size=3, unique_by=str.casefold))
    def choose_ids(self, ids: list[str]) -> None:
        self.ids = tuple(ids)

    @rule(which=st.integers(0, 2), text=texts.descriptions(), note=NOTES, description=DETAILS)
    def stage(self, which: int, text: str, note: str | None, description: str | None) -> None:
        correlation_id = self.ids[which % len(self.ids)]
        self.world.do("stage", correlation_id=correlation_id, text=text, note=note, description=description)

    @rule(correlation_id=st.sampled_from((None, "")))
    def stage_blank(self, correlation_id: str | None) -> None:
        self.world.do("stage", correlation_id=correlation_id)

    @rule(incident=incidents.places(), which=st.integers(0, 2))
    def stage_named(self, incident: str, which: int) -> None:
        self.world.do("stage", correlation_id=self.ids[which % len(self.ids)], incident=incident)

    @rule(which=st.integers(0, 2))
    def open_twin(self, which: int) -> None:
        self.world.do("open_by_hand", correlation_id=self.ids[which % len(self.ids)])

    @rule(incident=incidents.places(), action=st.sampled_from(MOVES))
    def work(self, incident: str, action: str) -> None:
        self.world.do(action, incident=incident)
        self.world.do("look_after")

    @rule(incident=incidents.places())
    def delete(self, incident: str) -> None:
        self.world.do("look_for_deleted", incident=incident)

    @rule(incident=incidents.places(), text=texts.descriptions(), seconds=st.sampled_from((1, 61)))
    def touch(self, incident: str, text: str, seconds: int) -> None:
        self.world.do("touch", incident=incident, text=text, seconds=seconds)

    @rule(which=st.integers(0, 2))
    def find(self, which: int) -> None:
        self.world.do("find_exactly", correlation_id=self.ids[which % len(self.ids)])
        self.world.do("list_newest", correlation_id=self.ids[which % len(self.ids)])

    @rule(which=st.integers(0, 2), start=st.integers(0, 3), length=st.integers(1, 6))
    def find_parts(self, which: int, start: int, length: int) -> None:
        whole = self.ids[which % len(self.ids)]
        part = whole[start : start + length]
        # Blanks at the ends, and what people write for patterns, are another matter.
        if part and part == part.strip(BESIDE) and "ß" not in part:
            self.world.do("search_parts", text=part)

    @rule(incident=incidents.places(), levels=LEVELS, priority=st.sampled_from(("", "1", "5")))
    def rate(self, incident: str, levels: tuple[int, int], priority: str) -> None:
        self.world.do("set_levels", incident=incident, impact=levels[0], urgency=levels[1], priority=priority)

    @rule(incident=incidents.places(), count=st.sampled_from((0, 7, 1234, 1234567)))
    def show(self, incident: str, count: int) -> None:
        self.world.do("show", incident=incident, count=count)

    @rule()
    def combine(self) -> None:
        self.world.do("combine", first=self.ids[0], second=self.ids[1])

    @rule(size=st.integers(1, 3), start=st.integers(0, 2))
    def turn_pages(self, size: int, start: int) -> None:
        self.world.do("turn_pages", size=size, start=start)

    @rule()
    def look_after(self) -> None:
        self.world.do("look_after")


def policies(world: World, draw: Draw) -> None:
    """Rows for incidents that are closed, or share an ID, under each policy."""
    coalesce = draw.walk(("true", "false"))
    order = draw.walk(("oldest", "newest"))
    world.begin(properties={f"{SWITCHES}coalesce_closed_incidents": coalesce, f"{SWITCHES}several_matches": order})
    endings = ("close_by_hand", None, "resolve_by_hand", "cancel_by_hand", "hold_by_hand")
    for place in range(draw.walk((2, 3, 1))):
        world.do("open_by_hand", correlation_id="r:a")
        ending = draw.walk(endings)
        if ending is not None:
            world.do(ending, incident=f"#{place}")
    if draw.walk((False, True)):
        world.do("wait", seconds=60)
        world.do("edit_by_hand", incident="#0", short_description="Looked at")
    world.do("stage", correlation_id="r:a", text="again")
    world.do("stage", correlation_id="r:a", text="and again")
    world.do("look_after")


def patterns(world: World, draw: Draw) -> None:
    """IDs with what stands for any text elsewhere, beside those that it would stand for."""
    world.begin()
    mark, other = draw.walk((("%", "xyz"), ("_", "x"), (".", "y"), ("?", "z"), ("\\", "")))
    for correlation_id in (f"r:a{mark}b", f"r:a{other}b", "r:c"):
        world.do("stage", correlation_id=correlation_id)
    world.do("search_parts", text=f"a{mark}b")
    world.do("find_exactly", correlation_id=f"r:a{mark}b")
    # One of them is not active, so that a condition which reaches too far, or not far enough, shows.
    world.do("close_by_hand", incident="#2")
    world.do("combine", first=f"r:a{mark}b", second="r:c")


def lifecycle(world: World, draw: Draw) -> None:
    """One incident is closed, resolved, canceled and taken up again, and looked at after each step."""
    world.begin()
    world.do("stage", correlation_id="r:a", state=draw.walk((None, None, "7", "8")))
    world.do("look_after")
    # Twice two moves that follow one another.
    for first, second in (pair for _, pair in draw.walk_on(2, MOVES, MOVES)):
        for action in (first, second):
            world.do("wait", seconds=3)
            world.do(action, incident="#0")
            world.do("look_after")
    world.do("stage", correlation_id="r:a", text="again")
    world.do("look_after")


def measures(world: World, draw: Draw) -> None:
    """Values around the length of their columns, narrow and wide characters."""
    world.begin()
    long = draw.draw(texts.long_ids())
    detail = draw.walk("aé語🙂") * draw.walk((3999, 4000))
    text = draw.walk("aé語🙂") * draw.walk((159, 160, 161))
    world.do("stage", correlation_id=long, text=text, description=detail, note=detail)
    world.do("find_exactly", correlation_id=long[:LIMIT])
    if len(long) <= LIMIT:
        world.do("stage", correlation_id=long, text="again")
    world.do("stage", correlation_id=long[: LIMIT - 2], text="a prefix is another ID")


def named(world: World, draw: Draw) -> None:
    """A row names choices by their labels, and people by their user names."""
    world.begin()
    element, case = draw.walk_all(CHOOSING, ("as it is", "in capitals", "in small letters"))
    world.do("stage_named", element=element, case=case)


def priorities(world: World, draw: Draw) -> None:
    """Impact and urgency, one changed after the other."""
    world.begin()
    world.do("stage", correlation_id="r:a")
    impact, urgency, other = draw.walk((1, 2, 3)), draw.walk((1, 2, 3)), draw.walk((2, 3, 1))
    for levels in ((impact, urgency), (impact, other), (other, other)):
        world.do("set_levels", incident="#0", impact=levels[0], urgency=levels[1], priority=draw.walk(("", "1", "5")))


def gone(world: World, draw: Draw) -> None:
    """A row names an incident that was deleted, or never was."""
    world.begin()
    world.do("stage", correlation_id="r:a")
    if draw.walk((False, True)):
        world.do("look_for_deleted", incident="#0")
    world.do("stage", correlation_id=draw.walk(("r:a", "r:b", None)), incident="0" * 32)


def forms(world: World, draw: Draw) -> None:
    """One record, written and read in every form of an answer."""
    world.begin()
    form, links, fields = draw.walk_all(FORMS, LINKS, FIELDS)
    world.do("write_and_read", form=form, links=links, fields=fields)


def intruders(world: World, draw: Draw) -> None:
    """Somebody without good credentials, and somebody without a role."""
    world.begin()
    how = draw.walk((*INTRUDERS, None))
    if how is None:
        world.do("trespass")
    else:
        world.do("intrude", how=how)


def nonsense(world: World, draw: Draw) -> None:
    """Requests that cannot be understood."""
    world.begin()
    world.do("send_nonsense", what=draw.walk(NONSENSE))


ENDINGS = (
    "expire",
    "revoke",
    "lock",
    "cut",
    "case",
    "assertion",
    "deactivate the user",
    "delete the user",
    "deactivate the client",
)


def good_assertions(world: World, draw: Draw) -> None:
    """Proper assertions, used once and twice, and what ends a token."""
    world.begin()
    if draw.draw(st.integers(0, 2)) == 0:
        world.do("ask_again", wait=draw.walk((0, 5, 60)))
        world.do("search_log")
        return
    like = draw.walk(sorted(ALLOWED))
    # A beginning to come and a clock that is behind add up.
    skew = 0 if like else draw.walk((0, -240, 240))
    world.do("ask_token", jti=draw.walk(("", "one")), skew=skew, like=like)
    world.do("end_token", how=draw.walk(ENDINGS))
    world.do("search_log")


def bad_assertions(world: World, draw: Draw) -> None:
    """Assertions with one thing wrong."""
    world.begin()
    about, how = draw.walk(tuple((about, how) for about in sorted(WRONG) for how in sorted(WRONG[about])))
    world.do("ask_wrongly", about=about, how=how)
    world.do("search_log")


DOMAINS = ("https://kibana.example.com", "https://kibana.example.com:5601", "http://localhost:5601")
WILDCARD = "https://*.example.com"


def browsers(world: World, draw: Draw) -> None:
    """Pages on registered and on other origins call the application."""
    world.begin()
    domain = draw.walk(DOMAINS)
    world.do("register_origin", domain=domain)
    world.do("preflight", origin=domain)
    world.do("call_from", origin=domain, signed_in=draw.walk((False, True)))
    scheme, _, host = domain.partition("://")
    name, _, port = host.partition(":")
    other = "http" if scheme == "https" else "https"
    strangers = (
        f"{other}://{host}",
        f"{scheme}://{name}:{'5602' if port else '8443'}",
        f"{scheme}://evil{host}",
        f"{scheme}://{name}.evil.example",
        f"{scheme}://x.{host}",
        domain + "/",
        "null",
    )
    stranger = draw.walk(strangers)
    world.do("preflight", origin=stranger, permitted=False)
    world.do("call_from", origin=stranger, permitted=False)


def wildcards(world: World, draw: Draw) -> None:
    """A rule for all hosts below a domain."""
    world.begin()
    world.do("register_origin", domain=WILDCARD)
    origin, permitted = draw.draw(
        st.sampled_from(
            (
                ("https://a.example.com", True),
                ("https://a.b.example.com", True),
                ("https://example.com", False),
                ("https://aexample.com", False),
                ("https://a.example.com.evil.example", False),
                ("http://a.example.com", False),
                ("https://a.example.com:8443", False),
            )
        )
    )
    world.do("preflight", origin=origin, permitted=permitted)
    world.do("call_from", origin=origin, permitted=permitted)


def bounded(world: World, draw: Draw) -> None:
    """A rule opens its own API and its own methods, and only while it is active; nothing odd is reflected."""
    world.begin()
    origin = DOMAINS[0]
    active = draw.walk((False, True))
    world.do("register_origin", domain=origin, active=active)
    if not active:
        world.do("preflight", origin=origin, permitted=False)
        world.do("call_from", origin=origin, permitted=False)
        return
    tables = "/api/now/table/incident"
    world.do("preflight", origin=origin, permitted=False, path=tables)
    world.do("call_from", origin=origin, permitted=False, path=tables)
    world.do("preflight", origin=origin, permitted=False, method=draw.walk(("DELETE", "PUT", "PATCH")))
    odd = draw.walk(("x y", "authorization, <b>", "a;b=c", "é", "x" * 9000, '"quoted"'))
    world.do("preflight_with", origin=origin, headers=odd)


def columns(world: World, draw: Draw) -> None:
    """A rule with every column filled in or not, beside one with a wildcard that says the opposite."""
    world.begin()
    origin = DOMAINS[0]
    said = draw.draw(
        st.fixed_dictionaries(
            {},
            optional={
                "post": st.just("true"),
                "put": st.just("true"),
                "delete": st.just("true"),
                "max_age": st.sampled_from(("1", "600")),
                "access_control_allow_headers": st.just("authorization, X-Second"),
                "exposed_headers": st.just("X-Total-Count,Link"),
                "access_control_allow_credentials": st.just("true"),
            },
        )
    )
    wide = {"patch": "true", "max_age": "7", "exposed_headers": "X-Wide", "access_control_allow_headers": "X-Wide"}
    first = draw.walk((False, True))
    if first:
        world.do("register_origin", domain=WILDCARD, columns=wide)
    world.do("register_origin", domain=origin, columns=said, beside=first)
    if not first and draw.walk((False, True)):
        world.do("register_origin", domain=WILDCARD, columns=wide, beside=True)
    world.do("compare_with_rule", origin=origin, columns=said)


ROWS = tuple(rule.id for rule in (*importing.RULES, *keeping.RULES))
TOKENS = tuple(rule.id for rule in tokens.RULES)
CROSSING = tuple(rule.id for rule in crossing.RULES)
CONTROL = frozenset({"control"})
SCENARIOS = (
    Scenario("imports", "Rows, records and queries agree", ROWS, machine=ImportMachine, needs=CONTROL, share=1.5),
    Scenario("policies", "What a row does to closed and to several incidents", ROWS, body=policies, needs=CONTROL),
    Scenario("patterns", "IDs with what is a pattern elsewhere", ROWS, body=patterns, needs=CONTROL, share=0.2),
    Scenario("lifecycle", "One incident through its states", ROWS, body=lifecycle, needs=CONTROL, cards=12),
    Scenario("measures", "Values around the length of their columns", ROWS, body=measures, needs=CONTROL, share=0.7),
    Scenario("named", "Rows that name choices and people", ROWS, body=named, needs=CONTROL, share=0.5, cards=4),
    Scenario("priorities", "Impact and urgency", ROWS, body=priorities, needs=CONTROL, share=0.3),
    Scenario("gone", "Rows for incidents that are gone", ROWS, body=gone, needs=CONTROL, share=0.4),
    Scenario("forms", "One record in every form of an answer", ROWS, body=forms, needs=CONTROL, cards=16),
    Scenario("intruders", "Callers without credentials, and without roles", ROWS, body=intruders, needs=CONTROL),
    Scenario("nonsense", "Requests that cannot be understood", ROWS, body=nonsense, needs=CONTROL, share=0.5),
    Scenario(
        "good-assertions", "Assertions and tokens that work", TOKENS, body=good_assertions, needs=CONTROL | tokens.OAUTH
    ),
    Scenario(
        "bad-assertions",
        "Assertions with one thing wrong",
        TOKENS,
        body=bad_assertions,
        needs=CONTROL | tokens.OAUTH,
        cards=sum(map(len, WRONG.values())),
    ),
    Scenario(
        "browsers", "Pages on registered and other origins", CROSSING, body=browsers, needs=CONTROL | crossing.CORS
    ),
    Scenario(
        "wildcards", "CORS rules with a wildcard", CROSSING, body=wildcards, needs=CONTROL | crossing.CORS, share=0.7
    ),
    Scenario("cors-columns", "What a CORS rule says", CROSSING, body=columns, needs=CONTROL | crossing.CORS, share=0.5),
    Scenario(
        "bounded", "What a CORS rule does not open", CROSSING, body=bounded, needs=CONTROL | crossing.CORS, share=0.5
    ),
)
