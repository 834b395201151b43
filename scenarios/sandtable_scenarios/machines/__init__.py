"""Every scenario, in the order in which a run plays them."""

from __future__ import annotations

from sandtable_scenarios.machines import (
    correlation,
    everything_fails,
    extra,
    instance,
    others,
    signing_in,
    trouble,
    values,
    worked_on,
)
from sandtable_scenarios.stage.scenarios import Scenario

ROOMS = (correlation, worked_on, values, extra, others, signing_in, trouble, everything_fails, instance)
ALL: tuple[Scenario, ...] = tuple(scenario for room in ROOMS for scenario in room.SCENARIOS)
