"""Adds a text that is two observables only as the first of them."""

from __future__ import annotations

from tests.mutants.planting import Edit, Mutant

MUTANT = Mutant(
    edits=(
        Edit(
            "sandtable_connector.services.sir",
            (
                "                seen[value, kind] = None\n"
                '    return [{"value": value, "type": kind} for value, kind in seen]\n'
            ),
            (
                '                seen.setdefault((value, ""), kind)\n'
                '    return [{"value": value, "type": kind} for (value, _), kind in seen.items()]\n'
            ),
        ),
    ),
    scenarios=("security",),
    caught_by=("sir.observables",),
    within=40,
)
