"""Takes escapes in comments for what they stand for."""

from __future__ import annotations

from tests.mutants.planting import Edit, Mutant

MUTANT = Mutant(
    edits=(
        Edit(
            "sandtable_connector.services.pushing",
            'service.kind.comment_field: comment["comment"]}',
            'service.kind.comment_field: __import__("urllib.parse").parse.unquote(comment["comment"])}',
        ),
    ),
    scenarios=("alphabet",),
    caught_by=("comments.once",),
    within=60,
)
