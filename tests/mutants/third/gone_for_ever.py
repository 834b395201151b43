"""Remembers of a record that there was none."""

from __future__ import annotations

from tests.mutants.planting import Edit, Mutant

MUTANT = Mutant(
    edits=(
        Edit(
            "third_party.calls",
            '        found = _read(answer)\n        if "result"',
            "        if self._tokens.get(('gone', path)):\n            raise Failed('status 404', retry=False)\n        if answer.status_code == 404 and method == 'GET' and '/table/' in path:\n            self._tokens['gone', path] = ('1', 0)\n        found = _read(answer)\n        if \"result\"",
        ),
    ),
    scenarios=("behind-its-back",),
    caught_by=("asking.incident", "push.succeeds", "faults.honest", "push.result"),
    within=60,
    shortest=3,
)
