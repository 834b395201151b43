"""Sends comments without the ID of their incident."""

from __future__ import annotations

from tests.mutants.planting import Edit, Mutant

MUTANT = Mutant(
    edits=(
        Edit(
            "third_party.client",
            '{**incident, "work_notes": text}, extra, told["id"], "sys_updated_on")',
            '{**incident, "work_notes": text}, extra, None, "sys_updated_on")',
        ),
    ),
    scenarios=("worked-on",),
    within=60,
)
