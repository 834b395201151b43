"""What matters in a story that breaks a rule, and what does not: the story is varied, and told again."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from sandtable_scenarios.search.shortening import IDS
from sandtable_scenarios.stage.pictures import SWITCHES
from sandtable_scenarios.stage.stories import Step, Story

ORDINARY = re.compile(r"[A-Za-z0-9:_ -]*")


@dataclass(frozen=True, slots=True)
class Variation:
    """One way to tell a story differently.

    what      what is varied, as it is named in a report
    story     the story as varied
    matters   what it means when the rule holds then
    advice    what to look at when it does
    """

    what: str
    story: Story
    matters: str
    advice: str = ""


def _changed(story: Story, change: Callable[[Step], Step]) -> Story:
    return Story(tuple(change(step) for step in story.steps), story.setting)


def with_plain_ids(story: Story) -> Story:
    """Return a story with ordinary IDs in the place of its odd or long ones; IDs that are one ID stay one."""
    plain: dict[str, str] = {}

    def named(value: Any) -> Any:
        if not isinstance(value, str) or not value.strip():
            return value
        return plain.setdefault(value.casefold(), f"r:{len(plain) + 1}")

    return _changed(
        story,
        lambda step: Step(
            step.action, {name: named(value) if name in IDS else value for name, value in step.arguments.items()}
        ),
    )


def _is_odd(story: Story) -> bool:
    values = [step.arguments[name] for step in story.steps for name in IDS & set(step.arguments)]
    return any(isinstance(value, str) and (not ORDINARY.fullmatch(value) or len(value) > 60) for value in values)


def _renamed(story: Story, old: str, new: str) -> Story:
    return _changed(story, lambda step: Step(new if step.action == old else step.action, step.arguments))


def _with_restart(story: Story) -> Story:
    return Story((*story.steps[:-1], Step("restart_connector"), *story.steps[-1:]), story.setting)


def _with_property(story: Story, name: str, value: str) -> Story:
    properties = {**(story.setting.get("properties") or {}), SWITCHES + name: value}
    return Story(story.steps, {**story.setting, "properties": properties})


def _without_arguments(story: Story, *names: str) -> Story:
    return _changed(
        story, lambda step: Step(step.action, {key: each for key, each in step.arguments.items() if key not in names})
    )


def variations(story: Story) -> Iterator[Variation]:
    """Yield the ways in which a story can be told differently."""
    actions = [step.action for step in story.steps]
    if _is_odd(story):
        yield Variation(
            "the characters or the length of the ID",
            with_plain_ids(story),
            "with an ordinary ID the rule holds",
            "Look at each place where the ID is escaped, cut, compared or put into an address.",
        )
    for ended, other in (
        ("close_by_hand", "resolve_by_hand"),
        ("close_by_hand", "cancel_by_hand"),
        ("cancel_by_hand", "close_by_hand"),
        ("resolve_by_hand", "close_by_hand"),
    ):
        if ended in actions:
            ended_as = {"close": "closed", "resolve": "resolved", "cancel": "canceled"}
            one, two = ended_as[ended.partition("_")[0]], ended_as[other.partition("_")[0]]
            yield Variation(
                f"that the incident is {one} and not {two}",
                _renamed(story, ended, other),
                f"with an incident that is {two} the rule holds",
                "Look at which states count as open.",
            )
    if len(actions) > 1 and "restart_connector" not in actions:
        yield Variation(
            "what the connector's process remembers",
            _with_restart(story),
            "after a restart before the last step the rule holds",
            "Look at what is kept in memory between two runs, and under which name.",
        )
    if "wait" in actions:
        yield Variation(
            "the time that passes",
            Story(tuple(step for step in story.steps if step.action != "wait"), story.setting),
            "at once the rule holds",
            "Look at limits of time, and at which date is taken.",
        )
    if any(step.arguments.get("comments") for step in story.steps):
        yield Variation("the comments", _without_arguments(story, "comments", "comment_ids"), "without them it holds")
    for switch, setting, words in (
        ("coalesce_closed_incidents", "false", "an instance that makes a new incident where the old one is closed"),
        ("several_matches", "newest", "an instance that updates the newest of several incidents"),
    ):
        if (story.setting.get("properties") or {}).get(SWITCHES + switch) is None and len(actions) > 1:
            yield Variation(
                "how the instance is set up", _with_property(story, switch, setting), f"on {words} the rule holds"
            )
