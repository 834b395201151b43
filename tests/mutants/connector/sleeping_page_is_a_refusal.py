"""Takes the page of a sleeping instance at the token endpoint for a refusal."""

from __future__ import annotations

from tests.mutants.planting import Edit, Mutant

MUTANT = Mutant(
    edits=(
        Edit(
            "sandtable_connector.auth.oauth_jwt",
            ("        if not isinstance(body, dict) and not self.slips:\n"),
            ("        if False:\n"),
        ),
    ),
    scenarios=("one-fault",),
    caught_by=("faults.retryable",),
    within=120,
)
