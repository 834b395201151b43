"""Logs its secrets when it starts."""

from __future__ import annotations

from tests.mutants.planting import Edit, Mutant

MUTANT = Mutant(
    edits=(
        Edit(
            "sandtable_connector.connector",
            ("        return Service(\n"),
            (
                '        self._log("info", f"user {secrets.username} signs in with {secrets.password}")\n'
                "        return Service(\n"
            ),
        ),
    ),
    scenarios=("basic",),
    caught_by=("auth.not-in-log",),
    within=20,
)
