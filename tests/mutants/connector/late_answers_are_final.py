"""Marks an answer that did not come in time as not worth another try."""

from __future__ import annotations

from tests.mutants.planting import Edit, Mutant

MUTANT = Mutant(
    edits=(
        Edit("sandtable_connector.errors", "class ResponseTimeout(Transient):", "class ResponseTimeout(Permanent):"),
    ),
    scenarios=("slow",),
    within=60,
)
