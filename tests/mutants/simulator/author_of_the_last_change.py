"""Names the author of the last change as that of the record."""

from __future__ import annotations

from tests.mutants.planting import Edit, Mutant

MUTANT = Mutant(
    edits=(
        Edit(
            "sandtable.core.platform.writing.life_of_a_write",
            ('        "sys_updated_by": session.user_name,\n        "sys_mod_count": str('),
            (
                '        "sys_updated_by": session.user_name, "sys_created_by": session.user_name,\n'
                '        "sys_mod_count": str('
            ),
        ),
    ),
    scenarios=("imports",),
    caught_by=("instance.versions",),
    within=40,
)
