"""Asking, refusing, security incidents and events."""

from __future__ import annotations

from operator import itemgetter
from typing import Any

from hypothesis import strategies as st

from sandtable_scenarios.actions.asking import ADDRESSES
from sandtable_scenarios.checks import asking, others
from sandtable_scenarios.stage.scenarios import Draw, Scenario
from sandtable_scenarios.stage.world import World
from sandtable_scenarios.strategies import nonsense, texts

ENDINGS = (None, "close_by_hand", "cancel_by_hand", "resolve_by_hand", "hold_by_hand", "work_on")
FORM = ("urgency", "severity", "impact", "category", "subcategory")
OAUTH = {"isOAuth": True, "clientId": "a", "jwtKeyId": "b", "userIdentifierValue": "c"}
NO_BASIC = {"username": None, "password": None}
KEY = {"clientSecret": "secret-for-tests", "privateKey": "no key"}
MISCONFIGURED: tuple[tuple[dict[str, Any], dict[str, Any]], ...] = (
    ({"apiUrl": None}, {}),
    ({}, NO_BASIC),
    ({}, {"username": None}),
    ({}, {"password": None}),
    ({}, {"password": ""}),
    ({"clientId": "a"}, {}),
    ({}, KEY),
    (OAUTH, {}),
    (OAUTH, {**NO_BASIC, "clientSecret": "secret-for-tests"}),
    ({**OAUTH, "jwtKeyId": None}, {**NO_BASIC, **KEY}),
    ({**OAUTH, "clientId": None}, {**NO_BASIC, **KEY}),
    ({"surprise": "x"}, {}),
    ({"apiUrl": ""}, {}),
    ({"apiUrl": 5}, {}),
    ({"isOAuth": "false"}, {}),
    ({"usesTableApi": "false"}, {}),
    ({}, {"password": 12345678}),
    ({}, {"surprise": "x"}),
)
IPS = ("10.0.0.1", "10.0.0.2", "2001:db8::1")
# What is no hash and no URL is an observable of that type all the same, and one text may be several observables.
SHARED = ("evil.example", "10.0.0.1")
MANY_IPS = tuple(f"10.1.0.{number}" for number in range(12))
HASHES = ("D41D8CD98F00B204E9800998ecf8427e", "a" * 64, *SHARED)
URLS = ("https://Evil.example/A?b=C", "http://evil.example/", *SHARED)


def questions(world: World, draw: Draw) -> None:
    """The questions that forms ask."""
    world.begin()
    world.do("add_choice", element=draw.walk(FORM), language=draw.walk(("de", "fr")))
    twin = draw.walk(FORM)
    world.do("add_choice", element=twin, language="en", twin=True)
    world.do("add_choice", element=twin, language="en", value="9", depends_on="software")
    world.do("ask_choices", fields=[twin])
    # A field whose choices are in another language only, and one that has none.
    world.do("add_choice", element="u_abroad", language="de")
    world.do("ask_choices", fields=draw.walk((["u_abroad"], ["u_nowhere"], ["u_abroad", "urgency"])))
    world.do("ask_choices", fields=sorted(draw.draw(st.sets(st.sampled_from(FORM), min_size=1))))
    world.do("ask_fields")
    world.do("push", correlation_id="r:a")
    # What may be read does not hang on what became of it.
    for ending in draw.walk_all(ENDINGS, ENDINGS):
        if ending is not None:
            world.do(ending, incident="#0")
        world.do("ask_incident", incident="#0")
    world.do("ask_for_nobody")


def other_questions(world: World, draw: Draw) -> None:
    """What the forms of the other two connectors ask."""
    world.begin()
    if draw.walk((False, True)):
        world.do("use_secops")
        names: tuple[str, ...] = ("category", "subcategory", "priority", "state")
    else:
        world.do("use_itom")
        names = ("severity", "state")
    world.do("ask_choices", fields=sorted(draw.draw(st.sets(st.sampled_from(names), min_size=1))))


def misconfigured(world: World, draw: Draw) -> None:
    """Settings that cannot work, then those that do, with a slash too many."""
    world.begin()
    config, secrets = draw.walk(MISCONFIGURED)
    world.do("run_misconfigured", config=config, secrets=secrets)
    form = draw.walk((*sorted(ADDRESSES), "behind a path", "behind a path, and a slash"))
    if form in ADDRESSES:
        world.do("push_to_address", form=form)
    else:
        world.do("push_behind_a_path", slash="slash" in form)


# How many calls that must be refused come one after the other in one story.
IN_A_ROW = 8
OF_INCIDENTS, OF_SECURITY, OF_EVENTS = nonsense.of_incidents(), nonsense.of_security(), nonsense.of_events()


def bad_parameters(world: World, draw: Draw) -> None:
    """Parameters that cannot work."""
    world.begin()
    for _, ((sub_action, parameters),) in draw.walk_on(IN_A_ROW, OF_INCIDENTS):
        world.do("run_nonsense", sub_action=sub_action, parameters=parameters)


def other_bad_parameters(world: World, draw: Draw) -> None:
    """Parameters that cannot work, for the two other connectors."""
    world.begin()
    capabilities = world.instance.capabilities
    kinds = (("use_secops", OF_SECURITY, "sir"), ("use_itom", OF_EVENTS, "itom"))
    calls = tuple((step, call) for step, calls, needed in kinds if needed in capabilities for call in calls)
    chosen = draw.walk_on(IN_A_ROW, calls)
    kind = ""
    for step, (sub_action, parameters) in sorted((card for _, (card,) in chosen), key=itemgetter(0)):
        if step != kind:
            world.do(step)
        kind = step
        world.do("run_nonsense", sub_action=sub_action, parameters=parameters)


def _several(values: tuple[str, ...], whole: str = "") -> st.SearchStrategy[object]:
    """Several observables; ``whole`` is one that separators are part of, so that only a list can hold it."""
    some = st.lists(st.sampled_from(values), max_size=3)
    joined = st.tuples(some, st.sampled_from((" ", ",", ", ", "|", "\n", "\t", " | "))).map(
        lambda pair: pair[1].join(pair[0])
    )
    listed = st.lists(st.sampled_from((*values, whole)), max_size=3) if whole else some
    return st.one_of(listed, joined, st.none())


def security(world: World, draw: Draw) -> None:
    """Security incidents with observables in every form, pushed and pushed again."""
    world.begin()
    world.do("use_secops")
    for _ in range(draw.draw(st.integers(1, 3))):
        observables = {
            "dest_ip": list(MANY_IPS) if draw.walk((True, False, False)) else draw.draw(_several(IPS)),
            "source_ip": draw.draw(_several(IPS)),
            "malware_hash": draw.draw(_several(HASHES)),
            "malware_url": draw.draw(_several(URLS, whole="https://evil.example/a,b|c d")),
        }
        fields = {"short_description": draw.draw(texts.descriptions()), "priority": draw.walk("1234")}
        correlation_id = draw.walk(("r:a", "r:b"))
        comments = draw.draw(texts.comments())
        world.do(
            "push_security",
            correlation_id=correlation_id,
            fields=fields,
            observables=observables,
            comments=comments,
        )
    later = {"short_description": "by sys_id", "priority": draw.walk("1234")}
    more = draw.walk(({"dest_ip": ["10.9.9.9"]}, {}, {"malware_url": "http://later.example/"}))
    world.do("push_security", correlation_id="r:a", fields=later, observables=more, again=True)


TIMES = (
    (None, ""),
    ("2021-10-13T10:51:44.981Z", "2021-10-13 10:51:44"),
    ("1634122304981", "2021-10-13 10:51:44"),
    ("2021-10-13T12:51:44+02:00", "2021-10-13 10:51:44"),
    ("2021-10-13T16:21:44+05:30", "2021-10-13 10:51:44"),
    ("2021-10-13T07:21:44-03:30", "2021-10-13 10:51:44"),
    ("2021-12-31T23:59:59.999Z", "2021-12-31 23:59:59"),
    ("2021-10-14T00:36:44+13:45", "2021-10-13 10:51:44"),
    ("2024-02-29T00:00:00-00:00", "2024-02-29 00:00:00"),
    ("999999999999", "2001-09-09 01:46:39"),
    ("0", "1970-01-01 00:00:00"),
    ("2021-10-13", "2021-10-13 00:00:00"),
    ("2021-10-13T10:51Z", "2021-10-13 10:51:00"),
    ("2021-10-13T10:51:44Z", "2021-10-13 10:51:44"),
    ("2021-10-13T10:51:44.981234+00:00", "2021-10-13 10:51:44"),
    ("1634122304", "1970-01-19 21:55:22"),
)


# JSON as somebody else writes it: what is given is what is sent.
INFORMATION = ('{ "b":1,\n"a" : [1.0, "\\u00e9"] }', None, '{"alert": "a"}', '{"a":"1","a":"2"}')


def events(world: World, draw: Draw) -> None:
    """Events with some of their fields, others empty or null."""
    world.begin()
    world.do("use_itom")
    names = ("source", "event_class", "resource", "node", "metric_name", "type", "message_key", "description")
    # All fields but one: what is made up of the others shows.
    left_out = draw.walk((*names, "severity", "additional_info"))
    full = dict.fromkeys(names, "one") | {"severity": "2", "additional_info": "{}"}
    world.do("send_event", fields={name: value for name, value in full.items() if name != left_out}, stored={})
    for _ in range(draw.draw(st.integers(1, 2))):
        fields: dict[str, str | None] = {name: draw.walk((None, "", f"{name} & <one>")) for name in names}
        given, written = draw.walk(TIMES)
        stored = {"time_of_event": written} if given is not None else {}
        if given is not None:
            fields["time_of_event"] = given
        fields["severity"] = draw.walk(("1", "3", "5", "0", None))
        fields["additional_info"] = draw.walk(INFORMATION)
        world.do("send_event", fields=fields, stored=stored)


ASKING = tuple(rule.id for rule in asking.RULES)
OTHERS = others.EXERCISED
CONTROL = frozenset({"control"})
SCENARIOS = (
    Scenario(
        "questions",
        "What forms ask a connector",
        ASKING,
        body=questions,
        needs=CONTROL,
        asks=frozenset({"getChoices"}),
        share=0.4,
    ),
    Scenario(
        "other-questions",
        "What the forms of the other connectors ask",
        ASKING,
        body=other_questions,
        needs=others.SIR_NEEDS | others.ITOM_NEEDS,
        share=0.2,
    ),
    Scenario(
        "misconfigured",
        "Settings that cannot work",
        ASKING,
        body=misconfigured,
        needs=CONTROL,
        asks=frozenset({"settings"}),
        cards=len(MISCONFIGURED),
    ),
    Scenario(
        "bad-parameters",
        "Parameters that cannot work",
        ASKING,
        body=bad_parameters,
        needs=CONTROL,
        asks=frozenset({"parameters"}),
        share=0.1,
        cards=-(-len(OF_INCIDENTS) // IN_A_ROW),
    ),
    Scenario(
        "other-bad-parameters",
        "Parameters of the other connectors that cannot work",
        ASKING,
        body=other_bad_parameters,
        needs=CONTROL | others.SIR_NEEDS | others.ITOM_NEEDS,
        asks=frozenset({"parameters", ".servicenow-sir", ".servicenow-itom"}),
        share=0.1,
        cards=-(-(len(OF_SECURITY) + len(OF_EVENTS)) // IN_A_ROW),
    ),
    Scenario(
        "security",
        "Security incidents with observables",
        OTHERS,
        body=security,
        needs=others.SIR_NEEDS,
        asks=frozenset({".servicenow-sir"}),
        share=0.7,
    ),
    Scenario(
        "events",
        "Events for event management",
        OTHERS,
        body=events,
        needs=others.ITOM_NEEDS,
        asks=frozenset({".servicenow-itom"}),
        cards=len(TIMES),
    ),
)
