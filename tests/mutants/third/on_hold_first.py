"""Takes up an incident on hold before it closes it."""

from __future__ import annotations

from tests.mutants.planting import Edit, Mutant

MUTANT = Mutant(
    edits=(
        Edit(
            "third_party.client",
            '        return self._written(CLOSING, {}, still_open[0]["sys_id"], "sys_updated_on")',
            '        if still_open[0]["state"] == "3":\n            self._written({"state": "2"}, {}, still_open[0]["sys_id"], "sys_updated_on")\n        return self._written(CLOSING, {}, still_open[0]["sys_id"], "sys_updated_on")',
        ),
    ),
    scenarios=("several",),
    caught_by=("push.sends-what-was-given", "push.one-write"),
    within=40,
    shortest=3,
)
