"""Creates an incident although one was named."""

from __future__ import annotations

from tests.mutants.planting import Edit, Mutant

MUTANT = Mutant(
    edits=(
        Edit(
            "sandtable_connector.services.pushing",
            ("    if external_id is None:"),
            ("    if True:"),
        ),
    ),
    scenarios=(
        "external-id",
        "cases",
    ),
    caught_by=(
        "push.external-id",
        "correlation.bystanders",
    ),
    within=40,
)
