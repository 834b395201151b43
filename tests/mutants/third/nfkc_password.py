"""Normalises the characters of a password."""

from __future__ import annotations

from tests.mutants.planting import Edit, Mutant

MUTANT = Mutant(
    edits=(
        Edit(
            "third_party.calls",
            "    return None if pair is None else (pair[0].encode(), pair[1].encode())",
            "    import unicodedata\n    return None if pair is None else (pair[0].encode(), unicodedata.normalize('NFKC', pair[1]).encode())",
        ),
    ),
    scenarios=("names",),
    caught_by=("auth.basic",),
    within=60,
    shortest=2,
)
