"""Every scenario, in the order in which a run plays them."""

from __future__ import annotations

from sandtable_scenarios.machines import correlation, extra, instance, others, signing_in, trouble
from sandtable_scenarios.stage.scenarios import Scenario

ROOMS = (correlation, extra, others, signing_in, trouble, instance)
ALL: tuple[Scenario, ...] = tuple(scenario for room in ROOMS for scenario in room.SCENARIOS)
