"""Inserts an incident when the one that was named is gone."""

from __future__ import annotations

from tests.mutants.planting import Edit, Mutant

MUTANT = Mutant(
    edits=(
        Edit(
            "sandtable.apps.elastic.elastic",
            ("        if stale and (row.existing is None or first is by_id):"),
            ("        if False:"),
        ),
    ),
    scenarios=("gone",),
    caught_by=("instance.incident-id",),
    within=60,
)
