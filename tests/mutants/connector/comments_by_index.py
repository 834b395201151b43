"""Names comments by their place, and not by their ID."""

from __future__ import annotations

from tests.mutants.planting import Edit, Mutant

MUTANT = Mutant(
    edits=(
        Edit(
            "sandtable_connector.services.pushing",
            "[_comment(service, pushed, incident, comment) for comment in comments]",
            '[{**_comment(service, pushed, incident, comment), "commentId": str(at)} for at, comment in enumerate(comments)]',
        ),
    ),
    scenarios=("comments",),
    caught_by=("comments.reported",),
    within=20,
    shortest=1,
)
