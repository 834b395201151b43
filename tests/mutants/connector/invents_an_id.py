"""Uses an unrendered template as the ID of alerts that come without one."""

from __future__ import annotations

from tests.mutants.planting import Edit, Mutant

MUTANT = Mutant(
    edits=(
        Edit(
            "sandtable_connector.behaviour.switches",
            ("            correlation_id_limit=LONGEST_CORRELATION_ID,\n            correlation_id_default=None,"),
            (
                "            correlation_id_limit=LONGEST_CORRELATION_ID,\n"
                "            correlation_id_default=UNRENDERED_CORRELATION_ID,"
            ),
        ),
    ),
    scenarios=("blanks",),
    caught_by=(
        "correlation.invented",
        "correlation.blank-push",
    ),
    within=40,
)
