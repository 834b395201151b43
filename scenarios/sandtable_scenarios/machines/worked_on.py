"""Incidents that people fill in between two pushes, and what changes behind a connector's back."""

from __future__ import annotations

from typing import Any

from sandtable_scenarios.checks import asking, closing, correlation, deprecated, notes, rights, signing_in, whole
from sandtable_scenarios.stage.scenarios import Draw, Scenario
from sandtable_scenarios.stage.world import World
from sandtable_scenarios.strategies import incidents, texts

FORMS = ("by name", "by key", "by name, deprecated")
UPDATES = (
    "nothing but a text",
    "one field",
    "comments",
    "additional fields",
    "additional fields beside a null",
    "every field",
    "a close",
)
NAMED = ("by correlation", "by external ID", "by external ID alone")
DAY = 86_400


def _signed_in(world: World, form: str) -> None:
    if form == "by key":
        world.do("use_jwt")
    elif form == "by name, deprecated":
        world.do("use_table_api")


def _update(world: World, draw: Draw, kind: str, named: str) -> None:
    target: dict[str, Any] = {
        "by correlation": {"correlation_id": "r:a"},
        "by external ID": {"correlation_id": "r:a", "external_id": "#0"},
        "by external ID alone": {"external_id": "#0"},
    }[named]
    if kind == "a close":
        world.do("close", **target)
        return
    fields = dict(draw.draw(incidents.fields()))
    # A null says as little as no field at all.
    empty = {"severity": None, "subcategory": None}
    more: dict[str, dict[str, Any]] = {
        "nothing but a text": {},
        "one field": dict(sorted(fields.items())[:1]),
        "comments": {"comments": ["looked again", "and again"]},
        "additional fields": {"additional_fields": {"u_urgency_of_nobody": "1"}},
        "additional fields beside a null": {
            **empty,
            "additional_fields": {"u_severity": "2", "u_subcategory": "email"},
        },
        "every field": fields,
    }
    world.do("push", short_description="again", **target, **more[kind])


def worked_on(world: World, draw: Draw) -> None:
    """People fill in every field of an incident; what the connector does next leaves alone what it does not give."""
    world.begin()
    forms = tuple(form for form in FORMS if form != "by key" or "oauth" in world.instance.capabilities)
    form, kind, named = draw.walk_all(forms, UPDATES, NAMED)
    deprecated_form = form == "by name, deprecated"
    if deprecated_form and "additional" in kind:
        kind = "one field"
    _signed_in(world, form)
    if deprecated_form:
        named = "by external ID"
        world.do("open_by_hand", correlation_id="r:a")
    else:
        world.do("push", correlation_id="r:a", **draw.draw(incidents.fields()))
    world.do("work_on", incident="#0")
    world.do("wait", seconds=draw.walk((1, 600)))
    _update(world, draw, kind, named)
    if draw.walk((False, True)):
        world.do("work_on", incident="#0")
        world.do("close", **({"external_id": "#0"} if deprecated_form else {"correlation_id": "r:a"}))


BEHIND = (
    "edit the incident",
    "close the incident",
    "cancel the incident",
    "delete the incident",
    "relabel the incident",
    "open a twin",
    "reopen the incident",
    "change the password",
    "take a role",
    "lock the user",
    "end the application",
    "another connector with wrong credentials",
    "the same connector with wrong credentials",
    "add a choice",
    "change a choice",
    "edit what was asked for",
    "bring what was looked for",
)
# The sys_id of an incident that comes later, as where somebody takes back that it was deleted.
TO_COME = "5ca1ab1e" * 4
WITH_KEYS = (
    "replace the key",
    "revoke the tokens",
    "another client",
    "another secret, told",
    "another user, told",
    "the same connector with a wrong secret",
    "another connector with a wrong secret",
)


def behind_its_back(world: World, draw: Draw) -> None:
    """Something changes between two equal requests of one process: the second one is about what is true then."""
    world.begin()
    changes = BEHIND + (WITH_KEYS if "oauth" in world.instance.capabilities else ())
    change = draw.walk(changes)
    with_key = change in WITH_KEYS
    if with_key:
        world.do("use_jwt")
    if change in ("add a choice", "change a choice"):
        element = draw.walk(("urgency", "category"))
        world.do("ask_choices", fields=[element])
        if change == "add a choice":
            world.do("add_choice", element=element, language="en")
        else:
            world.do("change_choice", element=element)
        world.do("ask_choices", fields=[element])
        return
    if change == "bring what was looked for":
        world.do("close", external_id=TO_COME)
        world.do("push_to_stranger", external_id=TO_COME, correlation_id="r:a")
        world.do("open_by_hand", correlation_id="r:a", sys_id=TO_COME)
        world.do("ask_incident", incident=TO_COME)
        world.do("push", correlation_id="r:a", external_id=TO_COME, short_description="there it is")
        world.do("close", external_id=TO_COME)
        return
    if change == "edit what was asked for":
        world.do("push", correlation_id="r:a")
        world.do("ask_incident", incident="#0")
        world.do("work_on", incident="#0")
        world.do("ask_incident", incident="#0")
        return
    if change in _ON_INCIDENTS:
        _behind_an_incident(world, draw, change)
        return
    world.do("attempt", about="auth.jwt" if with_key else "auth.basic", should="succeed")
    _behind_the_access(world, draw, change)


_ON_INCIDENTS = BEHIND[:7]


def _behind_an_incident(world: World, draw: Draw, change: str) -> None:
    # Closed without a code, an incident can be edited no more where a policy asks for one.
    closes = draw.walk((False, True, False)) and change not in ("edit the incident", "relabel the incident")
    # Equal pushes: the same fields, the same texts.
    for _ in range(draw.walk((1, 2))):
        world.do("push", correlation_id="r:a", short_description="CPU is high", impact="2")
    if change == "reopen the incident" or closes:
        world.do("close", correlation_id="r:a")
    if change == "edit the incident":
        world.do("edit_by_hand", incident="#0", short_description="Looked at", impact="1")
    elif change == "close the incident":
        world.do("close_by_hand", incident="#0")
    elif change == "cancel the incident":
        world.do("cancel_by_hand", incident="#0")
    elif change == "delete the incident":
        world.do("delete_by_hand", incident="#0")
    elif change == "relabel the incident":
        world.do("relabel_by_hand", incident="#0", correlation_id="r:other")
    elif change == "open a twin":
        world.do("open_by_hand", correlation_id="r:a")
    else:
        world.do("reopen_by_hand", incident="#0")
    world.do("push", correlation_id="r:a", short_description="CPU is high", impact="2")
    world.do("close", correlation_id="r:a")


def _behind_the_access(world: World, draw: Draw, change: str) -> None:
    refused = {"should": "fail", "text": "again"}
    if change == "change the password":
        # Blanks at the ends are characters of a password as good as any.
        world.do("change_password", password=" changed behind its back ")
        world.do("attempt", about="auth.basic", should="succeed", text="with the new password")
        world.do("change_password", password="changed once more", told=False)
        world.do("attempt", about="auth.basic-refused", **refused)
    elif change == "take a role":
        role = rights.ROLES[0]
        world.do("take_role", role=role)
        world.do("attempt", about="rights.role-removed", **refused)
        world.do("give_role", role=role)
        world.do("attempt", about="rights.restored", should="succeed", text="with the role")
    elif change == "lock the user":
        world.do("set_user", column="locked_out", value="true")
        world.do("attempt", about="rights.inactive-user", **refused)
        world.do("set_user", column="locked_out", value="false")
        world.do("insist", about="rights.restored", text="back again")
    elif change == "end the application":
        world.do("switch", name="sandtable.elastic_itsm.health", value=draw.walk(("404", "403")))
        world.do("attempt", about="faults.honest", **refused)
    elif change == "another connector with wrong credentials":
        world.do("as_another_connector", connector_id="rehearsal-second", wrong="password")
        world.do("attempt", about="auth.separate-tokens", **refused)
    elif change == "the same connector with wrong credentials":
        world.do("use_basic", wrong=draw.walk(("password", "user")))
        world.do("attempt", about="auth.basic-refused", **refused)
        world.do("use_basic")
        world.do("attempt", about="auth.basic", should="succeed", text="right again")
    elif change == "replace the key":
        world.do("replace_key", told=True)
        world.do("revoke_tokens")
        world.do("insist", about="auth.key-rotation", text="with the new key", tries=2)
    elif change == "revoke the tokens":
        world.do("revoke_tokens")
        world.do("insist", about="auth.token-revoked", text="with a new token", tries=2)
    elif change == "another client":
        world.do("use_jwt", another=True)
        world.do("attempt", about="auth.jwt", should="succeed", text="as another client")
    elif change == "another secret, told":
        world.do("change_client_secret", told=True)
        world.do("revoke_tokens")
        world.do("insist", about="auth.jwt", text="with the new secret", tries=2)
    elif change == "another user, told":
        world.do("as_another_user")
        world.do("push_as_told")
    elif change == "the same connector with a wrong secret":
        world.do("as_another_connector", connector_id="rehearsal-oauth", wrong="client secret")
        world.do("revoke_tokens")
        world.do("attempt", about="auth.jwt-refused", **refused)
    else:
        world.do("as_another_connector", connector_id="rehearsal-second", wrong="client secret")
        world.do("attempt", about="auth.separate-tokens", **refused)


def long_ago(world: World, draw: Draw) -> None:
    """An alert goes on for more than a year: its incident is found all the same."""
    world.begin()
    world.do("push", correlation_id="r:a")
    world.do("wait", seconds=draw.walk((400, 40, 8)) * DAY)
    if draw.walk((False, True)):
        world.do("open_by_hand", correlation_id="r:b")
    if draw.walk((True, False)):
        world.do("push", correlation_id="r:a", short_description="still")
    world.do("close", correlation_id="r:a")


MANY = (12, 26, 105)


def many(world: World, draw: Draw) -> None:
    """So many incidents have one ID that they fill more than a page; the one that is open is the oldest."""
    world.begin()
    world.do("open_many", correlation_id="r:a", count=draw.walk(MANY))
    world.do("close", correlation_id="r:a")


def twins(world: World, draw: Draw) -> None:
    """IDs that differ in the blanks at their ends only, and incidents of one ID of which the younger is named."""
    world.begin()
    plain, padded = "r:a", draw.walk(texts.BLANK_ENDS)
    order = draw.walk(((plain, padded), (padded, plain)))
    named = draw.walk((False, False, True))
    if named:
        for _ in range(2):
            world.do("open_by_hand", correlation_id=plain)
        world.do("push", correlation_id=plain, short_description="for one of them")
        world.do("push", correlation_id=plain, external_id="#1", short_description="for the younger one")
        world.do("close", correlation_id=plain, external_id=draw.walk(("#0", "#1")))
        return
    for correlation_id in order:
        world.do("push", correlation_id=correlation_id)
    world.do("push", correlation_id=order[0], short_description="again")
    world.do("close", correlation_id=order[draw.walk((0, 1))])


PUSHES = tuple(rule.id for rule in (*correlation.RULES, *closing.RULES, *notes.RULES, *whole.RULES))
ACCESS = tuple(rule.id for rule in (*signing_in.RULES, *rights.RULES, *asking.RULES))
CONTROL, CLOCK = frozenset({"control"}), frozenset({"control", "clock"})
CLOSES = frozenset({"pushToService", "closeIncident"})
SCENARIOS = (
    Scenario(
        "worked-on",
        "Incidents that people fill in between two pushes",
        (*PUSHES, *(rule.id for rule in deprecated.RULES)),
        body=worked_on,
        needs=CLOCK,
        asks=frozenset({"pushToService"}),
        cards=len(FORMS) * len(UPDATES),
    ),
    Scenario(
        "behind-its-back",
        "What changes between two equal requests of one process",
        (*PUSHES, *ACCESS, "faults.honest"),
        body=behind_its_back,
        needs=CONTROL | {"switches"},
        asks=frozenset({"pushToService"}),
        cards=len(BEHIND) + len(WITH_KEYS),
        share=2,
    ),
    Scenario("long-ago", "Incidents of last year", PUSHES, body=long_ago, needs=CLOCK, asks=CLOSES, share=0.1, cards=3),
    Scenario(
        "many",
        "More incidents of one ID than a page holds",
        PUSHES,
        body=many,
        needs=CONTROL,
        asks=CLOSES,
        share=0.05,
        cards=3,
    ),
    Scenario(
        "twins",
        "IDs that differ in blanks only, and incidents that share one",
        PUSHES,
        body=twins,
        needs=CONTROL,
        asks=CLOSES,
        cards=len(texts.BLANK_ENDS) * 2,
    ),
)
