"""Every kind of text in every field of every action, values that are like one another, and plenty of them."""

from __future__ import annotations

from typing import Any

from sandtable_scenarios.checks import asking, closing, correlation, notes, others, whole
from sandtable_scenarios.stage.scenarios import Draw, Scenario
from sandtable_scenarios.stage.world import World
from sandtable_scenarios.strategies.texts import ALPHABET

TITLE = "CPU is high"
EVENT_FIELDS = ("source", "event_class", "resource", "node", "metric_name", "type", "message_key", "description")
# Longer than a hash of the usual kind, and than a name may be.
LONG_OBSERVABLES = ("a" * 128, "https://example.com/" + "b" * 300)
# Each: what is given beside the title, so that two of the values are alike, or one stands without its companion.
ALIKE: tuple[dict[str, Any], ...] = (
    {"correlation_id": "r:a", "comments": [TITLE]},
    {"correlation_id": "r:a", "description": "All about it", "comments": ["All about it"]},
    {"correlation_id": "r:a", "description": TITLE},
    {"correlation_id": "r:a", "description": "", "comments": ["", "noted", ""]},
    {"correlation_id": "r:a", "correlation_display": "r:a"},
    {"correlation_id": TITLE, "comments": ["r:a", TITLE]},
    {"omitted": True, "correlation_display": "Alerting"},
    {"correlation_id": "", "correlation_display": "Alerting", "description": "r:a"},
    {"correlation_id": "r:a", "category": "software", "description": "software", "comments": ["software"]},
)


def _run(turn: int, count: int) -> list[str]:
    """Return so many texts of the alphabet from a place on, so that each field has each text in some story."""
    return [ALPHABET[(turn + 5 * place) % len(ALPHABET)] for place in range(count)]


def alphabet(world: World, draw: Draw) -> None:
    """Texts of each kind in each field of a push, and in the push after it."""
    world.begin()
    turn = draw.walk(range(len(ALPHABET)))
    title, description, display, first, second, later = _run(turn, 6)
    world.do(
        "push",
        correlation_id="r:a",
        short_description=title,
        description=description,
        correlation_display=display,
        comments=[first, second],
    )
    world.do("push", correlation_id="r:a", short_description=later, additional_fields={"u_of_nobody": title})


def elsewhere(world: World, draw: Draw) -> None:
    """Texts of each kind in each field of an event, and of a security incident, its comments and observables."""
    world.begin()
    turn = draw.walk(range(len(ALPHABET)))
    chosen = _run(turn, len(EVENT_FIELDS))
    world.do("use_itom")
    information = draw.walk(("{}", '{"a": null}'))
    fields = {**dict(zip(EVENT_FIELDS, chosen, strict=True)), "severity": "1", "additional_info": information}
    world.do("send_event", fields=fields, stored={})


def observables(world: World, draw: Draw) -> None:
    """Observables that are long, many or odd, and texts of each kind beside them."""
    world.begin()
    world.do("use_secops")
    texts = [text for text in ALPHABET if text == text.strip()]
    turn = draw.walk((0, 5, 10))
    found: dict[str, object] = {
        "malware_url": [*texts[turn : turn + 5], LONG_OBSERVABLES[1]],
        "malware_hash": [LONG_OBSERVABLES[0]],
    }
    if draw.walk((True, False)):
        found["source_ip"] = [f"10.2.{number}.1" for number in range(60)]
    title, description = _run(turn, 2)
    fields = {"short_description": title, "description": description}
    if draw.walk((False, True)):
        world.do("use_table_api")
        pair = {"dest_ip": ["10.0.0.1", "10.0.0.2"], "source_ip": "10.0.0.3 10.0.0.4"}
        world.do("push_security_deprecated", fields=fields, observables=pair)
        return
    world.do("push_security", correlation_id="r:a", fields=fields, observables=found, comments=_run(turn + 2, 2))


def alike(world: World, draw: Draw) -> None:
    """Values of one push that are equal to one another, or stand alone."""
    world.begin()
    given = draw.walk(ALIKE)
    world.do("push", short_description=TITLE, **given)
    world.do("push", short_description=TITLE, **{**given, "correlation_id": "r:b", "omitted": False})


def chosen(world: World, draw: Draw) -> None:
    """A customer's own choice, and each optional field as an empty text, in a new and in a known incident."""
    world.begin()
    name = draw.walk(OPTIONAL)
    world.do("add_choice", element="category", language="en", value="Cloud Team")
    world.do("push", correlation_id="r:a", category="Cloud Team")
    world.do("push", correlation_id="r:a", **{name: ""})
    world.do("push", correlation_id="r:b", **{name: ""})


OPTIONAL = ("description", "correlation_display", "category", "subcategory", "impact", "urgency", "severity")
PLENTY = tuple(f"note {number}" for number in range(105))


def plenty(world: World, draw: Draw) -> None:
    """More comments than any page holds, more choices, and more columns."""
    world.begin()
    what = draw.walk(("comments", "choices"))
    if what == "comments":
        world.do("push", correlation_id="r:a", comments=list(PLENTY))
        return
    world.do("add_choices", element="category", count=105)
    world.do("add_columns", count=25)
    world.do("ask_choices", fields=["category", "urgency"])
    world.do("ask_fields")


PUSHES = tuple(rule.id for rule in (*correlation.RULES, *closing.RULES, *notes.RULES, *whole.RULES))
OTHERS = others.EXERCISED
CONTROL = frozenset({"control"})
SCENARIOS = (
    Scenario(
        "alphabet",
        "Every kind of text in every field of a push",
        PUSHES,
        body=alphabet,
        needs=CONTROL,
        asks=frozenset({"pushToService"}),
        cards=len(ALPHABET),
    ),
    Scenario(
        "alphabet-of-events",
        "Every kind of text in every field of an event",
        (*OTHERS, *(rule.id for rule in whole.RULES)),
        body=elsewhere,
        needs=others.ITOM_NEEDS,
        asks=frozenset({".servicenow-itom"}),
        cards=len(ALPHABET),
    ),
    Scenario(
        "alphabet-of-observables",
        "Observables that are long, many or odd",
        (*OTHERS, *(rule.id for rule in whole.RULES)),
        body=observables,
        needs=others.SIR_NEEDS,
        asks=frozenset({".servicenow-sir"}),
        share=0.25,
        cards=3,
    ),
    Scenario(
        "alike",
        "Values that are like one another",
        PUSHES,
        body=alike,
        needs=CONTROL,
        asks=frozenset({"pushToService"}),
        share=0.5,
        cards=len(ALIKE),
    ),
    Scenario(
        "chosen",
        "A customer's own choices, and fields that are empty",
        PUSHES,
        body=chosen,
        needs=CONTROL,
        asks=frozenset({"pushToService"}),
        share=0.5,
        cards=len(OPTIONAL),
    ),
    Scenario(
        "plenty",
        "More of them than a page holds",
        (*PUSHES, *(rule.id for rule in asking.RULES)),
        body=plenty,
        needs=CONTROL,
        share=0.1,
        cards=2,
    ),
)
