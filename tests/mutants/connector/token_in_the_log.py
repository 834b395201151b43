"""Logs the access token that it got."""

from __future__ import annotations

from tests.mutants.planting import Edit, Mutant

MUTANT = Mutant(
    edits=(
        Edit(
            "sandtable_connector.auth.oauth_jwt",
            ('        self._keep(value, asked_at, granted.get("expires_in"))\n'),
            (
                '        self.log("debug", f"got {value}")\n'
                '        self._keep(value, asked_at, granted.get("expires_in"))\n'
            ),
        ),
    ),
    scenarios=("jwt",),
    caught_by=("auth.not-in-log",),
    within=20,
)
