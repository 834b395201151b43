"""Sends the values of the token request without encoding them."""

from __future__ import annotations

from tests.mutants.planting import Edit, Mutant

MUTANT = Mutant(
    edits=(
        Edit(
            "sandtable_connector.auth.oauth_jwt",
            ("quote(value.encode('utf-8', 'replace'), safe='')"),
            ("quote(value.encode('utf-8', 'replace'), safe='+&= ').replace(' ', '%20')"),
        ),
    ),
    scenarios=("jwt",),
    caught_by=(
        "auth.jwt",
        "auth.key-password",
    ),
    within=4,
)
