"""Takes the incident opened last for the latest."""

from __future__ import annotations

from tests.mutants.planting import Edit, Mutant

MUTANT = Mutant(
    edits=(Edit("third_party.client", "^ORDERBYDESCsys_created_on", "^ORDERBYDESCopened_at"),),
    scenarios=("several",),
    caught_by=("close.latest-open",),
    within=60,
)
