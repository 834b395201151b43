"""Leaves the maximum age of a preflight out."""

from __future__ import annotations

from tests.mutants.planting import Edit, Mutant

MUTANT = Mutant(
    edits=(
        Edit(
            "sandtable.web.steps.cors",
            ('answer.headers["Access-Control-Max-Age"] = decision.rule.max_age'),
            ("pass"),
        ),
    ),
    scenarios=("cors-columns",),
    caught_by=("cors.columns",),
    within=30,
)
