"""Answers the choices of incidents to every connector."""

from __future__ import annotations

from tests.mutants.planting import Edit, Mutant

MUTANT = Mutant(
    edits=(
        Edit(
            "sandtable_connector.services.service",
            ("self.urls.choices(self.kind.table, fields)"),
            ('self.urls.choices("incident", fields)'),
        ),
    ),
    scenarios=("other-questions",),
    caught_by=("asking.choices",),
    within=10,
)
