"""Which classes of values reached which part of a request: what the suite says of its own alphabet."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sandtable_scenarios.models.classes import classes_of
from sandtable_scenarios.stage.world import World


def note_values(world: World, what: str, fields: Mapping[str, Any], comments: Sequence[str] = ()) -> None:
    """Count the classes of the values in a request's fields and comments."""
    counts = world.coverage.classes
    for name, value in fields.items():
        for each in set(classes_of(value)):
            counts[f"{what}, {name}: {each}"] += 1
    for text in comments:
        for each in set(classes_of(text)):
            counts[f"{what}, comment: {each}"] += 1
