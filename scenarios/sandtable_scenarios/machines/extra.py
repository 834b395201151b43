"""Cases, deprecated connectors and additional fields."""

from __future__ import annotations

import json

from hypothesis import strategies as st

from sandtable_scenarios.checks import additional, closing, correlation, deprecated, notes
from sandtable_scenarios.stage.scenarios import Draw, Scenario
from sandtable_scenarios.stage.world import World
from sandtable_scenarios.strategies import incidents, texts

FORBIDDEN = (
    "short_description",
    "description",
    "externalId",
    "category",
    "subcategory",
    "correlation_id",
    "correlation_display",
    "additional_fields",
)


def cases(world: World, draw: Draw) -> None:
    """Two cases are pushed, talked about, edited and pushed again; each keeps its own incident."""
    world.begin()
    known: dict[str, list[dict[str, str]]] = {"case-1": [], "case-2": []}
    for _ in range(draw.draw(st.integers(2, 4))):
        case = draw.walk(sorted(known))
        comments = known[case]
        edits = draw.walk((False, True))
        if comments and edits:
            place = draw.draw(st.integers(0, len(comments) - 1))
            comments[place] = {"id": comments[place]["id"], "text": comments[place]["text"] + ", edited"}
        else:
            comments += [
                {"id": f"{case}-{len(comments) + place}", "text": text}
                for place, text in enumerate(draw.draw(texts.comments()))
            ]
        if draw.walk((False, True)):
            world.do("restart_connector")
        title = draw.draw(texts.descriptions())
        world.do("push_case", case=case, title=title, comments=[dict(entry) for entry in comments])


def old_connector(world: World, draw: Draw) -> None:
    """A connector from before the application creates, updates and closes over the Table API."""
    world.begin()
    world.do("use_table_api", told=draw.walk((False, True)))
    for _ in range(draw.draw(st.integers(1, 3))):
        world.do("push_deprecated", correlation_id=draw.walk(("r:a", "r:b", None)))
    world.do("push_deprecated", correlation_id="r:a", external_id="#0", text="by sys_id")
    if draw.walk((False, True)):
        world.do("close_by_hand", incident="#0")
    for _ in range(2):
        world.do("close_deprecated", correlation_id=draw.walk(("r:a", "r:b")))
    world.do("push_additional_deprecated", fields=draw.walk(({}, {"u_urgency": "1"})))


def opened(world: World, draw: Draw) -> None:
    """New incidents of a connector that signs in by name or by key, or that is deprecated: who opened them."""
    world.begin()
    forms = ("by name", "deprecated", *(("by key",) if "oauth" in world.instance.capabilities else ()))
    form = draw.walk(forms)
    if form == "deprecated":
        world.do("use_table_api")
    elif form == "by key":
        world.do("use_jwt")
    world.do("open_as_connector", correlation_id=draw.walk(("r:a", "r:b")))


ZONES = ("Asia/Kolkata", "America/St_Johns", "Pacific/Auckland")


def zones(world: World, draw: Draw) -> None:
    """The connector's machine is somewhere else: what it reports of times is what the instance wrote."""
    world.begin()
    world.do("move_connector", zone=draw.walk(ZONES))
    if "oauth" in world.instance.capabilities and draw.walk((False, True)):
        world.do("use_jwt")
    world.do("push", correlation_id="r:a")
    world.do("wait", seconds=draw.walk((1, 120)))
    if draw.walk((False, True)):
        world.do("push", correlation_id="r:a", external_id="#0", short_description="by sys_id")
    world.do("push", correlation_id="r:a", short_description="again", comments=draw.draw(texts.comments()))
    world.do("close", correlation_id="r:a")


def empty_external_id(world: World, draw: Draw) -> None:
    """A push whose external ID rendered to nothing, by a connector that is deprecated or not."""
    world.begin()
    world.do("push", correlation_id="r:a")
    world.do("push", correlation_id="r:b")
    if draw.walk((False, True)):
        world.do("use_table_api")
    world.do("push_for_no_id", correlation_id=draw.walk(("r:a", "r:b", "r:c", None)))


# As many as there may be, and values of every kind that JSON has.
PLENTY: tuple[dict[str, object], ...] = (
    {f"u_{number}": str(number) for number in range(20)},
    {"u_flag": True, "u_count": 7, "u_ratio": 0.5, "u_nothing": None, "u_text": "語 ^ & 'x'"},
    {"u_empty": "", "u_blank": "  ", "u_zero": 0, "u_no": False, "u_none": []},
    {"u_list": ["a", "b"], "u_inner": {"a": {"b": "c"}}, "work_notes": "a\r\nb"},
    {},
)


def more_fields(world: World, draw: Draw) -> None:
    """Additional fields as an object and as JSON text, with values that hurt, for new and known incidents."""
    world.begin()
    note = draw.draw(texts.descriptions())
    column = draw.walk(("u_close_notes_of_nobody", "u_urgency", "u_state"))
    values = {"u_urgency": "2", "u_state": "2", "u_close_notes_of_nobody": note}
    fields = {column: values[column]}
    stored = {"u_urgency": {}, "u_state": {"state": "2"}, "u_close_notes_of_nobody": {}}[column]
    for external_id in (None, draw.walk((None, "#0"))):
        given = draw.walk((fields, json.dumps(fields)))
        world.do("push_additional", fields=given, expected=stored, external_id=external_id)
    many = draw.walk(PLENTY)
    world.do("push_additional", fields=draw.walk((many, json.dumps(many))), expected={})


# Every column that a field of the form fills, or that a connector fills by itself.
OWN = ("short_description", "correlation_id", *incidents.SAMPLES, "caller_id", "opened_by")


def colliding_fields(world: World, draw: Draw) -> None:
    """Additional fields that have the staging names of the incident's own fields, given there or not."""
    world.begin()
    for _, (name, given) in draw.walk_on(4, OWN, (False, True)):
        fields = {name: incidents.SAMPLES[name]} if given and name in incidents.SAMPLES else {}
        world.do("push_overriding", fields={f"u_{name}": "x"}, **fields)


UNACCEPTABLE: tuple[object, ...] = (
    {f"u_{number}": "x" for number in range(21)},
    *({name: "x"} for name in FORBIDDEN),
    *(json.dumps({"u_urgency": "1", name: "x"}) for name in FORBIDDEN),
    *("{", "not JSON", "[1]", '"text"', "{'a': 'b'}", "5", "true"),
)


def unacceptable_fields(world: World, draw: Draw) -> None:
    """Additional fields that cannot be accepted."""
    world.begin()
    for _, (fields,) in draw.walk_on(4, UNACCEPTABLE):
        world.do("push_unacceptable", fields=fields)


EXTRA = tuple(rule.id for rule in additional.RULES)
PUSHES = tuple(rule.id for rule in (*correlation.RULES, *notes.RULES))
OLD = (*(rule.id for rule in deprecated.RULES), *(rule.id for rule in closing.RULES), *PUSHES)
SCENARIOS = (
    Scenario("cases", "Cases are pushed, edited and pushed again", PUSHES, body=cases, share=0.7),
    Scenario(
        "deprecated",
        "A deprecated connector creates, updates and closes",
        OLD,
        body=old_connector,
        needs=frozenset({"control"}),
        share=0.7,
    ),
    Scenario("opened-by", "Who opened a new incident", PUSHES, body=opened, needs=correlation.OPENED.needs, share=0.2),
    Scenario(
        "time-zones",
        "A connector on a machine in another time zone",
        (*PUSHES, *(rule.id for rule in closing.RULES)),
        body=zones,
        needs=frozenset({"control", "clock"}),
        share=0.3,
    ),
    Scenario(
        "empty-external-id",
        "An external ID that rendered to nothing",
        OLD,
        body=empty_external_id,
        needs=correlation.NO_ID.needs,
        share=0.2,
    ),
    Scenario("additional-fields", "Additional fields that are fine", EXTRA, body=more_fields, share=0.7),
    Scenario(
        "colliding-fields",
        "Additional fields that collide with others",
        EXTRA,
        body=colliding_fields,
        share=0.1,
        cards=6,
    ),
    Scenario(
        "unacceptable-fields",
        "Additional fields that are refused",
        EXTRA,
        body=unacceptable_fields,
        share=0.1,
        cards=-(-len(UNACCEPTABLE) // 4),
    ),
)
