"""Does not say who changed a record."""

from __future__ import annotations

from tests.mutants.planting import Edit, Mutant

MUTANT = Mutant(
    edits=(
        Edit(
            "sandtable.core.platform.writing.life_of_a_write",
            ('        "sys_updated_by": session.user_name,\n'),
            (""),
        ),
    ),
    scenarios=("imports",),
    caught_by=("instance.versions",),
    within=40,
)
