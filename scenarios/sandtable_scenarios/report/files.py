"""The run as files: JUnit XML for a build server, JSON for a program."""

from __future__ import annotations

import json
from pathlib import Path
from xml.etree import ElementTree

from sandtable_scenarios.report.terminal import finding_lines
from sandtable_scenarios.stage.events import Event, RunFinished


def as_json(finished: RunFinished) -> dict[str, object]:
    """Return a finished run as JSON-ready data."""
    started = finished.started
    return {
        "connector": started.connector if started else "",
        "instance": started.instance if started else "",
        "profile": started.profile if started else "",
        "random_seed": started.random_seed if started else 0,
        "clean": not finished.failed,
        "examples": finished.examples,
        "seconds": round(finished.seconds, 3),
        "findings": [finding.as_dict() for finding in finished.findings],
        "stale": list(finished.stale),
        "skipped": [{"scenario": skip.scenario, "reason": skip.reason} for skip in finished.skipped],
        "rules": [
            {
                "id": rule.id,
                "title": rule.title,
                "severity": rule.severity.value,
                "exercised": finished.coverage["rules"].get(rule.id, 0),
            }
            for rule in finished.rules
        ],
        "coverage": finished.coverage,
    }


def as_junit(finished: RunFinished) -> ElementTree.Element:
    """Return a finished run as a JUnit test suite: one case a rule, failed where a finding counts."""
    # One that counts goes before one that is known of the same rule.
    broken = {finding.rule.id: finding for finding in sorted(finished.findings, key=lambda each: each.counts)}
    suite = ElementTree.Element("testsuite", name="sandtable.rehearse", time=f"{finished.seconds:.3f}")
    failures = skips = 0
    for rule in finished.rules:
        case = ElementTree.SubElement(suite, "testcase", classname=f"sandtable.{rule.id.split('.')[0]}", name=rule.id)
        finding = broken.get(rule.id)
        if finding is not None and finding.counts:
            failures += 1
            failure = ElementTree.SubElement(
                case,
                "failure",
                type=rule.severity.value,
                message=f"expected {finding.expected}; found {finding.actual}",
            )
            failure.text = "\n".join(finding_lines(finding))
        elif finding is not None and finding.known is not None:
            skips += 1
            ElementTree.SubElement(case, "skipped", message=f"expected difference: {finding.known.reason}")
        elif not finished.coverage["rules"].get(rule.id):
            skips += 1
            ElementTree.SubElement(case, "skipped", message="not exercised in this run")
    suite.set("tests", str(len(finished.rules)))
    suite.set("failures", str(failures))
    suite.set("skipped", str(skips))
    return suite


class JsonReport:
    """Writes the finished run to a JSON file."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def __call__(self, event: Event) -> None:
        if isinstance(event, RunFinished):
            self._path.write_text(json.dumps(as_json(event), indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


class JunitReport:
    """Writes the finished run to a JUnit XML file."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def __call__(self, event: Event) -> None:
        if isinstance(event, RunFinished):
            ElementTree.ElementTree(as_junit(event)).write(self._path, encoding="utf-8", xml_declaration=True)
