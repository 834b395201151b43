"""Answers the choices of all languages."""

from __future__ import annotations

from tests.mutants.planting import Edit, Mutant

MUTANT = Mutant(
    edits=(
        Edit(
            "sandtable_connector.transport.urls",
            ('{elements}^language=en"'),
            ('{elements}"'),
        ),
    ),
    scenarios=("questions",),
    caught_by=("asking.choices",),
    within=10,
)
