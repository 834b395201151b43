"""Knows a choice by its value only."""

from __future__ import annotations

from tests.mutants.planting import Edit, Mutant

MUTANT = Mutant(
    edits=(
        Edit(
            "sandtable.core.imports.field_mapping",
            "if given.casefold() in (choice.value.casefold(), choice.label.casefold()):",
            "if given.casefold() == choice.value.casefold():",
        ),
    ),
    scenarios=("named",),
    caught_by=("instance.named-values",),
    within=60,
)
