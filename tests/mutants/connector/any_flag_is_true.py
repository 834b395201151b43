"""Takes every value of a flag for true."""

from __future__ import annotations

from tests.mutants.planting import Edit, Mutant

MUTANT = Mutant(
    edits=(
        Edit(
            "sandtable_connector.schemas.schema",
            ('return value, [] if isinstance(value, bool) else [_wrong_type("boolean", value, path, style)]'),
            ("return bool(value), []"),
        ),
    ),
    scenarios=("misconfigured",),
    caught_by=("config.refused",),
    within=36,
)
