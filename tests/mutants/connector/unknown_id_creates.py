"""Creates an incident when the external ID names none."""

from __future__ import annotations

from tests.mutants.planting import Edit, Mutant

MUTANT = Mutant(
    edits=(
        Edit(
            "sandtable_connector.services.pushing",
            ("        pushed = service.update_incident(external_id, incident)"),
            (
                "        try:\n"
                "            pushed = service.update_incident(external_id, incident)\n"
                "        except Exception:\n"
                "            pushed = service.create_incident(incident)"
            ),
        ),
    ),
    scenarios=("strangers",),
    caught_by=("push.unknown-id",),
    within=20,
)
