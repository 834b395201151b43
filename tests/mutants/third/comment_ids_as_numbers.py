"""Names comments by numbers where their IDs are digits."""

from __future__ import annotations

from tests.mutants.planting import Edit, Mutant

MUTANT = Mutant(
    edits=(
        Edit(
            "third_party.client",
            'added.append({"commentId": comment_id,',
            'added.append({"commentId": int(comment_id) if comment_id.isdigit() else comment_id,',
        ),
    ),
    scenarios=("comments",),
    within=60,
)
