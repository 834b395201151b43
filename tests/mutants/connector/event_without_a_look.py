"""Answers ok for an event that was not taken."""

from __future__ import annotations

from tests.mutants.planting import Edit, Mutant

MUTANT = Mutant(
    edits=(
        Edit(
            "sandtable_connector.services.itom",
            '        service.call("POST", service.urls.event(), {"records": [event_record(service, params)]})\n',
            (
                "        try:\n"
                '            service.call("POST", service.urls.event(), {"records": [event_record(service, params)]})\n'
                "        except Exception:\n"
                '            service.log("warn", "no event")\n'
            ),
        ),
    ),
    scenarios=("others-fail",),
    within=60,
)
