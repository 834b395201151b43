"""Answers a close without the address of the incident."""

from __future__ import annotations

from tests.mutants.planting import Edit, Mutant

MUTANT = Mutant(
    edits=(
        Edit(
            "sandtable_connector.services.closing",
            ("    return service.update_incident(sys_id, CLOSING)"),
            ('    done = service.update_incident(sys_id, CLOSING)\n    done.pop("url")\n    return done'),
        ),
    ),
    scenarios=("several",),
    caught_by=("close.answer",),
    within=20,
)
