"""A second event with the key of a first one is not stored."""

from __future__ import annotations

from tests.mutants.planting import Edit, Mutant

MUTANT = Mutant(
    edits=(
        Edit(
            "sandtable.apps.event_management",
            "        events.insert({**with_key(",
            (
                '        if record.get("message_key") and events.first(filters={"message_key": record["message_key"]}) is not None:\n'
                "            continue\n"
                "        events.insert({**with_key("
            ),
        ),
    ),
    scenarios=("events",),
    within=60,
)
