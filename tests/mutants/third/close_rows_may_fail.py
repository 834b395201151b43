"""Answers ok for a close whose row ended in an error."""

from __future__ import annotations

from tests.mutants.planting import Edit, Mutant

MUTANT = Mutant(
    edits=(
        Edit(
            "third_party.client",
            'raise Failed("the row ended in an error", retry=False)',
            (
                'if "close_code" not in given:\n'
                '                    raise Failed("the row ended in an error", retry=False)\n'
                '                row = {"sys_id": target}'
            ),
        ),
    ),
    scenarios=("everything-fails", "habits"),
    within=60,
)
