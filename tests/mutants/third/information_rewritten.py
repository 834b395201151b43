"""Reads the additional information of an event and writes it anew."""

from __future__ import annotations

from tests.mutants.planting import Edit, Mutant

MUTANT = Mutant(
    edits=(
        Edit(
            "third_party.client",
            '        moment = record.pop("time_of_event", None)\n',
            '        import json\n        if record.get("additional_info"):\n            try:\n                record["additional_info"] = json.dumps(json.loads(record["additional_info"]))\n            except ValueError:\n                pass\n        moment = record.pop("time_of_event", None)\n',
        ),
    ),
    scenarios=("events",),
    within=60,
)
