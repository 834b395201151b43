"""Permits request headers that the rule has not."""

from __future__ import annotations

from tests.mutants.planting import Edit, Mutant

MUTANT = Mutant(
    edits=(
        Edit(
            "sandtable.web.steps.cors",
            ('if rule is not None and rule.allow_headers and "*" not in rule.allow_headers'),
            ("if False"),
        ),
    ),
    scenarios=("cors-columns",),
    caught_by=("cors.columns",),
    within=30,
)
