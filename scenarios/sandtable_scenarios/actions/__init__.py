"""Everything that a step of a story can do, by name."""

from __future__ import annotations

from collections.abc import Mapping

from sandtable_scenarios.actions import (
    access,
    asking,
    assertions,
    attempts,
    browser,
    by_hand,
    credentials,
    extra,
    incidents,
    opening,
    others,
    reading,
    staging,
    trouble,
)
from sandtable_scenarios.world import Action

ROOMS = (
    incidents,
    by_hand,
    extra,
    opening,
    attempts,
    credentials,
    access,
    trouble,
    staging,
    reading,
    assertions,
    browser,
    asking,
    others,
)
ACTIONS: Mapping[str, Action] = {name: action for room in ROOMS for name, action in room.ACTIONS.items()}
