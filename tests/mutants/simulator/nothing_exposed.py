"""Exposes no headers."""

from __future__ import annotations

from tests.mutants.planting import Edit, Mutant

MUTANT = Mutant(
    edits=(
        Edit(
            "sandtable.web.steps.cors",
            ('answer.headers["Access-Control-Expose-Headers"] = '),
            ("_ = "),
        ),
    ),
    scenarios=("cors-columns",),
    caught_by=("cors.columns",),
    within=30,
)
