"""Lets the oldest of the matching CORS rules decide."""

from __future__ import annotations

from tests.mutants.planting import Edit, Mutant

MUTANT = Mutant(
    edits=(
        Edit(
            "sandtable.core.security.cors_rules",
            ("return max(matching, key=lambda rule: rule.domain.closeness, default=None)"),
            ("return next(iter(matching), None)"),
        ),
    ),
    scenarios=("cors-columns",),
    caught_by=("cors.columns",),
    within=30,
)
