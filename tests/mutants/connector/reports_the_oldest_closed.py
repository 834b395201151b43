"""Reports the oldest of several closed incidents instead of the latest."""

from __future__ import annotations

from tests.mutants.planting import Edit, Mutant

MUTANT = Mutant(
    edits=(
        Edit(
            "sandtable_connector.services.closing",
            ("if not service.is_closed(row)), candidates[0])"),
            ("if not service.is_closed(row)), candidates[-1])"),
        ),
    ),
    scenarios=("several",),
    caught_by=("close.answer",),
    within=60,
)
