"""Reads a locked key without its password."""

from __future__ import annotations

from tests.mutants.planting import Edit, Mutant

MUTANT = Mutant(
    edits=(
        Edit(
            "sandtable_connector.auth.assertion",
            ("key = self._load(self.passphrase)"),
            ("key = self._load(None)"),
        ),
    ),
    scenarios=("jwt",),
    caught_by=("auth.key-password",),
    within=20,
)
