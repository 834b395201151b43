"""Leaves the hashes out."""

from __future__ import annotations

from tests.mutants.planting import Edit, Mutant

MUTANT = Mutant(
    edits=(
        Edit(
            "sandtable_connector.services.sir",
            ('    ("malware_hash", "SHA256"),\n'),
            (""),
        ),
    ),
    scenarios=("security",),
    caught_by=("sir.observables",),
    within=20,
)
