"""Repeats the password in an error text."""

from __future__ import annotations

from tests.mutants.planting import Edit, Mutant

MUTANT = Mutant(
    edits=(
        Edit(
            "sandtable_connector.connector",
            ("        text = self._redact(error.message)"),
            ('        text = f"{error.message} ({self._secrets.password})"'),
        ),
    ),
    scenarios=("basic",),
    caught_by=("auth.no-secrets",),
    within=20,
)
