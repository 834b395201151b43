"""Leaves the slash at the end of the instance's address."""

from __future__ import annotations

from tests.mutants.planting import Edit, Mutant

MUTANT = Mutant(
    edits=(
        Edit(
            "sandtable_connector.transport.urls",
            'self.base = api_url.removesuffix("/")',
            "self.base = api_url",
        ),
    ),
    scenarios=("misconfigured",),
    caught_by=("config.trailing-slash", "config.address"),
    within=40,
    shortest=1,
)
