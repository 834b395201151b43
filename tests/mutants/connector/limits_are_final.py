"""Takes the rate limit for final."""

from __future__ import annotations

from tests.mutants.planting import Edit, Mutant

MUTANT = Mutant(
    edits=(Edit("sandtable_connector.errors", "class RateLimited(Transient):", "class RateLimited(Permanent):"),),
    scenarios=("one-fault",),
    within=60,
)
