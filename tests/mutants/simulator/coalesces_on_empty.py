"""Merges rows without an ID into the oldest incident without one."""

from __future__ import annotations

from tests.mutants.planting import Edit, Mutant

MUTANT = Mutant(
    edits=(
        Edit(
            "sandtable.apps.elastic.elastic",
            ("        if not wanted and (row"),
            ("        if False and (row"),
        ),
    ),
    scenarios=(
        "imports",
        "blanks",
    ),
    caught_by=(
        "instance.coalesce-blank",
        "correlation.blank-push",
    ),
    within=60,
)
