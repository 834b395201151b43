"""Lets a wildcard match in the middle of a name."""

from __future__ import annotations

from tests.mutants.planting import Edit, Mutant

MUTANT = Mutant(
    edits=(
        Edit(
            "sandtable.core.security.cors_rules",
            ('return origin.host.endswith(f".{self.host}") and'),
            ("return origin.host.endswith(self.host) and"),
        ),
    ),
    scenarios=("wildcards",),
    caught_by=("cors.strangers",),
    within=60,
)
