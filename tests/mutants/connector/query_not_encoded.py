"""Puts an ID into a URL as it is."""

from __future__ import annotations

from tests.mutants.planting import Edit, Mutant

MUTANT = Mutant(
    edits=(
        Edit(
            "sandtable_connector.transport.urls",
            ('return quote(_checked(text), safe="") if self._behaviour.urls_encoded else text'),
            ("return text"),
        ),
    ),
    scenarios=("odd-characters",),
    caught_by=(
        "close.injection",
        "close.closes",
    ),
    within=60,
)
