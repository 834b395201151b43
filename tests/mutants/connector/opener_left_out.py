"""Does not say who opened a new incident."""

from __future__ import annotations

from tests.mutants.planting import Edit, Mutant

MUTANT = Mutant(
    edits=(
        Edit(
            "sandtable_connector.services.service",
            ('"caller_id": self.caller, "opened_by": self.caller}'),
            ('"caller_id": self.caller}'),
        ),
    ),
    scenarios=("opened-by",),
    caught_by=("push.opened-by",),
    within=20,
)
