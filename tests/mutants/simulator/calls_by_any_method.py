"""Permits calls by methods that the rule has not."""

from __future__ import annotations

from tests.mutants.planting import Edit, Mutant

MUTANT = Mutant(
    edits=(
        Edit(
            "sandtable.web.steps.cors",
            ("    if decision.permits:\n"),
            ("    if decision.allowed_origin:\n"),
        ),
    ),
    scenarios=("cors-columns",),
    caught_by=("cors.columns",),
    within=10,
)
