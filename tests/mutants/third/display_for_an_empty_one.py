"""Writes its name for an empty display."""

from __future__ import annotations

from tests.mutants.planting import Edit, Mutant

MUTANT = Mutant(
    edits=(
        Edit(
            "third_party.client",
            "        given = {name: value for name, value in values.items() if value is not None}\n",
            "        given = {name: value for name, value in values.items() if value is not None}\n        if given.get('correlation_display') == '':\n            given['correlation_display'] = 'Elastic'\n",
        ),
    ),
    scenarios=("chosen",),
    caught_by=("push.sends-what-was-given",),
    within=60,
)
