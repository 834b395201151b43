"""Every action meets every kind of fault, at every call that it makes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sandtable_scenarios.checks import asking, closing, correlation, notes, others, signing_in, trouble, whole
from sandtable_scenarios.stage.scenarios import Draw, Scenario
from sandtable_scenarios.stage.world import World

# What is done, and at which call it goes wrong: the place, and how many calls of that kind go well before.
JOBS: tuple[tuple[str, str, int], ...] = (
    ("push", "write", 0),
    ("push", "read back", 0),
    ("push", "health", 0),
    ("comments", "write", 1),
    ("comments", "write", 2),
    ("comments", "read back", 1),
    ("comments", "health", 1),
    ("external", "write", 0),
    ("external", "read back", 0),
    ("additional", "write", 0),
    ("additional", "write", 1),
    ("close", "lookup", 0),
    ("close", "write", 0),
    ("close", "health", 0),
    ("close", "read back", 0),
    ("choices", "choices", 0),
    ("fields", "fields", 0),
    ("incident", "read back", 0),
    ("case", "write", 1),
)
WITH_KEYS = (("push", "token", 0), ("close", "token", 0), ("choices", "token", 0))
SECURITY = (
    ("security", "write", 0),
    ("security", "read back", 0),
    ("security", "observables", 0),
    ("security", "observables", 0),
    ("security", "write", 1),
)
EVENTS = (("event", "event", 0), ("event", "event", 0))
# Faults that look alike to a client; each story takes the next one of its kind.
KINDS: Mapping[str, tuple[str, ...]] = {
    "refused for now": ("500", "503", "429", "502", "503 until a date", "504"),
    "no answer": ("reset", "lost answer", "closed without an answer", "cut in the middle"),
    "a page": ("asleep", "maintenance", "wrong content type", "login redirect", "asleep with 503"),
    "no whole answer": ("malformed", "cut and complete", "empty", "garbage"),
    "a row": ("row error", "no row"),
}
ROWS = frozenset({"write"})
THINGS: Mapping[str, Mapping[str, Any]] = {
    "comments": {"comments": ["first", "second"]},
    "additional": {"additional_fields": {"u_state": "2"}, "comments": ["noted"]},
    "external": {"external_id": "#0", "impact": "1"},
}


def _act(world: World, what: str, text: str) -> None:
    """Do what a job is about; each step is judged by what it says and by what is there."""
    if what in ("push", "comments", "additional", "external"):
        more: dict[str, Any] = dict(THINGS.get(what, {}))
        world.do("push", correlation_id="r:a", short_description=text, **more)
    elif what == "close":
        world.do("close", correlation_id="r:a")
    elif what == "choices":
        world.do("ask_choices", fields=["urgency"])
    elif what == "fields":
        world.do("ask_fields")
    elif what == "incident":
        world.do("ask_incident", incident="#0")
    elif what == "case":
        comments = [{"id": "1", "text": "first"}, {"id": "2", "text": text}]
        world.do("push_case", case="case-1", title="a case", comments=comments)
    elif what == "security":
        fields = {"short_description": text, "priority": "2"}
        seen = {"dest_ip": ["10.0.0.1"], "malware_url": "https://evil.example/"}
        world.do("push_security", correlation_id="r:s", fields=fields, observables=seen, comments=["seen"])
    else:
        fields = {"source": "Elastic", "severity": "2", "message_key": text, "node": "n"}
        world.do("send_event", fields=fields, stored={})


def _one(world: World, job: tuple[str, str, int], fault: str, text: str) -> None:
    what, place, after = job
    world.do("plan_fault", fault=fault, place=place, after=after)
    _act(world, what, text)
    world.do("end_trouble")
    _act(world, what, f"{text}, again")


def everything_fails(world: World, draw: Draw) -> None:
    """One call of an action goes wrong, then the same action is done in peace; then another fault, in one process."""
    world.begin()
    cards = draw.walk_on(4, JOBS, tuple(KINDS))
    world.do("push", correlation_id="r:a")
    for number, (turn, (job, kind)) in enumerate(cards):
        if kind == "a row" and job[1] not in ROWS:
            kind = "refused for now"
        # Each time that a job meets a kind again, it is with the next fault of that kind.
        faults = KINDS[kind]
        _one(world, job, faults[(turn + JOBS.index(job)) % len(faults)], f"trouble {number}")


def tokens_fail(world: World, draw: Draw) -> None:
    """The token endpoint meets every kind of fault, whatever the token is for."""
    world.begin()
    job, kind = draw.walk_all(WITH_KEYS, tuple(kind for kind in KINDS if kind != "a row"))
    world.do("use_jwt")
    _one(world, job, draw.walk(KINDS[kind]), "trouble")


def others_fail(world: World, draw: Draw) -> None:
    """The same for security incidents and events."""
    world.begin()
    capabilities = world.instance.capabilities
    jobs = (SECURITY if "sir" in capabilities else ()) + (EVENTS if "itom" in capabilities else ())
    job, kind = draw.walk_all(jobs, tuple(KINDS))
    world.do("use_itom" if job[0] == "event" else "use_secops")
    if kind == "a row" and job[1] not in ROWS:
        kind = "refused for now"
    _one(world, job, draw.walk(KINDS[kind]), "trouble")


def several_failures(world: World, draw: Draw) -> None:
    """One process sees failure after failure; when the trouble is over, the next push succeeds."""
    world.begin()
    fault, place, count = draw.walk_all(("503", "reset", "asleep", "429"), ("health", "write"), (6, 4, 11))
    world.do("plan_fault", fault=fault, place=place, times=count)
    for number in range(count):
        world.do("push", correlation_id="r:a", short_description=f"try {number}")
    world.do("end_trouble")
    world.do("push", correlation_id="r:a", short_description="in peace")
    world.do("close", correlation_id="r:a")


SLOW = ("health", "write", "read back")


def slow(world: World, draw: Draw) -> None:
    """An answer comes later than the connector waits for: an error, worth another try, and nothing twice."""
    world.begin()
    place, what = draw.walk_all((*SLOW, "lookup"), ("push", "comments", "close"))
    if place == "lookup":
        what = "close"
    world.do("push", correlation_id="r:a")
    world.do("answer_late", place=place)
    _act(world, what, "too late")
    world.do("end_trouble")
    _act(world, what, "in time")


HOSTS = ("elsewhere", "sibling", "evil", "plain", "another port")
STATUSES = (302, 307, 301, 308)


def redirected(world: World, draw: Draw) -> None:
    """A call is sent on to another host: no credentials go there, and its answer is not the instance's."""
    world.begin()
    host, place, status = draw.walk_all(HOSTS, ("write", "health", "read back", "lookup"), STATUSES)
    if "oauth" in world.instance.capabilities and draw.walk((False, False, True)):
        world.do("use_jwt")
    world.do("push", correlation_id="r:a")
    world.do("redirect", place=place, host=host, status=status)
    if place == "lookup":
        world.do("close", correlation_id="r:a")
    else:
        world.do("push", correlation_id="r:a", short_description="sent on")
    world.do("look_abroad")
    world.do("end_trouble")
    world.do("push", correlation_id="r:a", short_description="at home")


ALL = (
    *(rule.id for rule in trouble.RULES),
    *(rule.id for rule in (*correlation.RULES, *closing.RULES, *notes.RULES, *whole.RULES, *asking.RULES)),
    signing_in.NO_SECRETS.id,
)
OTHERS = (*(rule.id for rule in trouble.RULES), *others.EXERCISED)
NEEDS = frozenset({"faults", "control"})
PUSHES = frozenset({"pushToService"})
SCENARIOS = (
    Scenario(
        "everything-fails",
        "Every action meets every kind of fault",
        ALL,
        body=everything_fails,
        needs=NEEDS,
        asks=PUSHES,
        cards=len(JOBS) + 5,
        share=2,
    ),
    Scenario(
        "tokens-fail",
        "The token endpoint meets every kind of fault",
        ALL,
        body=tokens_fail,
        needs=NEEDS | {"oauth"},
        asks=PUSHES | {"oauth"},
        share=0.4,
        cards=4,
    ),
    Scenario(
        "others-fail",
        "Security incidents and events meet every kind of fault",
        OTHERS,
        body=others_fail,
        needs=NEEDS | others.SIR_NEEDS | others.ITOM_NEEDS,
        cards=(len(SECURITY) + len(EVENTS)) * 2,
    ),
    Scenario(
        "several-failures",
        "Failure after failure in one process, and then peace",
        ALL,
        body=several_failures,
        needs=NEEDS,
        asks=PUSHES,
        share=0.3,
        cards=4,
    ),
    Scenario(
        "slow",
        "Answers that come later than the connector waits",
        ALL,
        body=slow,
        needs=NEEDS,
        asks=PUSHES,
        share=0.5,
        cards=len(SLOW) * 2,
    ),
    Scenario(
        "redirected",
        "Calls that are sent on to another host",
        (*ALL, whole.STAYS_HOME.id),
        body=redirected,
        needs=NEEDS,
        asks=PUSHES,
        share=1,
        cards=12,
    ),
)
