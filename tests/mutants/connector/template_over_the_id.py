"""Writes the template of the default over the ID of an incident that it updates by its sys_id."""

from __future__ import annotations

from tests.mutants.planting import Edit, Mutant

MUTANT = Mutant(
    edits=(
        Edit(
            "sandtable_connector.services.pushing",
            "    if external_id is None:\n",
            (
                "    if external_id is not None and correlation_id is None:\n"
                '        incident["correlation_id"] = "{{rule.id}}:{{alert.id}}"\n'
                "    if external_id is None:\n"
            ),
        ),
    ),
    scenarios=("external-id", "worked-on"),
    within=60,
)
