"""Takes a password in any letter case."""

from __future__ import annotations

from tests.mutants.planting import Edit, Mutant

MUTANT = Mutant(
    edits=(
        Edit(
            "sandtable.web.steps.authentication",
            ("    return user if verify_password(password, stored) else None"),
            (
                "    return user if verify_password(password, stored) or verify_password(password.swapcase(), stored) else None"
            ),
        ),
    ),
    scenarios=("basic",),
    caught_by=("auth.basic-refused",),
    within=60,
)
