"""Forgets the ID of an assertion after a second."""

from __future__ import annotations

from tests.mutants.planting import Edit, Mutant

MUTANT = Mutant(
    edits=(
        Edit(
            "sandtable.oauth.signed.replay",
            ('"expires": moment_text(expires)'),
            ('"expires": moment_text(instance.clock.timestamp() + 1)'),
        ),
    ),
    scenarios=("good-assertions",),
    caught_by=("instance.jwt-replay",),
    within=40,
)
