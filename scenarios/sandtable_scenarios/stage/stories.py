"""A story: plain steps that can be played, printed, saved, and played again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

FORMAT = 1


class StoryError(ValueError):
    """A story file that cannot be read; the text names the place and the fix."""


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that somebody does: the name of an action, and its arguments as JSON-ready data."""

    action: str
    arguments: Mapping[str, Any] = field(default_factory=dict)

    def as_call(self) -> str:
        """Return the step as a readable Python call."""
        inner = ", ".join(f"{name}={value!r}" for name, value in self.arguments.items())
        return f"{self.action}({inner})"


@dataclass(frozen=True, slots=True)
class Story:
    """Steps in order, and how the world was set up before the first."""

    steps: tuple[Step, ...] = ()
    setting: Mapping[str, Any] = field(default_factory=dict)

    def then(self, step: Step) -> Story:
        """Return this story with one more step."""
        return Story((*self.steps, step), self.setting)

    def as_program(self) -> str:
        """Return the story as a short program, one call a line."""
        inner = ", ".join(f"{name}={value!r}" for name, value in self.setting.items())
        return "\n".join([f"world = begin({inner})", *(f"world.{step.as_call()}" for step in self.steps)])

    def as_dict(self) -> dict[str, Any]:
        """Return the story as JSON-ready data."""
        return {
            "format": FORMAT,
            "setting": dict(self.setting),
            "steps": [
                {"action": step.action, **({"arguments": dict(step.arguments)} if step.arguments else {})}
                for step in self.steps
            ],
        }


def story_from_dict(data: object, where: str = "story") -> Story:
    """Return the story that ``as_dict`` described; raises StoryError naming what is wrong and where."""
    if not isinstance(data, Mapping):
        raise StoryError(f"{where}: a story is a mapping with 'setting' and 'steps', not {type(data).__name__}")
    if data.get("format", FORMAT) != FORMAT:
        raise StoryError(f"{where}: format {data.get('format')!r} is not known; this version reads format {FORMAT}")
    steps = data.get("steps")
    if not isinstance(steps, list):
        raise StoryError(f"{where}: 'steps' must be a list")
    setting = data.get("setting") or {}
    if not isinstance(setting, Mapping):
        raise StoryError(f"{where}: 'setting' must be a mapping")
    result = []
    for number, raw in enumerate(steps, start=1):
        if not isinstance(raw, Mapping) or not isinstance(raw.get("action"), str):
            raise StoryError(f"{where}: step {number} needs an 'action' name")
        unknown = set(raw) - {"action", "arguments"}
        if unknown:
            raise StoryError(f"{where}: step {number} has unknown keys {sorted(unknown)}; use 'action' and 'arguments'")
        arguments = raw.get("arguments") or {}
        if not isinstance(arguments, Mapping):
            raise StoryError(f"{where}: step {number}: 'arguments' must be a mapping")
        result.append(Step(raw["action"], dict(arguments)))
    return Story(tuple(result), dict(setting))


@dataclass(frozen=True, slots=True)
class ScenarioFile:
    """A saved story with the scenario it belongs to and the rule it once broke."""

    scenario: str
    rule: str
    story: Story
    expected: str = ""
    actual: str = ""

    def save(self, path: Path) -> None:
        """Write the scenario as YAML that people can read and edit."""
        data = {
            "scenario": self.scenario,
            "rule": self.rule,
            "expected": self.expected,
            "actual": self.actual,
            **self.story.as_dict(),
        }
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(yaml.safe_dump(data, sort_keys=False, allow_unicode=True), encoding="utf-8")


def load_scenario(path: Path) -> ScenarioFile:
    """Read a scenario file; raises StoryError naming the file and what is wrong in it."""
    try:
        data = yaml.safe_load(path.read_text(encoding="utf-8"))
    except OSError as problem:
        raise StoryError(f"{path}: cannot be read: {problem.strerror}") from problem
    except (yaml.YAMLError, UnicodeDecodeError) as problem:
        raise StoryError(f"{path}: is not YAML: {problem}") from problem
    if not isinstance(data, Mapping):
        raise StoryError(f"{path}: a scenario file is a mapping with 'scenario', 'rule' and 'steps'")
    for key in ("scenario", "rule"):
        if not isinstance(data.get(key), str):
            raise StoryError(f"{path}: '{key}' is missing or not a text")
    return ScenarioFile(
        data["scenario"],
        data["rule"],
        story_from_dict(data, str(path)),
        str(data.get("expected", "")),
        str(data.get("actual", "")),
    )
