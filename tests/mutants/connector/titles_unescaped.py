"""Takes HTML in titles for what it stands for."""

from __future__ import annotations

from tests.mutants.planting import Edit, Mutant

MUTANT = Mutant(
    edits=(
        Edit(
            "sandtable_connector.services.pushing",
            '    correlation_id = incident.get("correlation_id")\n',
            '    correlation_id = incident.get("correlation_id")\n    incident["short_description"] = __import__("html").unescape(incident["short_description"])\n',
        ),
    ),
    scenarios=("alphabet",),
    caught_by=("push.fields",),
    within=60,
)
