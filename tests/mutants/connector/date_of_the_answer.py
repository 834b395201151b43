"""Reports when the answer came instead of when the incident was written."""

from __future__ import annotations

from tests.mutants.planting import Edit, Mutant

MUTANT = Mutant(
    edits=(
        Edit(
            "sandtable_connector.values.dates",
            ("    if value is None:\n        return iso"),
            ("    if value:\n        return iso"),
        ),
    ),
    scenarios=(
        "external-id",
        "time-zones",
    ),
    caught_by=("push.date",),
    within=60,
)
