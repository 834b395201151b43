"""Leaves out a comment that says what the title says."""

from __future__ import annotations

from tests.mutants.planting import Edit, Mutant

MUTANT = Mutant(
    edits=(
        Edit(
            "third_party.client",
            "        for comment_id, text in comments:\n",
            "        for comment_id, text in comments:\n            if text == incident.get('short_description'):\n                continue\n",
        ),
    ),
    scenarios=("alike",),
    caught_by=("comments.once",),
    within=60,
)
