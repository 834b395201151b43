"""Answers ok although the push failed."""

from __future__ import annotations

from tests.mutants.planting import Edit, Mutant

MUTANT = Mutant(
    edits=(
        Edit(
            "sandtable_connector.connector",
            ("            return self._failed(error, from_task)"),
            ('            return ExecutionResult(status="ok", connector_id=self.connector_id, data={})'),
        ),
    ),
    scenarios=(
        "basic",
        "one-fault",
    ),
    caught_by=(
        "auth.basic-refused",
        "faults.honest",
    ),
    within=20,
)
