"""Takes the keys of other clients."""

from __future__ import annotations

from tests.mutants.planting import Edit, Mutant

MUTANT = Mutant(
    edits=(
        Edit(
            "sandtable.oauth.signed.assertions",
            ("rows = matching(instance, VERIFIER_MAP, oauth_jwt=client.sys_id)"),
            ("rows = matching(instance, VERIFIER_MAP)"),
        ),
    ),
    scenarios=("bad-assertions",),
    caught_by=("instance.jwt-key-id",),
    within=180,
)
