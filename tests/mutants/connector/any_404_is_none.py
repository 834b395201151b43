"""Takes every 404 of a close for an incident that is not there."""

from __future__ import annotations

from tests.mutants.planting import Edit, Mutant

MUTANT = Mutant(
    edits=(
        Edit(
            "sandtable_connector.behaviour.switches",
            "empty_lookup_ends=True,\n            any_404_means_no_incident=False",
            "empty_lookup_ends=True,\n            any_404_means_no_incident=True",
        ),
    ),
    scenarios=("no-application",),
    caught_by=("close.answer",),
    within=40,
)
