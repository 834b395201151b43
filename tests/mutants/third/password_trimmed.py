"""Trims the password."""

from __future__ import annotations

from tests.mutants.planting import Edit, Mutant

MUTANT = Mutant(
    edits=(
        Edit(
            "third_party.calls",
            'self._secrets["username"], self._secrets["password"])',
            'self._secrets["username"], self._secrets["password"].strip())',
        ),
    ),
    scenarios=("behind-its-back",),
    within=60,
)
