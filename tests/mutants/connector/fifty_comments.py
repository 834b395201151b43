"""Adds the first fifty comments."""

from __future__ import annotations

from tests.mutants.planting import Edit, Mutant

MUTANT = Mutant(
    edits=(Edit("sandtable_connector.services.pushing", "for comment in comments]", "for comment in comments[:50]]"),),
    scenarios=("plenty",),
    caught_by=("comments.once",),
    within=60,
)
