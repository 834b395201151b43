"""Leaves out hashes that are no SHA-256."""

from __future__ import annotations

from tests.mutants.planting import Edit, Mutant

MUTANT = Mutant(
    edits=(
        Edit(
            "third_party.client",
            ("            if value:\n                found"),
            ('            if value and (kind != "SHA256" or len(value) == 64):\n                found'),
        ),
    ),
    scenarios=("security",),
    within=60,
)
