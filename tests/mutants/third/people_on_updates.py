"""Names caller and opener in updates as well."""

from __future__ import annotations

from tests.mutants.planting import Edit, Mutant

MUTANT = Mutant(
    edits=(
        Edit(
            "third_party.client",
            "people = {} if target is not None or self.user is None else",
            "people = {} if self.user is None else",
        ),
    ),
    scenarios=("worked-on", "external-id"),
    within=60,
)
