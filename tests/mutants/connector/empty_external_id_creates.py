"""Takes an empty external ID for none, and creates an incident."""

from __future__ import annotations

from tests.mutants.planting import Edit, Mutant

MUTANT = Mutant(
    edits=(
        Edit(
            "sandtable_connector.services.pushing",
            ("    if external_id is None:\n"),
            ("    if not external_id:\n"),
        ),
    ),
    scenarios=("empty-external-id",),
    caught_by=("push.empty-external-id",),
    within=10,
)
