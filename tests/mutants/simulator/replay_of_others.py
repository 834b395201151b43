"""Takes the ID of another client's assertion for a replay."""

from __future__ import annotations

from tests.mutants.planting import Edit, Mutant

MUTANT = Mutant(
    edits=(
        Edit(
            "sandtable.oauth.signed.replay",
            ("matching(instance, TABLE, oauth_jwt=client.sys_id, digest=name)"),
            ("matching(instance, TABLE, digest=name)"),
        ),
    ),
    scenarios=("good-assertions",),
    caught_by=("instance.jwt-replay",),
    within=30,
)
