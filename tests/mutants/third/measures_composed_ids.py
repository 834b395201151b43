"""Measures an ID after composing its characters."""

from __future__ import annotations

from tests.mutants.planting import Edit, Mutant

MUTANT = Mutant(
    edits=(
        Edit(
            "third_party.shapes",
            '    length = len(incident.get("correlation_id") or "")\n',
            (
                "    import unicodedata\n"
                '    length = len(unicodedata.normalize("NFC", incident.get("correlation_id") or ""))\n'
            ),
        ),
    ),
    scenarios=("lengths", "overlong"),
    within=60,
)
