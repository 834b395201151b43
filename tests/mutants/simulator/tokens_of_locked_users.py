"""Lets the token of a locked user go on."""

from __future__ import annotations

from tests.mutants.planting import Edit, Mutant

MUTANT = Mutant(
    edits=(
        Edit(
            "sandtable.oauth.tokens",
            ('return by_sys_id(instance, check_bearer(instance, token)["user"])'),
            ('return instance.system().table("sys_user").get(check_bearer(instance, token)["user"])'),
        ),
    ),
    scenarios=("good-assertions",),
    caught_by=("instance.token-checked",),
    within=180,
)
