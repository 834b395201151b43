"""Closes by correlation ID what the external ID does not name."""

from __future__ import annotations

from tests.mutants.planting import Edit, Mutant

MUTANT = Mutant(
    edits=(
        Edit(
            "third_party.client",
            '                if "404" not in str(problem):\n                    raise\n                return {}\n',
            '                if "404" not in str(problem):\n                    raise\n                found = self._matching(str(correlation_id)) if (correlation_id or "").strip() else []\n',
        ),
    ),
    scenarios=("external-id",),
    within=60,
)
