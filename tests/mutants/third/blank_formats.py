"""Drops format characters of an ID before it looks it up."""

from __future__ import annotations

from tests.mutants.planting import Edit, Mutant

MUTANT = Mutant(
    edits=(
        Edit(
            "third_party.client",
            '            found = self._matching(str(correlation_id)) if (correlation_id or "").strip() else []\n',
            (
                "            import unicodedata\n"
                '            cleaned = "".join(each for each in (correlation_id or "") if unicodedata.category(each) not in ("Cf", "Cc"))\n'
                '            found = self._matching(cleaned) if (correlation_id or "").strip() else []\n'
            ),
        ),
    ),
    scenarios=("blanks", "odd-characters"),
    within=60,
)
