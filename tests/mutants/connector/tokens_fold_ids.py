"""Keeps one token for connectors whose IDs differ in case."""

from __future__ import annotations

from tests.mutants.planting import Edit, Mutant

MUTANT = Mutant(
    edits=(
        Edit(
            "sandtable_connector.auth.tokens",
            "return self._tokens.get(connector_id)",
            "return self._tokens.get(connector_id.lower())",
        ),
        Edit(
            "sandtable_connector.auth.tokens",
            "self._tokens[connector_id] = token",
            "self._tokens[connector_id.lower()] = token",
        ),
    ),
    scenarios=("jwt-separate",),
    caught_by=("auth.separate-tokens",),
    within=60,
)
