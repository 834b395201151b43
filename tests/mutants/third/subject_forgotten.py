"""Keeps its token when it is to act for another user."""

from __future__ import annotations

from tests.mutants.planting import Edit, Mutant

MUTANT = Mutant(
    edits=(
        Edit(
            "third_party.calls",
            "tuple(sorted(config.items()))",
            'tuple(sorted((k, v) for k, v in config.items() if k != "userIdentifierValue"))',
        ),
    ),
    scenarios=("behind-its-back",),
    within=60,
)
