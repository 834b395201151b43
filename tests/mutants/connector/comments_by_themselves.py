"""Writes a comment without the incident, which empties nothing, and resets its urgency."""

from __future__ import annotations

from tests.mutants.planting import Edit, Mutant

MUTANT = Mutant(
    edits=(
        Edit(
            "sandtable_connector.services.pushing",
            '{**incident, service.kind.comment_field: comment["comment"]}',
            '{"short_description": incident["short_description"], "urgency": "3", service.kind.comment_field: comment["comment"]}',
        ),
    ),
    scenarios=("comments", "worked-on"),
    within=60,
)
