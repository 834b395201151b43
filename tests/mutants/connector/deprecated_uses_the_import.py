"""A deprecated connector posts to the import set."""

from __future__ import annotations

from tests.mutants.planting import Edit, Mutant

MUTANT = Mutant(
    edits=(
        Edit(
            "sandtable_connector.services.service",
            ("return self.kind.has_app and not self.config.is_deprecated"),
            ("return self.kind.has_app"),
        ),
    ),
    scenarios=("deprecated",),
    caught_by=(
        "deprecated.no-coalesce",
        "deprecated.works",
        "deprecated.no-additional-fields",
    ),
    within=40,
)
