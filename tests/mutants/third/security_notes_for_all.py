"""Writes the comments of security incidents where customers read them."""

from __future__ import annotations

from tests.mutants.planting import Edit, Mutant

MUTANT = Mutant(
    edits=(
        Edit(
            "third_party.client",
            '{**incident, "work_notes": text}',
            '{**incident, ("comments" if self.table == "sn_si_incident" else "work_notes"): text}',
        ),
    ),
    scenarios=("security",),
    within=60,
)
