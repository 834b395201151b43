"""The run as one self-contained page: no script, no font, no address outside the file."""

from __future__ import annotations

from html import escape
from pathlib import Path

from sandtable_scenarios.stage.events import Event, RunFinished
from sandtable_scenarios.stage.findings import Finding

STYLE = """
:root { color-scheme: light dark; --line: #8884; --soft: #8881; --bad: #b3261e; --warn: #9a6700; --good: #1a7f37; }
body { font: 15px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.5rem; margin-bottom: .2rem; } h2 { font-size: 1.15rem; margin-top: 2.2rem; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .2rem 1rem; } dt { opacity: .7; } dd { margin: 0; }
table { border-collapse: collapse; width: 100%; }
td, th { text-align: left; padding: .3rem .6rem; border-bottom: 1px solid var(--line); vertical-align: top; }
td.n { text-align: right; font-variant-numeric: tabular-nums; }
pre { background: var(--soft); padding: .8rem; overflow-x: auto; border-radius: 4px; font-size: 13px; }
article { border: 1px solid var(--line); border-left: 4px solid var(--bad); border-radius: 4px; }
article { padding: .6rem 1rem; margin: 1rem 0; }
article.known { border-left-color: var(--warn); }
.verdict { font-weight: 600; } .clean { color: var(--good); } .found { color: var(--bad); }
.tag { opacity: .75; font-size: 13px; }
"""


def _article(finding: Finding) -> str:
    known = (
        f"<dt>known</dt><dd>{escape(finding.known.reason)} {escape(finding.known.issue)}</dd>" if finding.known else ""
    )
    notes = "".join(f"<dt>note</dt><dd>{escape(note)}</dd>" for note in finding.notes)
    curl = f"<h4>What reached the instance</h4><pre>{escape(chr(10).join(finding.curl))}</pre>" if finding.curl else ""
    explanation = f"<p>{escape(finding.rule.explanation)}</p>" if finding.rule.explanation else ""
    return (
        f'<article class="{"known" if finding.known else ""}" id="{escape(finding.rule.id)}">'
        f'<h3>{escape(finding.rule.id)} <span class="tag">{finding.rule.severity.value}'
        f"{', expected difference' if finding.known else ''}</span></h3>"
        f"<p>{escape(finding.rule.title)}</p>{explanation}<dl><dt>expected</dt><dd>{escape(finding.expected)}</dd>"
        f"<dt>found</dt><dd>{escape(finding.actual)}</dd><dt>evidence</dt><dd>{escape(str(finding.rule.evidence))}</dd>{known}{notes}</dl>"
        f"<h4>Shortest story</h4><pre>{escape(finding.story.as_program())}</pre>{curl}</article>"
    )


def as_html(finished: RunFinished) -> str:
    """Return the finished run as a whole HTML page."""
    started = finished.started
    broken = {finding.rule.id: finding for finding in finished.findings}
    counted = sum(finding.counts for finding in finished.findings)
    verdict = f'<span class="found">{counted} findings</span>' if counted else '<span class="clean">no findings</span>'
    facts = {
        "connector": started.connector if started else "",
        "instance": started.instance if started else "",
        "profile": f"{started.profile}, random seed {started.random_seed}" if started else "",
        "examples": f"{finished.examples} in {finished.seconds:.1f} s",
    }
    rows = []
    for rule in finished.rules:
        finding = broken.get(rule.id)
        times = finished.coverage["rules"].get(rule.id, 0)
        state = "not exercised" if not times else "holds"
        if finding is not None:
            state = "expected difference" if finding.known else "broken"
        rows.append(
            f"<tr><td>{escape(rule.id)}</td><td>{escape(rule.title)}</td><td>{rule.evidence.kind}</td>"
            f'<td>{state}</td><td class="n">{times}</td></tr>'
        )
    states = "".join(
        f'<tr><td>{escape(name)}</td><td class="n">{count}</td></tr>'
        for name, count in finished.coverage["states"].items()
    )
    skips = "".join(f"<li>{escape(skip.scenario)}: {escape(skip.reason)}</li>" for skip in finished.skipped)
    stale = "".join(f"<li>{escape(rule)} is listed as a known difference, but it holds</li>" for rule in finished.stale)
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>Sandtable rehearsal</title><style>{STYLE}</style></head><body><h1>Rehearsal</h1>"
        f'<p class="verdict">{verdict}</p><dl>'
        + "".join(f"<dt>{name}</dt><dd>{escape(value)}</dd>" for name, value in facts.items())
        + "</dl><h2>Findings</h2>"
        + ("".join(_article(finding) for finding in finished.findings) or "<p>None.</p>")
        + (f"<h2>Skipped</h2><ul>{skips}</ul>" if skips else "")
        + (f"<h2>Stale</h2><ul>{stale}</ul>" if stale else "")
        + "<h2>Rules</h2><table><thead><tr><th>rule</th><th>what must hold</th>"
        "<th>evidence</th><th>result</th><th>times</th></tr></thead>"
        f"<tbody>{''.join(rows)}</tbody></table>"
        f"<h2>States reached</h2><table><tbody>{states}</tbody></table></body></html>\n"
    )


class HtmlReport:
    """Writes the finished run to one HTML file."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def __call__(self, event: Event) -> None:
        if isinstance(event, RunFinished):
            self._path.write_text(as_html(event), encoding="utf-8")
