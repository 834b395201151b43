"""Coalesces on the beginning of the correlation ID."""

from __future__ import annotations

from tests.mutants.planting import Edit, Mutant

MUTANT = Mutant(
    edits=(
        Edit(
            "sandtable.core.imports.transform",
            ("    return session.table(table).holding(wanted)\n"),
            (
                "    from sandtable.core.query import condition, conjunction\n"
                '    parts = [condition(name, "STARTSWITH", value) for name, value in wanted.items()]\n'
                "    return session.table(table).query(conjunction(*parts))\n"
            ),
        ),
    ),
    scenarios=(
        "measures",
        "imports",
    ),
    caught_by=(
        "instance.coalesce",
        "instance.import-answer",
    ),
    within=120,
)
