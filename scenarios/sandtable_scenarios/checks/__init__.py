"""Every rule that a scenario can find broken, in the order in which reports print them."""

from __future__ import annotations

from collections.abc import Mapping

from sandtable_scenarios.checks import (
    additional,
    asking,
    closing,
    correlation,
    deprecated,
    notes,
    others,
    rights,
    signing_in,
    trouble,
    whole,
)
from sandtable_scenarios.checks.instance import crossing, importing, keeping, tokens
from sandtable_scenarios.stage.findings import Rule

ROOMS = (
    correlation,
    closing,
    notes,
    whole,
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
