"""Answers nothing when an incident is asked for."""

from __future__ import annotations

from tests.mutants.planting import Edit, Mutant

MUTANT = Mutant(
    edits=(
        Edit(
            "sandtable_connector.behaviour.switches",
            ("            javascript_dates=False,\n            get_incident_reads=True"),
            ("            javascript_dates=False,\n            get_incident_reads=False"),
        ),
    ),
    scenarios=("questions",),
    caught_by=("asking.incident",),
    within=20,
)
