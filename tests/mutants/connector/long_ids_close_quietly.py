"""Answers a close of a correlation ID over the limit with ok, since nothing is found."""

from __future__ import annotations

from tests.mutants.planting import Edit, Mutant

MUTANT = Mutant(
    edits=(
        Edit(
            "sandtable_connector.schemas.params",
            ("    limit = behaviour.correlation_id_limit\n"),
            ('    limit = behaviour.correlation_id_limit if action.name == "pushToService" else None\n'),
        ),
    ),
    scenarios=("overlong",),
    caught_by=("close.too-long",),
    within=20,
)
