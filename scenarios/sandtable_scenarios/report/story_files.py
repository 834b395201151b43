"""Each finding's story as a file that can be played again."""

from __future__ import annotations

from pathlib import Path

from sandtable_scenarios.stage.events import Event, FindingFound
from sandtable_scenarios.stage.stories import ScenarioFile


class StoryFiles:
    """Saves the story of every finding in a folder, one YAML file each."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def __call__(self, event: Event) -> None:
        if isinstance(event, FindingFound):
            finding = event.finding
            ScenarioFile(finding.scenario, finding.rule.id, finding.story, finding.expected, finding.actual).save(
                self._folder / f"{finding.name}.yaml"
            )
