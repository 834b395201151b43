"""Asks for the choices of the first field only."""

from __future__ import annotations

from tests.mutants.planting import Edit, Mutant

MUTANT = Mutant(
    edits=(
        Edit(
            "sandtable_connector.transport.urls",
            ("first, *others = fields or [_UNDEFINED]"),
            ("first, *others = fields[:1] or [_UNDEFINED]"),
        ),
    ),
    scenarios=("questions",),
    caught_by=("asking.choices",),
    within=20,
)
