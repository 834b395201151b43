"""The story of the demo: what happens, in files, and what is to come of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from sandtable_connector.rules import ActionCall, Alert, RuleRunner, read_alerts, read_rules
from sandtable_connector.settings.kibana_yml import KibanaSettings, read_kibana_yml

FOLDER = Path(__file__).parents[3] / "fixtures" / "alerts"


@dataclass(frozen=True, kw_only=True)
class Expected:
    """One step of story.yml: which call or whose hand, and how it is to end."""

    outcome: str
    incident: str = ""
    state: str = ""
    alert: int = 0
    call: str = ""
    comments: int | None = None


@dataclass(frozen=True, kw_only=True)
class Step:
    """One step to play: an alert with the calls that the rules make of it, or a person at work (`calls` is empty)."""

    expected: Expected
    alert: Alert | None
    calls: tuple[ActionCall, ...]
    kibana: KibanaSettings


@dataclass(frozen=True, kw_only=True)
class Story:
    """Everything that the files of a story say; `end` is the state of each named incident when it is over.

    `why_open` says of an incident that is still open then why it is.
    """

    folder: Path
    alerts: tuple[Alert, ...]
    expected: tuple[Expected, ...]
    end: Mapping[str, str]
    why_open: Mapping[str, str] = field(default_factory=dict)

    def steps(self, url: str) -> Iterator[Step]:
        """Yield the steps in order, with the calls that the rules make of each alert.

        Raises ValueError when the rules ask for other calls than the story tells of.
        """
        kibana = read_kibana_yml(self.folder / "kibana.yml", {"SANDTABLE_URL": url})
        calls: dict[int, list[ActionCall]] = {}
        for call in RuleRunner(read_rules(self.folder / "rules.yml")).calls(self.alerts):
            calls.setdefault(call.position, []).append(call)
        told = {each.alert for each in self.expected if each.alert}
        if told != set(calls):
            raise ValueError(f"story.yml tells of alerts {sorted(told)}, the rules act on {sorted(calls)}")
        for each in self.expected:
            alert = self.alerts[each.alert - 1] if each.alert else None
            yield Step(expected=each, alert=alert, calls=tuple(calls.get(each.alert, ())), kibana=kibana)


def read_story(folder: str | Path) -> Story:
    """Return the story in a folder. Raises OSError and ValueError for files that cannot be read."""
    folder = Path(folder)
    with (folder / "alerts.jsonl").open(encoding="utf-8") as lines:
        alerts = tuple(read_alerts(lines))
    told: dict[str, Any] = yaml.safe_load((folder / "story.yml").read_text(encoding="utf-8"))
    return Story(
        folder=folder,
        alerts=alerts,
        expected=tuple(_expected(each) for each in told["steps"]),
        end=told["end"],
        why_open=told.get("why_open", {}),
    )


def _expected(entry: Mapping[str, Any]) -> Expected:
    if "by_hand" in entry:
        entry = {**{key: value for key, value in entry.items() if key != "by_hand"}, "outcome": "closed by hand"}
    return Expected(**entry)
