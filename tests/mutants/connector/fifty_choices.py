"""Asks for fifty choices."""

from __future__ import annotations

from tests.mutants.planting import Edit, Mutant

MUTANT = Mutant(
    edits=(
        Edit(
            "sandtable_connector.transport.urls",
            "&sysparm_fields={self._parameter('label,value,dependent_value,element')}",
            "&sysparm_limit=50&sysparm_fields={self._parameter('label,value,dependent_value,element')}",
        ),
    ),
    scenarios=("plenty",),
    caught_by=("asking.choices",),
    within=60,
)
