"""Marks no failure as worth another try."""

from __future__ import annotations

from tests.mutants.planting import Edit, Mutant

MUTANT = Mutant(
    edits=(
        Edit(
            "sandtable_connector.errors",
            ("    retry = True\n"),
            ("    retry = False\n"),
        ),
    ),
    scenarios=("one-fault",),
    caught_by=("faults.retryable",),
    within=40,
)
