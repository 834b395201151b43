"""Closes by correlation ID where the incident that is named is closed already."""

from __future__ import annotations

from tests.mutants.planting import Edit, Mutant

MUTANT = Mutant(
    edits=(
        Edit(
            "third_party.client",
            "        still_open = [",
            "        if target is not None and (correlation_id or '').strip() and found and found[0]['state'] in ENDED:\n            found = self._matching(str(correlation_id)) or found\n        still_open = [",
        ),
    ),
    scenarios=("external-id",),
    caught_by=("close.nothing-to-close", "close.answer", "correlation.bystanders"),
    within=40,
    shortest=3,
)
