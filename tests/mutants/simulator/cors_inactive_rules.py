"""Follows rules that are not active."""

from __future__ import annotations

from tests.mutants.planting import Edit, Mutant

MUTANT = Mutant(
    edits=(
        Edit(
            "sandtable.core.security.cors_rules",
            ('query("active=true"))'),
            ('query(""))'),
        ),
    ),
    scenarios=("bounded",),
    caught_by=("cors.strangers",),
    within=60,
)
