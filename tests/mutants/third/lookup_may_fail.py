"""Finds nothing to close where the lookup failed."""

from __future__ import annotations

from tests.mutants.planting import Edit, Mutant

MUTANT = Mutant(
    edits=(
        Edit(
            "third_party.client",
            '            found = self._matching(str(correlation_id)) if (correlation_id or "").strip() else []\n',
            (
                "            try:\n"
                '                found = self._matching(str(correlation_id)) if (correlation_id or "").strip() else []\n'
                "            except Failed:\n"
                "                found = []\n"
            ),
        ),
    ),
    scenarios=("everything-fails", "asleep"),
    within=60,
)
