"""Looks at the two newest incidents with the ID, and at no older one."""

from __future__ import annotations

from tests.mutants.planting import Edit, Mutant

MUTANT = Mutant(
    edits=(
        Edit(
            "sandtable_connector.transport.urls",
            ('url += f"&sysparm_fields='),
            ('url += f"&sysparm_limit=2&sysparm_fields='),
        ),
    ),
    scenarios=("several",),
    caught_by=("close.latest-open",),
    within=30,
)
