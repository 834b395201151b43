"""Takes a privilege that was requested for one that was allowed."""

from __future__ import annotations

from tests.mutants.planting import Edit, Mutant

MUTANT = Mutant(
    edits=(
        Edit(
            "sandtable.core.security.scope_privileges",
            ("    if status == ALLOWED:\n"),
            ("    if status in (ALLOWED, REQUESTED):\n"),
        ),
    ),
    scenarios=("privileges",),
    caught_by=("instance.scope-privilege",),
    within=12,
)
