"""Answers an error when there is nothing to close."""

from __future__ import annotations

from tests.mutants.planting import Edit, Mutant

MUTANT = Mutant(
    edits=(
        Edit(
            "sandtable_connector.services.closing",
            ('        service.log("warn", f"{_LOG} No incident found with {named}.")\n        return None'),
            ('        raise ParametersRefused("nothing to close")'),
        ),
    ),
    scenarios=("odd-characters",),
    caught_by=("close.answer",),
    within=60,
)
