"""Takes a time of ten digits for seconds."""

from __future__ import annotations

from tests.mutants.planting import Edit, Mutant

MUTANT = Mutant(
    edits=(
        Edit(
            "third_party.client",
            "moment = datetime.fromtimestamp(int(text) / 1000, UTC)",
            "moment = datetime.fromtimestamp(int(text) / (1 if len(text) < 12 else 1000), UTC)",
        ),
    ),
    scenarios=("events",),
    within=60,
)
