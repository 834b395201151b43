"""Makes up a message key of source and node."""

from __future__ import annotations

from tests.mutants.planting import Edit, Mutant

MUTANT = Mutant(
    edits=(
        Edit(
            "third_party.client",
            '        moment = record.pop("time_of_event", None)',
            '        if not record.get("message_key") and record.get("source") and record.get("node"):\n            record["message_key"] = record["source"] + ":" + record["node"]\n        moment = record.pop("time_of_event", None)',
        ),
    ),
    scenarios=("events",),
    caught_by=("push.sends-what-was-given", "itom.event", "instance.event-key"),
    within=20,
    shortest=2,
)
