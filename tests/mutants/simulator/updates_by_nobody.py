"""An update keeps the name of whoever changed the record before."""

from __future__ import annotations

from tests.mutants.planting import Edit, Mutant

MUTANT = Mutant(
    edits=(
        Edit(
            "sandtable.core.platform.writing.life_of_a_write",
            ('        "sys_updated_by": session.user_name,\n        "sys_mod_count": str'),
            ('        "sys_updated_by": current["sys_updated_by"],\n        "sys_mod_count": str'),
        ),
    ),
    scenarios=("imports", "worked-on"),
    within=60,
)
