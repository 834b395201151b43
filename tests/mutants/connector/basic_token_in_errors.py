"""Repeats the token of Basic authentication when the instance does."""

from __future__ import annotations

from tests.mutants.planting import Edit, Mutant

MUTANT = Mutant(
    edits=(
        Edit(
            "sandtable_connector.schemas.secrets",
            ("            values.append(basic_token(self.username, self.password))\n"),
            ("            values.append(self.password)\n"),
        ),
    ),
    scenarios=("overheard",),
    caught_by=(
        "auth.no-secrets",
        "auth.not-in-log",
    ),
    within=30,
)
