"""Sends passwords in Latin-1."""

from __future__ import annotations

from tests.mutants.planting import Edit, Mutant

MUTANT = Mutant(
    edits=(
        Edit(
            "third_party.calls",
            "return None if pair is None else (pair[0].encode(), pair[1].encode())",
            "return None if pair is None else (pair[0].encode(), pair[1].encode('latin-1', 'replace'))",
        ),
    ),
    scenarios=("names",),
    caught_by=("auth.basic",),
    within=60,
)
