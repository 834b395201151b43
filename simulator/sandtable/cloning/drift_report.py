"""A comparison as a report: for people, as JSON, and as JUnit for continuous integration."""

from __future__ import annotations

from collections import Counter
from typing import Any
from xml.sax.saxutils import escape, quoteattr

from sandtable.cloning.drift import KINDS, Difference, Drift

SAME, DIFFERS, UNREADABLE = 0, 1, 4


def exit_code(drift: Drift) -> int:
    """Return 0 for no difference, 1 for some, and 4 where nothing differs but not everything could be read."""
    if drift.differences:
        return DIFFERS
    return UNREADABLE if drift.unreadable else SAME


def shown(drift: Drift) -> dict[str, Any]:
    """Return the report as JSON."""
    counts = Counter(each.kind for each in drift.differences)
    return {
        "at": drift.at,
        "from": drift.there,
        "against": drift.here,
        "tables": drift.tables,
        "compared": drift.compared,
        "differ": {kind: counts[kind] for kind in KINDS},
        "ignored": drift.ignored,
        "unreadable": drift.unreadable,
        "differences": [
            {
                "kind": each.kind,
                "table": each.table,
                "name": each.name,
                "what": each.what,
                "there": each.there,
                "here": each.here,
            }
            for each in drift.differences
        ],
    }


def lines(drift: Drift) -> list[str]:
    """Return the report for people: what differs by kind, then what could not be read, then the sum."""
    found = [f"{drift.there} against {drift.here}, {drift.at or 'at no known time'}"]
    for kind in KINDS:
        differing = [each for each in drift.differences if each.kind == kind]
        found.append(f"{kind}: {drift.compared[kind]} compared, {len(differing)} differ")
        found += [f"  {each.line()}" for each in differing]
    found += [f"not read: {table}: {why}" for table, why in sorted(drift.unreadable.items())]
    if drift.ignored:
        found.append(f"{drift.ignored} differences were ignored, as asked")
    return found


def junit(drift: Drift) -> str:
    """Return the report as JUnit XML: a test a kind and table, which fails with what differs."""
    suites = []
    failures = skipped = tests = 0
    for kind in KINDS:
        cases = []
        tables = sorted({*drift.tables, *(each.table for each in drift.differences if each.kind == kind)})
        for table in tables:
            differing = [each for each in drift.differences if (each.kind, each.table) == (kind, table)]
            cases.append(_case(kind, table, differing, drift))
            failures += bool(differing)
            skipped += not differing and table in drift.unreadable
        tests += len(cases)
        suites.append(
            f"<testsuite name={quoteattr(kind)} tests={quoteattr(str(len(cases)))}>{''.join(cases)}</testsuite>"
        )
    for table, why in sorted(drift.unreadable.items()):
        if table not in drift.tables:
            tests, skipped = tests + 1, skipped + 1
            suites.append(
                f'<testsuite name={quoteattr(table)} tests="1"><testcase classname="drift" name={quoteattr(table)}>'
                f"<skipped message={quoteattr(why)}/></testcase></testsuite>"
            )
    head = f'name="drift" tests="{tests}" failures="{failures}" skipped="{skipped}"'
    about = {"from": drift.there, "against": drift.here, "at": drift.at}
    named = "".join(f"<property name={quoteattr(key)} value={quoteattr(text)}/>" for key, text in about.items())
    body = "".join(suites).replace("<testcase", f"<properties>{named}</properties><testcase", 1)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<testsuites {head}>{body}</testsuites>\n'


def _case(kind: str, table: str, differing: list[Difference], drift: Drift) -> str:
    inside = ""
    if differing:
        said = escape("\n".join(each.line() for each in differing))
        inside = f'<failure message="{len(differing)} differ">{said}</failure>'
    elif table in drift.unreadable:
        inside = f"<skipped message={quoteattr(drift.unreadable[table])}/>"
    return f"<testcase classname={quoteattr(f'drift.{kind}')} name={quoteattr(table)}>{inside}</testcase>"
