"""Strikes out secrets only as they are, not as they look in JSON."""

from __future__ import annotations

from tests.mutants.planting import Edit, Mutant

MUTANT = Mutant(
    edits=(
        Edit(
            "sandtable_connector.errors",
            ("        secret |= {json.dumps(value, ensure_ascii=False)[1:-1] for value in secret}\n"),
            ("        secret |= {json.dumps(value) for value in secret}\n"),
        ),
    ),
    scenarios=("overheard",),
    caught_by=(
        "auth.no-secrets",
        "auth.not-in-log",
    ),
    within=40,
)
