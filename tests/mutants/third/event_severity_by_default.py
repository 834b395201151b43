"""Gives events a severity where none was given."""

from __future__ import annotations

from tests.mutants.planting import Edit, Mutant

MUTANT = Mutant(
    edits=(
        Edit(
            "third_party.client",
            '        moment = record.pop("time_of_event", None)\n',
            ('        moment = record.pop("time_of_event", None)\n        record.setdefault("severity", "4")\n'),
        ),
    ),
    scenarios=("events",),
    within=60,
)
