"""Takes a doubled caret for the end of a value."""

from __future__ import annotations

from tests.mutants.planting import Edit, Mutant

MUTANT = Mutant(
    edits=(
        Edit(
            "sandtable.core.query.language.parsing",
            ("        if doubled and (len"),
            ("        if False and (len"),
        ),
    ),
    scenarios=(
        "imports",
        "odd-characters",
    ),
    within=120,
)
