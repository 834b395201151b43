"""Waits for an answer as long as it takes."""

from __future__ import annotations

from tests.mutants.planting import Edit, Mutant

MUTANT = Mutant(
    edits=(
        Edit(
            "third_party.calls",
            "allow_redirects=False, timeout=PATIENCE, **options)",
            "allow_redirects=False, timeout=None, **options)",
        ),
    ),
    scenarios=("slow",),
    within=60,
)
