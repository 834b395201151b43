"""Does not look at the signature."""

from __future__ import annotations

from tests.mutants.planting import Edit, Mutant

MUTANT = Mutant(
    edits=(
        Edit(
            "sandtable.oauth.signed.assertions",
            ('return "" if compact.verify(token, key) else'),
            ('return "" if key else'),
        ),
    ),
    scenarios=("bad-assertions",),
    caught_by=(
        "instance.jwt-signature",
        "instance.jwt-algorithm",
    ),
    within=180,
)
