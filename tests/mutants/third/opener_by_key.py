"""Names the user of its key as opener."""

from __future__ import annotations

from tests.mutants.planting import Edit, Mutant

MUTANT = Mutant(
    edits=(
        Edit(
            "third_party.client",
            'self.user = None if config.get("isOAuth") else secrets["username"]',
            'self.user = config["userIdentifierValue"] if config.get("isOAuth") else secrets["username"]',
        ),
    ),
    scenarios=("opened-by", "worked-on"),
    within=60,
)
