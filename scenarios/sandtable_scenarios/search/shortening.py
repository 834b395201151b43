"""Making a story shorter, as a program: steps are taken out, arguments made simpler, as long as it breaks its rule."""

from __future__ import annotations

import inspect
import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from sandtable_scenarios.stage.stories import Step, Story

Breaks = Callable[[Story], bool]
PLAIN_ID, OTHER_PLAIN_ID = "r:a", "r:b"
# Arguments whose values can be replaced by simpler ones without another meaning of the step.
IDS = frozenset({"correlation_id", "first", "second"})
TEXTS = frozenset({"short_description", "text", "description", "note", "title", "correlation_display"})
PARTS = frozenset({"comments", "comment_ids", "fields", "additional_fields", "observables", "values", "steps"})
NUMBERS = frozenset({"seconds", "size", "count"})
PLACES = frozenset({"incident", "external_id"})
LONGEST_TRIED = 40
"""Texts that are longer are cut by halves only, not by single characters."""


class OutOfTries(Exception):
    """All replays that may be spent are spent."""


class Shortener:
    """Shortens one story; ``breaks`` says whether a story still breaks its rule, and is asked ``tries`` times at most.

    With ``any_argument`` each argument that has a default may go; without, only those whose meaning is known.
    """

    def __init__(
        self, breaks: Breaks, actions: Mapping[str, Callable[..., Any]], *, tries: int, any_argument: bool
    ) -> None:
        self._ask = breaks
        self._actions = actions
        self._tries = tries
        self._any_argument = any_argument
        self._known: dict[str, bool] = {}
        self.is_complete = False

    def shortened(self, story: Story) -> Story:
        """Return a story that breaks the rule and of which no single step or argument can go."""
        try:
            while True:
                before = _key(story)
                story = self._without_steps(story)
                story = self._without_settings(story)
                story = self._simpler(story)
                if _key(story) == before:
                    self.is_complete = True
                    return story
        except OutOfTries as end:
            best: Story = end.args[0]
            return best

    def _breaks(self, candidate: Story, best: Story) -> bool:
        key = _key(candidate)
        if key not in self._known:
            if len(self._known) >= self._tries:
                raise OutOfTries(best)
            self._known[key] = self._ask(candidate)
        return self._known[key]

    def _without_steps(self, story: Story) -> Story:
        size = max(1, len(story.steps) // 2)
        while size:
            start = len(story.steps) - size
            while start >= 0:
                for candidate in _without(story, start, size):
                    if self._breaks(candidate, story):
                        story = candidate
                        break
                start = min(start, len(story.steps)) - (size if size > 1 else 1)
            size //= 2
        return story

    def _without_settings(self, story: Story) -> Story:
        for setting in _smaller_mappings(story.setting):
            candidate = Story(story.steps, setting)
            if self._breaks(candidate, story):
                return self._without_settings(candidate)
        return story

    def _simpler(self, story: Story) -> Story:
        # One ID for all steps that have it, so that what belongs together stays together.
        for old in sorted({str(step.arguments[name]) for step in story.steps for name in IDS & set(step.arguments)}):
            for new in simpler_ids(old):
                candidate = _with_id(story, old, new)
                if _key(candidate) != _key(story) and self._breaks(candidate, story):
                    story = candidate
                    break
        story = self._without_shared(story)
        for place in range(len(story.steps)):
            story = self._simpler_step(story, place)
        return story

    def _without_shared(self, story: Story) -> Story:
        """Leave an argument out of all steps at once: those that must be alike would not be, one by one."""
        for name in sorted({name for step in story.steps for name in step.arguments}):
            holders = [step for step in story.steps if name in step.arguments]
            known = self._any_argument or name in IDS | TEXTS | PARTS | NUMBERS | PLACES
            optional = all(_has_default(self._actions.get(step.action), name) for step in holders)
            if len(holders) > 1 and known and optional:
                steps = tuple(
                    Step(step.action, {key: each for key, each in step.arguments.items() if key != name})
                    for step in story.steps
                )
                candidate = Story(steps, story.setting)
                if self._breaks(candidate, story):
                    story = candidate
        return story

    def _simpler_step(self, story: Story, place: int) -> Story:
        for arguments in self._simpler_arguments(story.steps[place]):
            step = Step(story.steps[place].action, arguments)
            candidate = Story((*story.steps[:place], step, *story.steps[place + 1 :]), story.setting)
            if self._breaks(candidate, story):
                return self._simpler_step(candidate, place)
        return story

    def _simpler_arguments(self, step: Step) -> Iterator[dict[str, Any]]:
        action = self._actions.get(step.action)
        for name, value in step.arguments.items():
            others = {key: each for key, each in step.arguments.items() if key != name}
            known = name in IDS | TEXTS | PARTS | NUMBERS | PLACES
            if (known or self._any_argument) and _has_default(action, name):
                yield others
            for simpler in _simpler_values(name, value):
                yield {key: simpler if key == name else each for key, each in step.arguments.items()}


def _without(story: Story, start: int, size: int) -> Iterator[Story]:
    """Yield the story without some steps, also with places counted anew where those steps made incidents."""
    before, after = story.steps[:start], story.steps[start + size :]
    if before or after:
        yield Story((*before, *after), story.setting)
    for less in range(1, size + 1):
        moved = tuple(_counted_anew(step, less) for step in after)
        if moved != after:
            yield Story((*before, *moved), story.setting)


def _counted_anew(step: Step, less: int) -> Step:
    return Step(
        step.action,
        {
            name: f"#{max(0, int(value[1:]) - less)}"
            if name in PLACES and isinstance(value, str) and value.startswith("#") and value[1:].isdigit()
            else value
            for name, value in step.arguments.items()
        },
    )


def _key(story: Story) -> str:
    return json.dumps(story.as_dict(), sort_keys=True, default=str)


def _has_default(action: Callable[..., Any] | None, name: str) -> bool:
    if action is None:
        return False
    parameters = inspect.signature(action).parameters
    found = parameters.get(name)
    if found is None:
        return any(each.kind is inspect.Parameter.VAR_KEYWORD for each in parameters.values())
    return found.default is not inspect.Parameter.empty


def _with_id(story: Story, old: str, new: str) -> Story:
    steps = tuple(
        Step(
            step.action,
            {name: new if name in IDS and value == old else value for name, value in step.arguments.items()},
        )
        for step in story.steps
    )
    return Story(steps, story.setting)


def simpler_ids(text: str) -> Iterator[str]:
    """Yield simpler IDs than one; following them always comes to an end."""
    if text in ("None", PLAIN_ID) or len(text) <= 1:
        return
    if len(text) > len(PLAIN_ID) or not text.isalnum():
        yield PLAIN_ID
        if text == OTHER_PLAIN_ID:
            return  # a part of it, such as `:b`, is not simpler: one would follow upon the other for ever
        yield OTHER_PLAIN_ID
    yield from _shorter(text)


def _shorter(text: str) -> Iterator[str]:
    half = len(text) // 2
    if half:
        yield text[half:]
        yield text[:half]
    if len(text) <= LONGEST_TRIED:
        for place in range(len(text)):
            yield text[:place] + text[place + 1 :]


def _simpler_values(name: str, value: Any) -> Iterator[Any]:
    if name in TEXTS and isinstance(value, str) and value not in ("x", ""):
        yield "x"
        if len(value) > LONGEST_TRIED:
            yield from (value[: len(value) // 2], value[len(value) // 2 :])
    elif name in PARTS:
        yield from _smaller(value)
    elif name in NUMBERS and isinstance(value, int | float) and not isinstance(value, bool):
        yield from (simpler for simpler in (0, 1, 2, value // 2) if simpler < value)
    elif name in PLACES and isinstance(value, str) and value.startswith("#"):
        yield from (f"#{place}" for place in range(int(value[1:]) if value[1:].isdigit() else 0))


def _smaller(value: Any) -> Iterator[Any]:
    if isinstance(value, Mapping):
        yield from _smaller_mappings(value)
        for name, inner in value.items():
            if isinstance(inner, list | tuple | Mapping):
                yield from ({**value, name: simpler} for simpler in _smaller(inner))
    elif isinstance(value, list | tuple):
        for place in range(len(value)):
            yield [*value[:place], *value[place + 1 :]]
        for place, inner in enumerate(value):
            if isinstance(inner, str) and len(inner) > 1:
                yield [*value[:place], "x", *value[place + 1 :]]


def _smaller_mappings(value: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    for name, inner in value.items():
        yield {key: each for key, each in value.items() if key != name}
        if isinstance(inner, Mapping):
            yield from ({**value, name: simpler} for simpler in _smaller_mappings(inner))
