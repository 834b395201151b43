"""Finds nothing to close where the lookup failed."""

from __future__ import annotations

from tests.mutants.planting import Edit, Mutant

MUTANT = Mutant(
    edits=(
        Edit(
            "sandtable_connector.services.closing",
            ("        if error.status != 404 or service.behaviour.any_404_means_no_incident:\n            raise\n"),
            (
                "        if error.status == 500:\n"
                "            return None\n"
                "        if error.status != 404 or service.behaviour.any_404_means_no_incident:\n"
                "            raise\n"
            ),
        ),
    ),
    scenarios=("everything-fails",),
    within=60,
)
