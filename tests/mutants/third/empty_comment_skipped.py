"""Leaves out comments in which nothing is written."""

from __future__ import annotations

from tests.mutants.planting import Edit, Mutant

MUTANT = Mutant(
    edits=(
        Edit(
            "third_party.client",
            "        for comment_id, text in comments:\n",
            "        for comment_id, text in comments:\n            if not text.strip():\n                added.append({'commentId': comment_id})\n                continue\n",
        ),
    ),
    scenarios=("comments", "alike"),
    caught_by=("push.sends-all-of-it",),
    within=60,
    shortest=1,
)
