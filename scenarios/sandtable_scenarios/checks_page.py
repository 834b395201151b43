"""The page docs/checks.md, written from the rules and the scenarios.

``python -m sandtable_scenarios.checks_page`` prints it.
"""

from __future__ import annotations

import sys

from sandtable_scenarios.catalogue import RULES, SCENARIOS
from sandtable_scenarios.stage.findings import Rule

_HEAD = """# Rules of the contract

Each rule says what must hold between a connector and an instance, how we know, and how bad it is if it does not hold.
`sandtable rehearse --explain RULE` prints one of them, `--rules PATTERN` watches only some. This page is generated.

| rule | judges | severity | evidence |
|---|---|---|---|
"""


def page() -> str:
    """Return the whole page: a table of all rules, then a section for each, then the scenarios."""
    lines = [_HEAD.rstrip("\n")]
    lines += [
        f"| [{rule.id}](#{_anchor(rule)}) | {rule.judges} | {rule.severity.value} | {rule.evidence.kind} |"
        for rule in RULES
    ]
    for rule in RULES:
        lines += ["", *_section(rule)]
    lines += ["", "## Scenarios", "", "| scenario | what it explores | needs |", "|---|---|---|"]
    lines += [
        f"| {scenario.name} | {scenario.title} | {', '.join(sorted(scenario.needs)) or 'any instance'} |"
        for scenario in SCENARIOS
    ]
    return "\n".join(lines) + "\n"


def _anchor(rule: Rule) -> str:
    return rule.id.replace(".", "")


def _section(rule: Rule) -> list[str]:
    scenarios = ", ".join(scenario.name for scenario in SCENARIOS if rule.id in scenario.rules)
    return [
        f"## {rule.id}",
        "",
        f"**{rule.title}.**",
        "",
        rule.explanation,
        "",
        f"- severity: {rule.severity.value}; judges the {rule.judges}",
        f"- evidence: {rule.evidence}",
        f"- exercised by: {scenarios}",
    ]


if __name__ == "__main__":
    sys.stdout.write(page())
