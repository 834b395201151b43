"""Does not count modifications."""

from __future__ import annotations

from tests.mutants.planting import Edit, Mutant

MUTANT = Mutant(
    edits=(
        Edit(
            "sandtable.core.platform.writing.life_of_a_write",
            ('    count = current["sys_mod_count"]'),
            ('    count = "0"'),
        ),
    ),
    scenarios=("imports",),
    caught_by=(
        "instance.versions",
        "instance.import-answer",
    ),
    within=120,
)
