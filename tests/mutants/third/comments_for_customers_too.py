"""Writes each comment for the customer as well."""

from __future__ import annotations

from tests.mutants.planting import Edit, Mutant

MUTANT = Mutant(
    edits=(
        Edit(
            "third_party.client",
            '{**incident, "work_notes": text}',
            '{**incident, "work_notes": text, "comments": text}',
        ),
    ),
    scenarios=("comments",),
    within=60,
)
