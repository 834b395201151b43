"""The run as one self-contained page: no script, no font, no address outside the file."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from html import escape
from pathlib import Path

from sandtable_scenarios.report.curl import preamble
from sandtable_scenarios.report.terminal import LEAD
from sandtable_scenarios.stage.events import Event, RunFinished
from sandtable_scenarios.stage.findings import Finding, Severity

STYLE = """
:root { color-scheme: light dark; --line: #8884; --soft: #8881; --bad: #b3261e; --warn: #9a6700; --good: #1a7f37; }
body { font: 15px/1.5 system-ui, sans-serif; max-width: 72rem; margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.5rem; margin-bottom: .2rem; } h2 { font-size: 1.15rem; margin-top: 2.2rem; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .2rem 1rem; } dt { opacity: .7; } dd { margin: 0; }
table { border-collapse: collapse; width: 100%; }
td, th { text-align: left; padding: .3rem .6rem; border-bottom: 1px solid var(--line); vertical-align: top; }
td.n { text-align: right; font-variant-numeric: tabular-nums; }
pre { background: var(--soft); padding: .6rem; border-radius: 4px; font-size: 13px; white-space: pre-wrap; }
pre, code, dd { overflow-wrap: anywhere; }
article { border: 1px solid var(--line); border-left: 4px solid var(--bad); border-radius: 4px; }
article { padding: .6rem 1rem; margin: 1rem 0; }
article.known { border-left-color: var(--warn); }
.verdict { font-weight: 600; } .clean { color: var(--good); } .found { color: var(--bad); }
.tag { opacity: .75; font-size: 13px; } .lead { font-weight: 600; color: var(--warn); }
.wide { overflow-x: auto; }
@media (prefers-color-scheme: dark) { :root { --bad: #f2857c; --warn: #d9a441; --good: #56c271; } }
@media (max-width: 40rem) {
  body { margin: 1rem auto; } article { padding: .4rem .6rem; }
  table.story, .story tbody, .story tr, .story td { display: block; } .story thead { display: none; }
  .story td { border: 0; padding: .1rem 0; } .story td.n { text-align: left; opacity: .7; }
  .story tr { padding: .3rem 0; border-bottom: 1px solid var(--line); } .wide table { font-size: 13px; }
}
"""


def _pairs(pairs: Iterable[tuple[str, str]]) -> str:
    return "".join(f"<dt>{escape(name)}</dt><dd>{escape(text)}</dd>" for name, text in pairs)


def _story(finding: Finding) -> str:
    inner = ", ".join(f"{name}={value!r}" for name, value in finding.story.setting.items())
    steps = [f"begin({inner})", *(step.as_call() for step in finding.story.steps)]
    seen = ["", *finding.seen, *([""] * len(steps))]
    rows = "".join(
        f'<tr><td class="n">{number}</td><td><code>{escape(step)}</code></td>'
        f"<td>{f'<pre>{escape(told)}</pre>' if told else ''}</td></tr>"
        for number, (step, told) in enumerate(zip(steps, seen, strict=False))
    )
    return (
        '<table class="story"><thead><tr><th></th><th>step</th><th>what the instance saw</th></tr></thead>'
        f"<tbody>{rows}</tbody></table>"
    )


def _article(finding: Finding) -> str:
    rule = finding.rule
    pairs = [("expected", finding.expected), ("found", finding.actual)]
    pairs += [("note", note) for note in finding.notes]
    if finding.known:
        pairs.append(("known", f"{finding.known.reason} {finding.known.issue}"))
    elif rule.explanation and finding.suspect == rule.judges:
        pairs.append(("to mend", rule.explanation))
    pairs += [("evidence", str(rule.evidence)), ("scenario", finding.scenario)]
    lead = f'<p class="lead">{escape(LEAD)}</p>' if finding.suspect == "instance" else ""
    before = f"<h4>To run the lines above</h4><pre>{escape(chr(10).join(preamble(finding.base_url)))}</pre>"
    log = f"<h4>What the connector logged</h4><pre>{escape(chr(10).join(finding.log))}</pre>" if finding.log else ""
    return (
        f'<article class="{"known" if finding.known else ""}" id="{escape(finding.name)}">'
        f'<h3>{escape(rule.id)} <span class="tag">{rule.severity.value}'
        f"{', expected difference' if finding.known else ''}</span></h3>{lead}"
        f"<p>{escape(rule.title)}</p><dl>{_pairs(pairs)}</dl>"
        f"<h4>Shortest story</h4>{_story(finding)}{before if finding.curl else ''}{log}</article>"
    )


def _by_severity(findings: Iterable[Finding]) -> str:
    listed = list(findings)
    rows = []
    for severity in Severity:
        links = ", ".join(
            f'<a href="#{escape(each.name)}">{escape(each.rule.id)}</a>{" (expected)" if each.known else ""}'
            for each in listed
            if each.rule.severity is severity
        )
        count = sum(each.rule.severity is severity and each.counts for each in listed)
        rows.append(f'<tr><td>{severity.value}</td><td class="n">{count}</td><td>{links}</td></tr>')
    return f"<table><tbody>{''.join(rows)}</tbody></table>"


def _counts(title: str, anchor: str, counts: Mapping[str, int]) -> str:
    rows = "".join(f'<tr><td>{escape(name)}</td><td class="n">{count}</td></tr>' for name, count in counts.items())
    return f'<h2 id="{anchor}">{title}</h2><table><tbody>{rows}</tbody></table>'


CONTENTS = (
    ("summary", "Summary"),
    ("findings", "Findings"),
    ("rules", "Rules"),
    ("unseen", "Rules that were not exercised"),
    ("skipped", "Skipped"),
    ("states", "States reached"),
    ("classes", "Classes of values"),
)


def as_html(finished: RunFinished) -> str:
    """Return the finished run as a whole HTML page."""
    started = finished.started
    broken = {finding.rule.id: finding for finding in sorted(finished.findings, key=lambda each: each.counts)}
    counted = sum(finding.counts for finding in finished.findings)
    verdict = f'<span class="found">{counted} findings</span>' if counted else '<span class="clean">no findings</span>'
    facts = (
        ("connector", started.connector if started else ""),
        ("instance", started.instance if started else ""),
        ("profile", f"{started.profile}, random seed {started.random_seed}" if started else ""),
        ("stories", f"{finished.examples} in {finished.seconds:.1f} s"),
    )
    rows = []
    for rule in finished.rules:
        finding = broken.get(rule.id)
        times = finished.coverage["rules"].get(rule.id, 0)
        state = "not exercised" if not times else "holds"
        if finding is not None:
            words = "expected difference" if finding.known else "broken"
            state = f'<a href="#{escape(finding.name)}">{words}</a>'
        rows.append(
            f"<tr><td>{escape(rule.id)}</td><td>{escape(rule.title)}</td><td>{rule.evidence.kind}</td>"
            f'<td>{state}</td><td class="n">{times}</td></tr>'
        )
    unseen = "".join(
        f"<li>{escape(rule.id)}: {escape(rule.title)}</li>"
        for rule in finished.rules
        if not finished.coverage["rules"].get(rule.id)
    )
    skips = "".join(f"<li>{escape(skip.scenario)}: {escape(skip.reason)}</li>" for skip in finished.skipped)
    stale = "".join(f"<li>{escape(rule)} is listed as a known difference, but it holds</li>" for rule in finished.stale)
    contents = "".join(f'<li><a href="#{anchor}">{title}</a></li>' for anchor, title in CONTENTS)
    articles = "".join(_article(finding) for finding in finished.findings)
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>Sandtable rehearsal</title><style>{STYLE}</style></head><body><h1>Rehearsal</h1>"
        f'<p class="verdict">{verdict}</p><dl>{_pairs(facts)}</dl><nav><ul>{contents}</ul></nav>'
        f'<h2 id="summary">Summary</h2>{_by_severity(finished.findings)}'
        f'<h2 id="findings">Findings</h2>{articles or "<p>None.</p>"}'
        '<h2 id="rules">Rules</h2><div class="wide"><table><thead><tr><th>rule</th><th>what must hold</th>'
        "<th>evidence</th><th>result</th><th>times</th></tr></thead>"
        f"<tbody>{''.join(rows)}</tbody></table></div>"
        f'<h2 id="unseen">Rules that were not exercised</h2><ul>{unseen or "<li>None.</li>"}</ul>'
        f'<h2 id="skipped">Skipped</h2><ul>{skips or "<li>None.</li>"}</ul>'
        + (f"<h2>Stale</h2><ul>{stale}</ul>" if stale else "")
        + _counts("States reached", "states", finished.coverage["states"])
        + _counts("Classes of values", "classes", finished.coverage.get("classes", {}))
        + "</body></html>\n"
    )


class HtmlReport:
    """Writes the finished run to one HTML file."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def __call__(self, event: Event) -> None:
        if isinstance(event, RunFinished):
            self._path.write_text(as_html(event), encoding="utf-8")
