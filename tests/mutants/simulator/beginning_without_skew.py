"""Allows no clock skew for the beginning of an assertion."""

from __future__ import annotations

from tests.mutants.planting import Edit, Mutant

MUTANT = Mutant(
    edits=(
        Edit(
            "sandtable.oauth.signed.assertions",
            ('_moment(claims, "nbf")) > now + skew'),
            ('_moment(claims, "nbf")) > now'),
        ),
    ),
    scenarios=("good-assertions",),
    caught_by=("instance.jwt-accepted",),
    within=50,
)
