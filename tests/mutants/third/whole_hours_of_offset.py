"""Reads the hours of a time zone only."""

from __future__ import annotations

from tests.mutants.planting import Edit, Mutant

MUTANT = Mutant(
    edits=(
        Edit(
            "third_party.client",
            "        moment = datetime.fromisoformat(text)\n",
            '        moment = datetime.fromisoformat(re.sub(r"([+-]\\d\\d):\\d\\d$", r"\\1:00", text))\n',
        ),
    ),
    scenarios=("events",),
    within=60,
)
