"""Adds a text only once where two comments say the same."""

from __future__ import annotations

from tests.mutants.planting import Edit, Mutant

MUTANT = Mutant(
    edits=(
        Edit(
            "third_party.client",
            "        for comment_id, text in comments:\n",
            "        for comment_id, text in {text: (comment_id, text) for comment_id, text in comments}.values():\n",
        ),
    ),
    scenarios=("comments",),
    within=60,
)
