"""Everything that a step of a story can do, by name."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from sandtable_scenarios.actions import (
    access,
    asking,
    attempts,
    between,
    by_hand,
    credentials,
    extra,
    incidents,
    opening,
    others,
    trouble,
)
from sandtable_scenarios.actions.connector.sending import judge_sent
from sandtable_scenarios.actions.instance import assertions, browser, reading, shapes, staging
from sandtable_scenarios.stage.world import Action, World

ROOMS = (
    incidents,
    by_hand,
    extra,
    opening,
    attempts,
    credentials,
    access,
    trouble,
    between,
    staging,
    reading,
    shapes,
    assertions,
    browser,
    asking,
    others,
)
ACTIONS: Mapping[str, Action] = {name: action for room in ROOMS for name, action in room.ACTIONS.items()}
# What is judged of a whole story, when it ends.
ENDINGS: tuple[Callable[[World], None], ...] = (judge_sent,)
