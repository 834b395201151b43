"""Puts a sys_id into an address as it is."""

from __future__ import annotations

from tests.mutants.planting import Edit, Mutant

MUTANT = Mutant(
    edits=(
        Edit(
            "sandtable_connector.transport.urls",
            ('return quote(_checked(text), safe="")\n\n    def _value'),
            ("return text\n\n    def _value"),
        ),
    ),
    scenarios=("strangers",),
    caught_by=(
        "close.injection",
        "push.unknown-id",
    ),
    within=40,
)
