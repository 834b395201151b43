"""Everything that a step of a story can do, by name."""

from __future__ import annotations

from collections.abc import Mapping

from sandtable_scenarios.actions import by_hand, incidents
from sandtable_scenarios.world import Action

ROOMS = (incidents, by_hand)
ACTIONS: Mapping[str, Action] = {name: action for room in ROOMS for name, action in room.ACTIONS.items()}
