"""Adds comments where the customer reads them."""

from __future__ import annotations

from tests.mutants.planting import Edit, Mutant

MUTANT = Mutant(
    edits=(
        Edit(
            "sandtable_connector.connector_types",
            ('app_id="7148dbc91bf1f450ced060a7234bcb88",\n    comment_field="work_notes"'),
            ('app_id="7148dbc91bf1f450ced060a7234bcb88",\n    comment_field="comments"'),
        ),
    ),
    scenarios=("comments",),
    caught_by=("comments.once",),
    within=20,
)
