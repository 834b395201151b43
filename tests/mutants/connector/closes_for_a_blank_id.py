"""A blank ID closes the newest incident that has none."""

from __future__ import annotations

from tests.mutants.planting import Edit, Mutant

MUTANT = Mutant(
    edits=(
        Edit(
            "sandtable_connector.services.service",
            (
                '            if self.urls.is_blank(correlation_id) and self.behaviour.blank_ids == "refused":\n'
                '                raise ParametersRefused("Correlation ID is empty.")\n'
            ),
            (""),
        ),
        Edit(
            "sandtable_connector.services.closing",
            ("service.incidents_with(correlation_id)"),
            ("service.incidents_with(correlation_id.strip())"),
        ),
    ),
    scenarios=("blanks",),
    caught_by=("close.blank-id",),
    within=40,
)
