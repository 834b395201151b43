"""Takes a redirect for a success."""

from __future__ import annotations

from tests.mutants.planting import Edit, Mutant

MUTANT = Mutant(
    edits=(
        Edit(
            "third_party.calls",
            "    if not 200 <= status < 300:\n",
            (
                "    if 300 <= status < 400:\n"
                '        return {"result": [{"sys_id": "0" * 32, "status": "inserted"}]}\n'
                "    if not 200 <= status < 300:\n"
            ),
        ),
    ),
    scenarios=("redirected", "everything-fails", "one-fault"),
    within=60,
)
