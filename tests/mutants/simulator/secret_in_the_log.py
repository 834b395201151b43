"""Writes the client secret to the system log."""

from __future__ import annotations

from tests.mutants.planting import Edit, Mutant

MUTANT = Mutant(
    edits=(
        Edit(
            "sandtable.oauth.registered.clients",
            ('f"the client_secret of client {shown(client)} is wrong"'),
            ('f"the client_secret of client {shown(client)} is not {expected}"'),
        ),
    ),
    scenarios=("bad-assertions",),
    caught_by=("instance.no-secrets-in-log",),
    within=90,
)
