"""Allows for ten times the difference of the clocks."""

from __future__ import annotations

from tests.mutants.planting import Edit, Mutant

MUTANT = Mutant(
    edits=(
        Edit(
            "sandtable.oauth.signed.assertions",
            ('skew = whole_number(client["clock_skew"], DEFAULT_SKEW)'),
            ('skew = 10 * whole_number(client["clock_skew"], DEFAULT_SKEW)'),
        ),
    ),
    scenarios=("bad-assertions",),
    caught_by=("instance.jwt-times",),
    within=180,
)
