"""The run for build servers that show findings where people read their changes: SARIF 2.1.0, GitHub annotations."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import quote

from sandtable_scenarios.stage.events import Event, RunFinished
from sandtable_scenarios.stage.findings import Finding, Severity

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
LEVELS = {Severity.CRITICAL: "error", Severity.MAJOR: "error", Severity.MINOR: "warning"}
COMMANDS = {"error": "error", "warning": "warning", "note": "notice"}


def level_of(finding: Finding) -> str:
    """Return the SARIF level of a finding; an expected difference is a note."""
    return "note" if finding.known else LEVELS[finding.rule.severity]


def as_sarif(finished: RunFinished) -> dict[str, Any]:
    """Return a finished run as a SARIF log: one run, a rule for each that was looked for, a result for each finding."""
    rules = [
        {
            "id": rule.id,
            "shortDescription": {"text": rule.title},
            "fullDescription": {"text": rule.explanation},
            "properties": {"severity": rule.severity.value, "judges": rule.judges, "evidence": str(rule.evidence)},
        }
        for rule in finished.rules
    ]
    results = [
        {
            "ruleId": finding.rule.id,
            "level": level_of(finding),
            "message": {
                "text": f"expected {finding.expected}; found {finding.actual}\n\n{finding.story.as_program()}"
                + "".join(f"\n{note}" for note in finding.notes)
            },
            "locations": [_location(*_program(finished))],
            "partialFingerprints": {"rule/v1": finding.rule.id},
        }
        for finding in finished.findings
    ]
    return {
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [{"tool": {"driver": {"name": "sandtable rehearse", "rules": rules}}, "results": results}],
    }


def _program(finished: RunFinished) -> tuple[str, str]:
    """Return the connector as what was run, and the file of its program, empty where there is none below this folder.

    A connector is behaviour; but what shows findings beside code wants a file.
    """
    connector = finished.started.connector if finished.started else "connector"
    words = connector.removeprefix("cmd:").split()
    files = [word for word in words if Path(word).suffix and not Path(word).is_absolute() and Path(word).is_file()]
    return connector, quote(files[0]) if files else ""


def _location(connector: str, file: str) -> dict[str, Any]:
    named = {"logicalLocations": [{"fullyQualifiedName": connector}]}
    physical = {"artifactLocation": {"uri": file}, "region": {"startLine": 1}}
    return {**named, "physicalLocation": physical} if file else named


def workflow_commands(finished: RunFinished) -> list[str]:
    """Return a workflow command of GitHub Actions for each finding."""
    lines = []
    file = _program(finished)[1]
    place = f"file={_property(file)},line=1," if file else ""
    for finding in finished.findings:
        story = finding.story.as_program()
        text = f"expected {finding.expected}; found {finding.actual}\n{story}"
        lines.append(f"::{COMMANDS[level_of(finding)]} {place}title={_property(finding.rule.id)}::{_data(text)}")
    return lines


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")


class SarifReport:
    """Writes the finished run to a SARIF file."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def __call__(self, event: Event) -> None:
        if isinstance(event, RunFinished):
            self._path.write_text(json.dumps(as_sarif(event), indent=2) + "\n", encoding="utf-8")


class GithubReport:
    """Writes a workflow command for each finding when the run is over."""

    def __init__(self, write: Callable[[str], None]) -> None:
        self._write = write

    def __call__(self, event: Event) -> None:
        if isinstance(event, RunFinished):
            for line in workflow_commands(event):
                self._write(line)
