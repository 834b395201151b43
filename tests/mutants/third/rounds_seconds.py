"""Rounds the time of an event to the next second."""

from __future__ import annotations

from tests.mutants.planting import Edit, Mutant

MUTANT = Mutant(
    edits=(
        Edit(
            "third_party.client",
            '    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M:%S}"\n',
            (
                "    from datetime import timedelta\n"
                '    return f"{moment.astimezone(UTC) + timedelta(milliseconds=500):%Y-%m-%d %H:%M:%S}"\n'
            ),
        ),
    ),
    scenarios=("events",),
    within=60,
)
