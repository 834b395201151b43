"""Signs in with what stands before an at sign."""

from __future__ import annotations

from tests.mutants.planting import Edit, Mutant

MUTANT = Mutant(
    edits=(
        Edit(
            "third_party.calls",
            '(self._secrets["username"], self._secrets["password"])',
            '(self._secrets["username"].partition("@")[0], self._secrets["password"])',
        ),
    ),
    scenarios=("names",),
    caught_by=("auth.basic",),
    within=60,
)
