"""Asks for twenty fields."""

from __future__ import annotations

from tests.mutants.planting import Edit, Mutant

MUTANT = Mutant(
    edits=(
        Edit(
            "sandtable_connector.transport.urls",
            "&sysparm_fields={self._parameter('max_length,element,column_label,mandatory')}",
            "&sysparm_limit=20&sysparm_fields={self._parameter('max_length,element,column_label,mandatory')}",
        ),
    ),
    scenarios=("plenty",),
    caught_by=("asking.fields",),
    within=60,
)
