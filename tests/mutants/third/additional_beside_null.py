"""Lets an additional field fill a form field that is null."""

from __future__ import annotations

from tests.mutants.planting import Edit, Mutant

MUTANT = Mutant(
    edits=(Edit("third_party.client", "if name not in own}", 'if name not in own or f"{name[2:]}" not in given}'),),
    scenarios=("colliding-fields", "worked-on"),
    within=60,
)
