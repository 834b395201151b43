"""Takes Retry-After for a number, which may be a date."""

from __future__ import annotations

from tests.mutants.planting import Edit, Mutant

MUTANT = Mutant(
    edits=(
        Edit(
            "third_party.calls",
            "    status = answer.status_code\n",
            "    status = answer.status_code\n    _wait = int(answer.headers.get('Retry-After', '0'))\n",
        ),
    ),
    scenarios=("one-fault", "everything-fails"),
    caught_by=("faults.answers",),
    within=60,
    shortest=2,
)
