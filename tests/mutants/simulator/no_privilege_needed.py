"""Asks for no cross-scope privileges."""

from __future__ import annotations

from tests.mutants.planting import Edit, Mutant

MUTANT = Mutant(
    edits=(
        Edit(
            "sandtable.core.security.scope_privileges",
            ("    if source == GLOBAL:\n        return\n"),
            ("    return\n"),
        ),
    ),
    scenarios=("privileges",),
    caught_by=("instance.scope-privilege",),
    within=5,
)
