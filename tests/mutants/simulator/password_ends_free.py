"""Takes a password with blanks at its ends."""

from __future__ import annotations

from tests.mutants.planting import Edit, Mutant

MUTANT = Mutant(
    edits=(
        Edit(
            "sandtable.web.steps.authentication",
            "return user if verify_password(password, stored) else None",
            "return user if verify_password(password.strip(), stored) else None",
        ),
    ),
    scenarios=("intruders",),
    within=60,
)
