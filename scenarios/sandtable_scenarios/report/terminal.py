"""The run as a person reads it, in 80 columns: progress while it goes on, findings as short stories, a summary."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Iterable

from sandtable_scenarios.report.curl import preamble
from sandtable_scenarios.stage.events import (
    Event,
    FindingFound,
    RunFinished,
    RunStarted,
    ScenarioFinished,
    ScenarioSkipped,
    ScenarioStarted,
    StoryTold,
)
from sandtable_scenarios.stage.findings import Finding, Severity

WIDTH = 80
LEAD = "the instance may be wrong"


def wrapped(label: str, text: str) -> list[str]:
    """Return a labelled text as lines that fit; what has no blanks to break at stays whole."""
    return textwrap.wrap(
        text,
        WIDTH,
        initial_indent=f"  {label:<10} ",
        subsequent_indent=" " * 13,
        break_long_words=False,
        break_on_hyphens=False,
    ) or [f"  {label}"]


def finding_lines(finding: Finding, *, verbose: bool = True) -> list[str]:
    """Return a finding as lines of plain text; curl lines and the log only where it is ``verbose``."""
    head = "expected difference" if finding.known else f"{finding.rule.severity.value} finding"
    lines = [f"{head}: {finding.rule.id}"]
    if finding.suspect == "instance":
        lines += wrapped("suspect", LEAD if finding.rule.judges == "connector" else "the instance")
    lines += wrapped("rule", finding.rule.title)
    lines += wrapped("expected", finding.expected)
    lines += wrapped("found", finding.actual)
    for note in finding.notes:
        lines += wrapped("note", note)
    if finding.known:
        issue = f" ({finding.known.issue})" if finding.known.issue else ""
        lines += wrapped("known", finding.known.reason + issue)
    elif finding.rule.explanation and finding.suspect == finding.rule.judges:
        lines += wrapped("to mend", finding.rule.explanation)
    lines += wrapped("evidence", str(finding.rule.evidence))
    lines.append("  story")
    lines += [f"    {line}" for line in finding.story.as_program().splitlines()]
    if verbose and finding.curl:
        lines.append("  what reached the instance")
        lines += [f"    {line}" for line in (*preamble(finding.base_url), *finding.curl)]
    if verbose and finding.log:
        lines.append("  what the connector logged")
        lines += [f"    {line}" for line in finding.log]
    return lines


def _listed(text: str, names: Iterable[str]) -> list[str]:
    return textwrap.wrap(
        f"{text}: {', '.join(names)}", WIDTH, subsequent_indent="    ", break_on_hyphens=False, break_long_words=False
    )


class TerminalReport:
    """Writes each event as it happens, one line at a time, through the given function."""

    def __init__(
        self, write: Callable[[str], None], *, progress: Callable[[str], None] | None = None, verbose: bool = False
    ) -> None:
        self._write = write
        self._progress = progress or (lambda _text: None)
        self._verbose = verbose
        self._told, self._planned, self._seconds, self._stories = 0, 0, 0.0, 0

    def __call__(self, event: Event) -> None:
        match event:
            case RunStarted():
                self._planned = event.stories
                self._write(f"rehearsing {event.connector}")
                self._write(f"against    {event.instance}")
                seed = f"profile    {event.profile}, random seed {event.random_seed}"
                self._write(f"{seed}, {len(event.scenarios)} scenarios, {event.stories} stories")
                self._write("")
            case ScenarioStarted():
                self._progress(f"{event.scenario}: {event.title} ...")
            case StoryTold():
                self._progress(f"{event.scenario}: story {event.told} of {event.planned}{self._estimate(event.told)}")
            case ScenarioSkipped():
                for line in textwrap.wrap(
                    f"{event.scenario}: {event.reason}", WIDTH, initial_indent="  skipped  ", subsequent_indent=" " * 11
                ):
                    self._write(line)
            case ScenarioFinished():
                self._told += event.examples
                self._seconds += event.seconds
                self._stories += 1
                mark = "ok     " if not event.findings else f"{event.findings} broken"
                self._write(f"  {mark}  {event.scenario:<24} {event.examples:>5} stories  {event.seconds:6.1f} s")
                if event.cut_by:
                    for line in _listed("           stories ended early at", event.cut_by):
                        self._write(line)
            case FindingFound():
                self._progress("")
                self._write("")
                for line in finding_lines(event.finding, verbose=self._verbose):
                    self._write(line)
            case RunFinished():
                self._summary(event)

    def _estimate(self, told: int) -> str:
        if not self._told or self._planned <= self._told:
            return ""
        left = max(0, self._planned - self._told - told) * self._seconds / self._told
        return f", about {left:.0f} s left"

    def _summary(self, event: RunFinished) -> None:
        self._progress("")
        counted = [finding for finding in event.findings if finding.counts]
        expected = [finding for finding in event.findings if not finding.counts]
        unseen = [rule.id for rule in event.rules if not event.coverage["rules"].get(rule.id)]
        wanted = event.started.rules if event.started else frozenset()
        exercised = len(event.rules) - len(unseen)
        self._write("")
        told = f"{event.examples} stories, {event.seconds:.1f} s"
        self._write(f"{exercised} of {len(event.rules)} rules exercised in {told}")
        if wanted.intersection(unseen):
            for line in _listed("not exercised", (rule for rule in unseen if rule in wanted)):
                self._write(line)
        if expected:
            for line in _listed(f"{len(expected)} expected differences", (each.rule.id for each in expected)):
                self._write(line)
        for rule in event.stale:
            self._write(f"stale: {rule} is listed as a known difference, but it holds")
        if not counted:
            self._write("no findings")
            return
        for severity in Severity:
            of_it = [finding.rule.id for finding in counted if finding.rule.severity is severity]
            if of_it:
                for line in _listed(f"{severity.value:<9}", of_it):
                    self._write(line)
        for line in _listed(f"{len(counted)} findings", (finding.rule.id for finding in counted)):
            self._write(line)
        if any(finding.curl for finding in counted) and not self._verbose:
            self._write("--verbose shows what reached the instance, as curl lines")
