"""Tries every key of a client for an assertion without a key ID."""

from __future__ import annotations

from tests.mutants.planting import Edit, Mutant

MUTANT = Mutant(
    edits=(
        Edit(
            "sandtable.oauth.signed.assertions",
            ('if mode == "any" or (mode == "only_map" and len(rows) == 1)'),
            ('if mode == "any" or mode == "only_map"'),
        ),
    ),
    scenarios=("bad-assertions",),
    caught_by=("instance.jwt-key-id",),
    within=90,
)
