"""Lets the bare domain in by a rule for what is below it."""

from __future__ import annotations

from tests.mutants.planting import Edit, Mutant

MUTANT = Mutant(
    edits=(
        Edit(
            "sandtable.core.security.cors_rules",
            'return origin.host.endswith(f".{self.host}") and',
            'return (origin.host == self.host or origin.host.endswith(f".{self.host}")) and',
        ),
    ),
    scenarios=("wildcards",),
    within=60,
)
