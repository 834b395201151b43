"""Looks at the first of several audiences only."""

from __future__ import annotations

from tests.mutants.planting import Edit, Mutant

MUTANT = Mutant(
    edits=(
        Edit(
            "sandtable.oauth.signed.assertions",
            ("named = [audience] if isinstance(audience, str) else audience"),
            ("named = [audience] if isinstance(audience, str) else [str(audience[0])] if audience else audience"),
        ),
    ),
    scenarios=("good-assertions",),
    caught_by=("instance.jwt-accepted",),
    within=50,
)
