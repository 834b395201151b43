"""Cuts an overlong correlation ID when it closes, and closes the incident of another alert."""

from __future__ import annotations

from tests.mutants.planting import Edit, Mutant

MUTANT = Mutant(
    edits=(
        Edit(
            "sandtable_connector.schemas.params",
            ("    limit = behaviour.correlation_id_limit\n"),
            ('    limit = behaviour.correlation_id_limit if action.name == "pushToService" else None\n'),
        ),
        Edit(
            "sandtable_connector.services.closing",
            ("            return _chosen(service, service.incidents_with(correlation_id), correlation_id)"),
            (
                "            cut = correlation_id[:100]\n"
                "            return _chosen(service, service.incidents_with(cut), cut)"
            ),
        ),
    ),
    scenarios=("overlong",),
    caught_by=("close.too-long",),
    within=20,
)
