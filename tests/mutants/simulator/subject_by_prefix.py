"""Finds users by the beginning of the subject."""

from __future__ import annotations

from tests.mutants.planting import Edit, Mutant

MUTANT = Mutant(
    edits=(
        Edit(
            "sandtable.oauth.users",
            ('.page("", limit=100, offset=0, count=False, filters={field: value})'),
            ('.page(f"{field}STARTSWITH{value}", limit=100, offset=0, count=False)'),
        ),
        Edit(
            "sandtable.oauth.users",
            ("_value(user, field).casefold() == value.casefold()"),
            ("_value(user, field).casefold().startswith(value.casefold())"),
        ),
    ),
    scenarios=("bad-assertions",),
    caught_by=("instance.jwt-subject",),
    within=90,
)
