"""Sends the additional fields of a push with the incident, not with its comments, which empties nothing; then leaves them out of updates."""

from __future__ import annotations

from tests.mutants.planting import Edit, Mutant

MUTANT = Mutant(
    edits=(Edit("third_party.client", "body = {**added,", "body = {**({} if target is not None else added),"),),
    scenarios=("additional-fields",),
    within=60,
)
