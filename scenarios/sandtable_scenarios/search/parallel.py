"""Spread scenarios over cores: pytest-xdist runs the suite, this module gathers what each worker found."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping, Sequence
from contextlib import redirect_stdout
from io import StringIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest

from sandtable_scenarios.search.engine import stale_differences
from sandtable_scenarios.stage.events import (
    Event,
    FindingFound,
    Listener,
    RunFinished,
    RunStarted,
    ScenarioFinished,
    ScenarioSkipped,
)
from sandtable_scenarios.stage.findings import Finding, Known, Rule, TargetUnreachable
from sandtable_scenarios.stage.scenarios import Scenario
from sandtable_scenarios.stage.stories import story_from_dict
from sandtable_scenarios.stage.world import Coverage

CONFIGURATION = """[pytest]
python_files = suite.py
filterwarnings = ignore::pytest.PytestAssertRewriteWarning
"""


class Gatherer:
    """A pytest plugin in the main process that turns the workers' reports back into events."""

    def __init__(self, rules: Sequence[Rule], known: Mapping[str, Known], emit: Listener) -> None:
        self._rules = {rule.id: rule for rule in rules}
        self._known = known
        self._emit = emit
        self.findings: list[Finding] = []
        self.skipped: list[ScenarioSkipped] = []
        self.durations: dict[str, float] = {}
        self.coverage = Coverage()
        self.examples = 0
        self.errors: list[str] = []

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Take in one test's report."""
        name = report.nodeid.partition("[")[2].rstrip("]")
        if report.skipped:
            reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
            self.skipped.append(ScenarioSkipped(name, reason.removeprefix("Skipped: ")))
            self._emit(self.skipped[-1])
            return
        told = [json.loads(str(value)) for key, value in report.user_properties if key == "sandtable"]
        if report.when == "call" and told:
            self._take(told[0])
        elif report.failed:
            self.errors.append(f"{name}: {report.longreprtext.strip().splitlines()[-1]}")

    def _take(self, told: Mapping[str, Any]) -> None:
        found = [self._finding(data) for data in told["findings"]]
        for finding in found:
            self._emit(FindingFound(finding))
        self.findings += found
        self.coverage.add(told["coverage"])
        self.examples += told["examples"]
        self.durations[told["scenario"]] = told["seconds"]
        cut_by = tuple(told["cut_by"])
        self._emit(ScenarioFinished(told["scenario"], told["examples"], told["seconds"], len(found), cut_by))

    def _finding(self, data: Mapping[str, Any]) -> Finding:
        return Finding(
            self._rules[data["rule"]],
            data["scenario"],
            data["expected"],
            data["actual"],
            story_from_dict(data["story"]),
            tuple(data["curl"]),
            self._known.get(data["rule"]),
            data["examples"],
            tuple(data["notes"]),
        )


def run_parallel(
    options: Mapping[str, Any],
    scenarios: Sequence[Scenario],
    rules: Sequence[Rule],
    known: Mapping[str, Known],
    listeners: Sequence[Listener],
) -> RunFinished:
    """Run the suite under pytest-xdist with ``options['jobs']`` workers; TargetUnreachable when none could start."""

    def emit(event: Event) -> None:
        for listener in listeners:
            listener(event)

    began = time.monotonic()
    started = RunStarted(
        options["connector"],
        options["instance"],
        options["profile"],
        options["seed"],
        tuple(scenario.name for scenario in scenarios),
    )
    emit(started)
    gatherer = Gatherer(rules, known, emit)
    arguments = ["--pyargs", "sandtable_scenarios.suite", "-n", str(options["jobs"])]
    arguments += ["-q", "--noconftest", "-p", "no:cacheprovider"]
    for name in ("connector", "instance", "profile", "seed", "expect", "admin", "integration", "database"):
        if options[name] not in (None, ""):
            arguments.append(f"--sandtable-{name}={options[name]}")
    arguments.append("--sandtable-rules=" + ",".join(options["rules"] or ("*",)))
    arguments.append("--sandtable-scenarios=" + ",".join(scenario.name for scenario in scenarios))
    with TemporaryDirectory() as folder:
        # A configuration of our own: that of the folder in which somebody rehearses is about other tests.
        settings = Path(folder) / "pytest.ini"
        settings.write_text(CONFIGURATION, encoding="utf-8")
        # What pytest says of its own run is not what a rehearsal reports.
        with redirect_stdout(StringIO()) as said:
            code = pytest.main([*arguments, "-c", str(settings), f"--rootdir={folder}"], plugins=[gatherer])
    if gatherer.errors or code not in (pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED):
        raise TargetUnreachable(
            "; ".join(gatherer.errors) or f"pytest ended with {code!r}: {said.getvalue().strip()[-300:]}"
        )
    broken = {finding.rule.id for finding in gatherer.findings}
    stale = stale_differences(known, rules, gatherer.coverage, broken)
    finished = RunFinished(
        tuple(gatherer.findings),
        tuple(gatherer.skipped),
        tuple(rules),
        gatherer.coverage.as_dict(),
        stale,
        gatherer.examples,
        time.monotonic() - began,
        started,
        gatherer.durations,
    )
    emit(finished)
    return finished
