"""The roles of a user are read once."""

from __future__ import annotations

from tests.mutants.planting import Edit, Mutant

MUTANT = Mutant(
    edits=(
        Edit(
            "sandtable.core.security.roles",
            ('    "sys_user_has_role",\n    "sys_user_grmember",\n    "sys_group_has_role",'),
            ('    "sys_user_grmember",\n    "sys_group_has_role",'),
        ),
    ),
    scenarios=("roles", "behind-its-back"),
    within=60,
)
