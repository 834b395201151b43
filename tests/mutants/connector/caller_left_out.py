"""Does not say who the caller of a new incident is."""

from __future__ import annotations

from tests.mutants.planting import Edit, Mutant

MUTANT = Mutant(
    edits=(
        Edit(
            "sandtable_connector.services.service",
            ('"caller_id": self.caller, "opened_by": self.caller}'),
            ('"opened_by": self.caller}'),
        ),
    ),
    scenarios=("opened-by",),
    caught_by=("push.opened-by",),
    within=20,
)
