"""Never asks whether a token has ended."""

from __future__ import annotations

from tests.mutants.planting import Edit, Mutant

MUTANT = Mutant(
    edits=(
        Edit(
            "third_party.calls",
            ("        if until > now:\n            return kept"),
            ("        if kept:\n            return kept"),
        ),
    ),
    scenarios=("jwt-expiring", "jwt-revoked"),
    within=60,
)
