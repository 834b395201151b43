"""Cuts titles at 160 characters."""

from __future__ import annotations

from tests.mutants.planting import Edit, Mutant

MUTANT = Mutant(
    edits=(
        Edit(
            "third_party.client",
            "        given = {name: value for name, value in values.items() if value is not None}\n",
            "        given = {name: value for name, value in values.items() if value is not None}\n        given = {k: v[:160] if k == 'short_description' else v for k, v in given.items()}\n",
        ),
    ),
    scenarios=("full-length",),
    caught_by=("push.sends-all-of-it",),
    within=60,
)
