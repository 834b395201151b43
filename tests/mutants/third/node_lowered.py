"""Writes the node of an event in small letters."""

from __future__ import annotations

from tests.mutants.planting import Edit, Mutant

MUTANT = Mutant(
    edits=(
        Edit(
            "third_party.client",
            '        self.caller.result("POST", "/api/global/em/jsonv2"',
            "        if 'node' in record:\n            record['node'] = record['node'].lower()\n        self.caller.result(\"POST\", \"/api/global/em/jsonv2\"",
        ),
    ),
    scenarios=("events", "alphabet-of-events"),
    caught_by=("itom.event", "push.sends-all-of-it"),
    within=40,
)
