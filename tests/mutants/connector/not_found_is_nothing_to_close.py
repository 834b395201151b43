"""Takes every 404 of a close for no incident, the application's own too."""

from __future__ import annotations

from tests.mutants.planting import Edit, Mutant

MUTANT = Mutant(
    edits=(
        Edit(
            "sandtable_connector.services.closing",
            ("if error.status == 404 and service.behaviour.any_404_means_no_incident"),
            ("if error.status == 404"),
        ),
    ),
    scenarios=("no-application",),
    caught_by=("close.answer",),
    within=10,
)
