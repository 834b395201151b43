"""Replaces characters beyond the basic plane by question marks."""

from __future__ import annotations

from tests.mutants.planting import Edit, Mutant

MUTANT = Mutant(
    edits=(
        Edit(
            "third_party.client",
            "        given = {name: value for name, value in values.items() if value is not None}\n",
            "        given = {name: value for name, value in values.items() if value is not None}\n        given = {k: ''.join(c if ord(c) < 65536 else '?' for c in v) if k == 'short_description' else v for k, v in given.items()}\n",
        ),
    ),
    scenarios=("alphabet",),
    caught_by=("push.fields",),
    within=60,
)
