"""Adds a hundred comments at most."""

from __future__ import annotations

from tests.mutants.planting import Edit, Mutant

MUTANT = Mutant(
    edits=(
        Edit(
            "sandtable_connector.services.pushing",
            '    comments = params.get("comments")\n',
            '    comments = (params.get("comments") or [])[:100]\n',
        ),
    ),
    scenarios=("plenty",),
    caught_by=("comments.once", "push.sends-all-of-it"),
    within=4,
    shortest=1,
)
