"""Lets a rule open every API."""

from __future__ import annotations

from tests.mutants.planting import Edit, Mutant

MUTANT = Mutant(
    edits=(
        Edit(
            "sandtable.web.steps.cors",
            ("api is not None and rule.api == api.path)"),
            ("api is not None)"),
        ),
    ),
    scenarios=("bounded",),
    caught_by=("cors.one-api",),
    within=60,
)
