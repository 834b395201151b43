"""An observable that is known under another type is linked again."""

from __future__ import annotations

from tests.mutants.planting import Edit, Mutant

MUTANT = Mutant(
    edits=(
        Edit(
            "sandtable.apps.elastic.elastic_sir",
            ('    wanted = {"value": value, "type": known.sys_id}\n    observable = home'),
            ('    wanted = {"value": value}\n    observable = home'),
        ),
    ),
    scenarios=("security",),
    within=60,
)
