"""Sends what Latin-1 does not have as question marks."""

from __future__ import annotations

from tests.mutants.planting import Edit, Mutant

MUTANT = Mutant(
    edits=(
        Edit(
            "sandtable_connector.transport.answers",
            ('lambda half: f"\\\\u{ord(half[0]):04x}", text).encode()'),
            ('lambda half: "", text).encode("latin-1", "replace").decode("latin-1").encode()'),
        ),
    ),
    scenarios=(
        "fields",
        "altered",
    ),
    caught_by=(
        "push.fields",
        "correlation.stored",
    ),
    within=30,
)
