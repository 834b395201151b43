"""Links to incidents where it has made a security incident."""

from __future__ import annotations

from tests.mutants.planting import Edit, Mutant

MUTANT = Mutant(
    edits=(
        Edit(
            "third_party.client",
            "nav_to.do?uri={self.table}.do?",
            "nav_to.do?uri=incident.do?",
        ),
    ),
    scenarios=("security",),
    caught_by=("push.result",),
    within=20,
    shortest=2,
)
