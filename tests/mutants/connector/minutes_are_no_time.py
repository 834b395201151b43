"""Reads no time without seconds."""

from __future__ import annotations

from tests.mutants.planting import Edit, Mutant

MUTANT = Mutant(
    edits=(
        Edit(
            "sandtable_connector.values.dates",
            "    match = _ISO.fullmatch(text)\n    if match is None:",
            "    match = _ISO.fullmatch(text)\n    if match is None or (match[4] is not None and match[6] is None):",
        ),
    ),
    scenarios=("events",),
    caught_by=("itom.time",),
    within=60,
    shortest=2,
)
