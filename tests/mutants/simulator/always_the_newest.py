"""Updates the newest of several incidents, whatever the policy."""

from __future__ import annotations

from tests.mutants.planting import Edit, Mutant

MUTANT = Mutant(
    edits=(
        Edit(
            "sandtable.apps.elastic.elastic",
            ('if self.switch(row.instance, "several_matches") == "newest" else found[0]'),
            ("if found else found[0]"),
        ),
    ),
    scenarios=("policies",),
    caught_by=("instance.coalesce-several",),
    within=60,
)
