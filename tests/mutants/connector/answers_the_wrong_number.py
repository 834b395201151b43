"""Answers the sys_id where the number belongs."""

from __future__ import annotations

from tests.mutants.planting import Edit, Mutant

MUTANT = Mutant(
    edits=(
        Edit(
            "sandtable_connector.services.service",
            ('"title": ABSENT if number is None and not slips else number'),
            ('"title": sys_id'),
        ),
    ),
    scenarios=("fields",),
    caught_by=("push.result",),
    within=10,
)
