"""Leaves the permission out of errors."""

from __future__ import annotations

from tests.mutants.planting import Edit, Mutant

MUTANT = Mutant(
    edits=(
        Edit(
            "sandtable.web.steps.cors",
            ("    if decision.permits:\n        _allow"),
            ("    if decision.permits and answer.status_code < 400:\n        _allow"),
        ),
    ),
    scenarios=("browsers",),
    caught_by=("cors.allowed",),
    within=60,
)
