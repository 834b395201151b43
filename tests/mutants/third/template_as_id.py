"""Writes the template of the default over the ID of an incident that it updates by its sys_id."""

from __future__ import annotations

from tests.mutants.planting import Edit, Mutant

MUTANT = Mutant(
    edits=(
        Edit(
            "third_party.client",
            (
                '        if not (incident.get("correlation_id") or "").strip():\n'
                '            incident["correlation_id"] = None\n'
            ),
            (
                '        if not (incident.get("correlation_id") or "").strip():\n'
                '            incident["correlation_id"] = "{{rule.id}}:{{alert.id}}" if target is not None else None\n'
            ),
        ),
    ),
    scenarios=("external-id", "worked-on"),
    within=60,
)
