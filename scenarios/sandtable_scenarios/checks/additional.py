"""Fields beside the standard ones: stored where they belong, refused where they cannot be."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sandtable_scenarios.stage.evidence import documented
from sandtable_scenarios.stage.findings import Rule, Severity
from sandtable_scenarios.stage.pictures import Outcome
from sandtable_scenarios.stage.world import World

PAGE = "Kibana documentation, ServiceNow ITSM connector: additional fields (since May 2024)"

STORED = Rule(
    "additional.stored",
    "An additional field reaches the staging column that it names, and from there the incident",
    Severity.MAJOR,
    documented(f"{PAGE}; elastic/kibana#183609"),
    explanation="Additional fields are sent as they are named, without a prefix, in the same import as the incident.",
)
BASE_WINS = Rule(
    "additional.base-wins",
    "An additional field never replaces a field of the incident itself",
    Severity.MAJOR,
    documented(f"{PAGE}; elastic/kibana#184023"),
    explanation=(
        "The incident's own fields are put over the additional ones, so that a template cannot redirect an alert."
    ),
)
REFUSED = Rule(
    "additional.refused",
    "Too many additional fields, forbidden names, or what is no JSON object is refused before anything is written",
    Severity.MAJOR,
    documented(f"{PAGE}: at most 20 fields, as a JSON object, none of the standard ones"),
    explanation="Check the parameters before the first request. A half-written incident helps nobody.",
)
RULES = (STORED, BASE_WINS, REFUSED)


def judge_extra(world: World, outcome: Outcome, written: str, expected: Mapping[str, Any]) -> None:
    """Check the columns of the incident that additional fields should have filled."""
    row = outcome.after.incidents.get(written, {})
    for column, value in expected.items():
        world.check(STORED, row.get(column) == value, f"{column} {value!r}", f"{column} {row.get(column)!r}")
