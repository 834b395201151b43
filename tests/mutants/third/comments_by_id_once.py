"""Adds the comments of one ID only once."""

from __future__ import annotations

from tests.mutants.planting import Edit, Mutant

MUTANT = Mutant(
    edits=(
        Edit(
            "third_party.client",
            "        for comment_id, text in comments:\n",
            "        comments = list({each[0]: each for each in comments}.values())\n        for comment_id, text in comments:\n",
        ),
    ),
    scenarios=("comments",),
    within=60,
)
