"""Never permits credentials."""

from __future__ import annotations

from tests.mutants.planting import Edit, Mutant

MUTANT = Mutant(
    edits=(
        Edit(
            "sandtable.web.steps.cors",
            ("if decision.rule is not None and decision.rule.credentials:"),
            ("if False:"),
        ),
    ),
    scenarios=("cors-columns",),
    caught_by=("cors.columns",),
    within=30,
)
