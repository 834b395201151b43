"""Takes a broken connection for final."""

from __future__ import annotations

from tests.mutants.planting import Edit, Mutant

MUTANT = Mutant(
    edits=(
        Edit("sandtable_connector.errors", "class ConnectionFailed(Transient):", "class ConnectionFailed(Permanent):"),
    ),
    scenarios=("one-fault",),
    within=60,
)
