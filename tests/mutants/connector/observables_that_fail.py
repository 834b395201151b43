"""Takes no notice of observables that were not added."""

from __future__ import annotations

from tests.mutants.planting import Edit, Mutant

MUTANT = Mutant(
    edits=(
        Edit(
            "sandtable_connector.services.sir",
            '        add_observables(service, pushed.get("id", ABSENT), observables)\n',
            (
                "        try:\n"
                '            add_observables(service, pushed.get("id", ABSENT), observables)\n'
                "        except Exception:\n"
                '            service.log("warn", "no observables")\n'
            ),
        ),
    ),
    scenarios=("others-fail",),
    within=60,
)
