"""Takes any password for a user who exists."""

from __future__ import annotations

from tests.mutants.planting import Edit, Mutant

MUTANT = Mutant(
    edits=(
        Edit(
            "sandtable.web.steps.authentication",
            ("    return user if verify_password(password, stored) else None"),
            ("    return user if verify_password(password, stored) or user else None"),
        ),
    ),
    scenarios=(
        "intruders",
        "basic",
    ),
    caught_by=(
        "instance.guests",
        "auth.basic-refused",
    ),
    within=60,
)
