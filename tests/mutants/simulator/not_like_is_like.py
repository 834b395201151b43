"""Finds what holds a text where it asks for what does not."""

from __future__ import annotations

from tests.mutants.planting import Edit, Mutant

MUTANT = Mutant(
    edits=(
        Edit(
            "sandtable.core.query.sql.compiling",
            (
                "        test = self.dialect.contains(expression, predicate.needle, predicate.place)\n        return _negated"
            ),
            (
                "        test = self.dialect.contains(expression, predicate.needle, predicate.place)\n"
                "        return test if predicate.negated else _negated"
            ),
        ),
    ),
    scenarios=("imports",),
    caught_by=("instance.query-conditions",),
    within=60,
)
