"""Links references where that was not wanted."""

from __future__ import annotations

from tests.mutants.planting import Edit, Mutant

MUTANT = Mutant(
    edits=(
        Edit(
            "sandtable.web.wire.parameters",
            'exclude_links=is_true(args.get("sysparm_exclude_reference_link"))',
            "exclude_links=False",
        ),
    ),
    scenarios=("forms",),
    caught_by=("instance.answers-alike",),
    within=40,
    shortest=1,
)
