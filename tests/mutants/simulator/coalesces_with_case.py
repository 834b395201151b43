"""Coalesces with letter case."""

from __future__ import annotations

from tests.mutants.planting import Edit, Mutant

MUTANT = Mutant(
    edits=(
        Edit(
            "sandtable.apps.elastic.elastic",
            ("        if not found:\n            return None\n        return found[-1]"),
            (
                "        found = [record for record in found if record[CORRELATION] == wanted]\n"
                "        if not found:\n"
                "            return None\n"
                "        return found[-1]"
            ),
        ),
    ),
    scenarios=("letter-case",),
    caught_by=("correlation.letter-case",),
    within=60,
)
