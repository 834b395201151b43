"""Joins observables of the deprecated form with blanks."""

from __future__ import annotations

from tests.mutants.planting import Edit, Mutant

MUTANT = Mutant(
    edits=(Edit("sandtable_connector.services.sir", 'return ",".join(value) if', 'return " ".join(value) if'),),
    scenarios=("alphabet-of-observables",),
    caught_by=("push.sends-what-was-given",),
    within=60,
)
