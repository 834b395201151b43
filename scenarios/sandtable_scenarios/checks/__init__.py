"""Every rule that a scenario can find broken, in the order in which reports print them."""

from __future__ import annotations

from collections.abc import Mapping

from sandtable_scenarios.checks import (
    additional,
    asking,
    closing,
    correlation,
    crossing,
    deprecated,
    importing,
    keeping,
    notes,
    others,
    rights,
    signing_in,
    tokens,
    trouble,
)
from sandtable_scenarios.findings import Rule

ROOMS = (
    correlation,
    closing,
    notes,
    additional,
    deprecated,
    asking,
    others,
    signing_in,
    rights,
    trouble,
    importing,
    keeping,
    tokens,
    crossing,
)
ALL: tuple[Rule, ...] = tuple(rule for room in ROOMS for rule in room.RULES)
RULES_BY_ID: Mapping[str, Rule] = {rule.id: rule for rule in ALL}
