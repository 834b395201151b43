"""Takes credentials along to another port of the host."""

from __future__ import annotations

from tests.mutants.planting import Edit, Mutant

MUTANT = Mutant(
    edits=(
        Edit(
            "sandtable_connector.transport.redirects",
            "return new.netloc == old.netloc or new.netloc.endswith",
            "return new.hostname == old.hostname or new.netloc.endswith",
        ),
    ),
    scenarios=("redirected",),
    within=60,
)
