"""Keeps its credentials where a redirect leads to a host that ends alike."""

from __future__ import annotations

from tests.mutants.planting import Edit, Mutant

MUTANT = Mutant(
    edits=(
        Edit(
            "sandtable_connector.transport.redirects",
            'new.netloc.endswith(f".{old.netloc}")',
            'new.netloc.endswith(old.netloc.partition(".")[2])',
        ),
    ),
    scenarios=("redirected",),
    within=60,
)
