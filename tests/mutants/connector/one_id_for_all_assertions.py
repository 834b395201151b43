"""Puts one and the same ID into all its assertions."""

from __future__ import annotations

from tests.mutants.planting import Edit, Mutant

MUTANT = Mutant(
    edits=(
        Edit(
            "sandtable_connector.auth.oauth_jwt",
            ("uuid.uuid4().hex if self.jti else None"),
            ("uuid.UUID(int=1).hex"),
        ),
    ),
    scenarios=("jwt-fresh",),
    caught_by=("auth.fresh-assertion",),
    within=5,
)
