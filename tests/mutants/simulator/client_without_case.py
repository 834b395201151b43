"""Finds clients without their letter case."""

from __future__ import annotations

from tests.mutants.planting import Edit, Mutant

MUTANT = Mutant(
    edits=(
        Edit(
            "sandtable.oauth.registered.clients",
            ("one(instance, ENTITY, client_id=client_id) if client_id else None"),
            ("one(instance, ENTITY, client_id=client_id.lower()) if client_id else None"),
        ),
    ),
    scenarios=("bad-assertions",),
    caught_by=("instance.jwt-client",),
    within=90,
)
