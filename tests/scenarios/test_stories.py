"""Stories as data: saved, read, printed, and turned into curl lines without secrets."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from sandtable_scenarios.expected import KnownError, load_known
from sandtable_scenarios.report.curl import curl_lines, preamble
from sandtable_scenarios.stage.evidence import assumed
from sandtable_scenarios.stage.findings import Known, Rule, Severity, When
from sandtable_scenarios.stage.stories import ScenarioFile, Step, Story, StoryError, load_scenario, story_from_dict
from sandtable_scenarios.stage.world import Halt, StoryOver, Watch, World

pytestmark = pytest.mark.ours("a story that is saved is the story that is read, and no secret is printed")

STORY = Story((Step("push", {"correlation_id": "a\n^🙂", "comments": ["x"]}), Step("wait", {"seconds": 1})), {"a": 1})


def test_a_story_survives_its_file(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "story.yaml"
    ScenarioFile("correlation", "close.closes", STORY, "expected", "actual").save(path)
    read = load_scenario(path)
    assert (read.scenario, read.rule, read.story) == ("correlation", "close.closes", STORY)
    assert story_from_dict(STORY.as_dict()) == STORY


def test_a_story_is_a_program() -> None:
    assert STORY.as_program().splitlines() == [
        "world = begin(a=1)",
        "world.push(correlation_id='a\\n^🙂', comments=['x'])",
        "world.wait(seconds=1)",
    ]


@pytest.mark.parametrize(
    "data, text",
    [
        ([], "a story is a mapping"),
        ({"steps": "push"}, "'steps' must be a list"),
        ({"steps": [{}]}, "step 1 needs an 'action' name"),
        ({"steps": [{"action": "push", "argument": {}}]}, "unknown keys"),
        ({"steps": [{"action": "push", "arguments": []}]}, "'arguments' must be a mapping|needs an 'action'"),
        ({"format": 99, "steps": []}, "format 99 is not known"),
        ({"setting": [1], "steps": []}, "'setting' must be a mapping"),
    ],
)
def test_what_is_no_story_is_refused(data: object, text: str) -> None:
    if data == {"steps": [{"action": "push", "arguments": []}]}:
        assert story_from_dict(data).steps[0].arguments == {}  # an empty list says as little as none at all
        return
    with pytest.raises(StoryError, match=text):
        story_from_dict(data)


@pytest.mark.parametrize(
    "text, message",
    [
        ("[1]", "must map rule ids"),
        ("close.nothing: {reason: x}", "there is no rule 'close.nothing'"),
        ("close.closes: {issue: x}", "close.closes needs a 'reason'"),
        ("close.closes: {reason: x, where: y}", "close.closes has no 'where'"),
        ("close.closes: {reason: x, when: {steps: push}}", "'when' has step, after, found and values"),
        ("close.closes: {reason: x, when: {found: '('}}", "'found' is no regular expression"),
        ("{", "is not YAML"),
    ],
)
def test_a_list_of_known_differences_is_checked(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "known.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(KnownError, match=message):
        load_known(str(path), frozenset({"close.closes"}))


def test_a_known_difference_is_as_narrow_as_its_circumstances(tmp_path: Path) -> None:
    path = tmp_path / "known.yaml"
    when = "{step: close, after: [close_by_hand], found: answer ok, values: {correlation_id: [ordinary, none]}}"
    path.write_text(f"close.closes: {{reason: x, when: {when}}}\n", encoding="utf-8")
    known = load_known(str(path), frozenset({"close.closes"}))["close.closes"]
    by_hand, close = Step("close_by_hand", {"incident": "#0"}), Step("close", {"correlation_id": "r:a"})
    assert known.covers("the answer ok", Story((by_hand, close)))
    assert known.covers("the answer ok", Story((by_hand, Step("close", {}))))
    for actual, *steps in (
        ("an error", by_hand, close),
        ("the answer ok", close),
        ("the answer ok", by_hand, Step("push", {"correlation_id": "r:a"})),
        ("the answer ok", by_hand, Step("close", {"correlation_id": "a^b"})),
        ("the answer ok",),
    ):
        assert not known.covers(actual, Story(tuple(steps)))


def test_another_breach_of_a_known_rule_is_remembered_beside_it(world: World) -> None:
    rule = Rule("c.d", "It holds", Severity.MINOR, assumed("a reason"))
    world.search(Watch(("c.*",)))
    world.known = {"c.d": Known("known so", when=(When(found="y"),))}
    for actual in ("x", "y", "y", "x"):
        world.begin()
        world.do("wait", seconds=0)
        with pytest.raises(StoryOver):
            world.check(rule, holds=False, expected="z", actual=actual)
    assert {name: broken.examples for name, broken in world.broken.items()} == {"c.d": 1, "c.d as known": 2}
    assert world.replay(Story((Step("wait", {"seconds": 0}),)), ("c.d",)) is None
    world.known = {}


def test_curl_lines_hold_no_secret() -> None:
    exchange = {
        "method": "POST",
        "path": "/api/now/import/x",
        "query": "a=b",
        "status": 201,
        "request_headers": {
            "Authorization": "Basic c2VjcmV0",
            "Cookie": "JSESSIONID=secret",
            "X-sn-apikey": "secret",
            "Accept": "application/json",
        },
        "request_body": '{"a": "it\'s"}',
    }
    (line,) = curl_lines([exchange])
    assert "secret" not in line.replace("SECRET", "")
    assert "c2VjcmV0" not in line
    assert '-u "$CONNECTOR"' in line
    assert "JSESSIONID" not in line
    assert "--data-binary" in line
    assert line.endswith("\"$INSTANCE\"'/api/now/import/x?a=b'   # 201")
    assert preamble("https://dev1.example.com")[0] == "INSTANCE=https://dev1.example.com"
    assert "127.0.0.1" in preamble("https://dev00000.service-now.com")[0]


def test_a_world_minds_only_the_rules_it_watches(world: World) -> None:
    rule = Rule("a.b", "It holds", Severity.MINOR, assumed("a reason"), explanation="an explanation")
    world.search(Watch(("a.*",)))
    world.begin()
    world.check(rule, holds=True, expected="x", actual="x")
    with pytest.raises(StoryOver):
        world.check(rule, holds=False, expected="x", actual="y", soft=True)
    assert str(world.broken["a.b"].violation) == "a.b: expected x; found y"
    world.begin()
    world.check(rule, holds=False, expected="x", actual="z", soft=True)
    with pytest.raises(StoryOver):
        world.check(rule, holds=False, expected="x", actual="z")
    assert world.broken["a.b"].violation.actual == "y"
    world.search(Watch(("close.*",)))
    world.begin()
    world.check(rule, holds=False, expected="x", actual="y", soft=True)
    with pytest.raises(StoryOver):
        world.check(rule, holds=False, expected="x", actual="y")
    assert world.broken == {}
    assert world.cut_by == {"a.b"}
    with pytest.raises(Halt, match="there is no action 'dance'"):
        world.do("dance")
    assert yaml.safe_load(yaml.safe_dump(world.coverage.as_dict()))["rules"]["a.b"] == 6


def test_a_story_that_rests_on_a_step_taken_out_of_it_means_nothing(world: World) -> None:
    """Shortening takes steps out one by one, and must not fail for what one of them would have left."""
    assert world.replay(Story((Step("end_token", {"how": "cut"}),))) is None
    world.begin()
    with pytest.raises(KeyError):  # a scenario that forgets a step is told so
        world.do("end_token", how="cut")
