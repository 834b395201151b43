"""Every rule that a scenario can find broken, in the order in which reports print them."""

from __future__ import annotations

from sandtable_scenarios.checks import closing, correlation, notes
from sandtable_scenarios.findings import Rule

ROOMS = (correlation, closing, notes)
ALL: tuple[Rule, ...] = tuple(rule for room in ROOMS for rule in room.RULES)
