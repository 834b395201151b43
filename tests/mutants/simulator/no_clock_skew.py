"""Allows for no difference of the clocks."""

from __future__ import annotations

from tests.mutants.planting import Edit, Mutant

MUTANT = Mutant(
    edits=(
        Edit(
            "sandtable.oauth.signed.assertions",
            ('skew = whole_number(client["clock_skew"], DEFAULT_SKEW)'),
            ("skew = 0"),
        ),
    ),
    scenarios=(
        "good-assertions",
        "jwt-clocks",
    ),
    caught_by=(
        "instance.jwt-accepted",
        "auth.clock-skew",
    ),
    within=180,
)
