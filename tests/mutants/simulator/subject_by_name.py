"""Finds users by their name where the user field finds none."""

from __future__ import annotations

from tests.mutants.planting import Edit, Mutant

MUTANT = Mutant(
    edits=(
        Edit(
            "sandtable.oauth.users",
            ("    found = _with_value(instance, field, value)\n    if not found:\n"),
            (
                '    found = _with_value(instance, field, value) or _with_value(instance, "user_name", '
                "value)\n"
                "    if not found:\n"
            ),
        ),
    ),
    scenarios=("bad-assertions",),
    caught_by=("instance.jwt-subject",),
    within=90,
)
