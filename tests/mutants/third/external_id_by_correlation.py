"""Updates the first incident of an ID where the external ID names another one of it."""

from __future__ import annotations

from tests.mutants.planting import Edit, Mutant

MUTANT = Mutant(
    edits=(
        Edit(
            "third_party.client",
            "        told = self._written({**incident, **people}",
            (
                '        if target is not None and incident.get("correlation_id"):\n'
                '            twins = self._matching(incident["correlation_id"])\n'
                '            target = twins[-1]["sys_id"] if len(twins) > 1 else target\n'
                "        told = self._written({**incident, **people}"
            ),
        ),
    ),
    scenarios=("external-id", "twins"),
    within=60,
)
