"""Takes an ID of control characters for a blank one, and closes what has none."""

from __future__ import annotations

from tests.mutants.planting import Edit, Mutant

MUTANT = Mutant(
    edits=(
        Edit(
            "third_party.client",
            '            found = self._matching(str(correlation_id)) if (correlation_id or "").strip() else []\n',
            (
                '            cleaned = "".join(each for each in (correlation_id or "") if each > " ")\n'
                '            found = self._matching(cleaned) if (correlation_id or "").strip() else []\n'
            ),
        ),
    ),
    scenarios=("blanks", "odd-characters"),
    within=60,
)
