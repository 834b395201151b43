"""Takes JTIs that differ in case for one."""

from __future__ import annotations

from tests.mutants.planting import Edit, Mutant

MUTANT = Mutant(
    edits=(Edit("sandtable.oauth.signed.replay", "name = digest(jti)", "name = digest(jti.lower())"),),
    scenarios=("good-assertions",),
    caught_by=("instance.jwt-replay",),
    within=60,
)
