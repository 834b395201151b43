"""Adds nine comments at most."""

from __future__ import annotations

from tests.mutants.planting import Edit, Mutant

MUTANT = Mutant(
    edits=(
        Edit(
            "third_party.client",
            "        for comment_id, text in comments:\n",
            "        for comment_id, text in comments[:9]:\n",
        ),
    ),
    scenarios=("comments",),
    within=60,
)
