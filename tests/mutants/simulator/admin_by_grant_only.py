"""Looks for administrators among direct grants of the role only."""

from __future__ import annotations

from tests.mutants.planting import Edit, Mutant

MUTANT = Mutant(
    edits=(
        Edit(
            "sandtable.oauth.users",
            ('return "admin" in roles_of(instance, user.sys_id)'),
            (
                'return any(r["inherited"] != "true" for r in '
                'instance.system().table("sys_user_has_role").query(f"user={user.sys_id}^role.name=admin"))'
            ),
        ),
    ),
    scenarios=("bad-assertions",),
    caught_by=("instance.jwt-subject",),
    within=90,
)
