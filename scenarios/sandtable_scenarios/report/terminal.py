"""The run as a person reads it: progress while it goes on, findings as short stories, a summary."""

from __future__ import annotations

from collections.abc import Callable

from sandtable_scenarios.stage.events import (
    Event,
    FindingFound,
    RunFinished,
    RunStarted,
    ScenarioFinished,
    ScenarioSkipped,
    ScenarioStarted,
)
from sandtable_scenarios.stage.findings import Finding


def finding_lines(finding: Finding) -> list[str]:
    """Return a finding as lines of plain text."""
    head = "expected difference" if finding.known else f"{finding.rule.severity.value} finding"
    lines = [
        f"{head}: {finding.rule.id} - {finding.rule.title}",
        f"  evidence   {finding.rule.evidence}",
        f"  expected   {finding.expected}",
        f"  found      {finding.actual}",
    ]
    if finding.known:
        lines.append(
            f"  known      {finding.known.reason}" + (f" ({finding.known.issue})" if finding.known.issue else "")
        )
    if finding.rule.explanation and not finding.known:
        lines.append(f"  to mend    {finding.rule.explanation}")
    lines += [f"  note       {note}" for note in finding.notes]
    lines.append("  story")
    lines += [f"    {line}" for line in finding.story.as_program().splitlines()]
    if finding.curl:
        lines.append("  what reached the instance")
        lines += [f"    {line}" for line in finding.curl]
    return lines


class TerminalReport:
    """Writes each event as it happens, one line at a time, through the given function."""

    def __init__(self, write: Callable[[str], None], *, progress: Callable[[str], None] | None = None) -> None:
        self._write = write
        self._progress = progress or (lambda _text: None)

    def __call__(self, event: Event) -> None:
        match event:
            case RunStarted():
                self._write(f"rehearsing {event.connector}")
                self._write(f"against    {event.instance}")
                self._write(
                    f"profile    {event.profile}, random seed {event.random_seed}, {len(event.scenarios)} scenarios"
                )
                self._write("")
            case ScenarioStarted():
                self._progress(f"{event.scenario}: {event.title} ...")
            case ScenarioSkipped():
                self._write(f"  skipped  {event.scenario}: {event.reason}")
            case ScenarioFinished():
                mark = "ok     " if not event.findings else f"{event.findings} found"
                cut = f"  stories ended early at {', '.join(event.cut_by)}" if event.cut_by else ""
                self._write(f"  {mark}  {event.scenario:<24} {event.examples:>5} examples  {event.seconds:6.1f} s{cut}")
            case FindingFound():
                self._write("")
                for line in finding_lines(event.finding):
                    self._write(line)
                self._write("")
            case RunFinished():
                self._summary(event)

    def _summary(self, event: RunFinished) -> None:
        self._progress("")
        counted = [finding for finding in event.findings if finding.counts]
        expected = [finding for finding in event.findings if not finding.counts]
        exercised = sum(1 for rule in event.rules if event.coverage["rules"].get(rule.id))
        self._write("")
        self._write(
            f"{exercised} of {len(event.rules)} rules exercised in {event.examples} examples, {event.seconds:.1f} s"
        )
        if expected:
            self._write(f"{len(expected)} expected differences: " + ", ".join(finding.rule.id for finding in expected))
        for rule in event.stale:
            self._write(f"stale: {rule} is listed as a known difference, but it holds")
        if counted:
            self._write(f"{len(counted)} findings: " + ", ".join(finding.rule.id for finding in counted))
        else:
            self._write("no findings")
