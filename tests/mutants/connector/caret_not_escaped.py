"""Puts a caret into a query as it is, and trusts what comes back."""

from __future__ import annotations

from tests.mutants.planting import Edit, Mutant

MUTANT = Mutant(
    edits=(
        Edit(
            "sandtable_connector.transport.urls",
            ('text.replace("^", "^^") if'),
            ("text if"),
        ),
        Edit(
            "sandtable_connector.services.closing",
            ("if service.behaviour.lookup_verified:"),
            ("if False:"),
        ),
    ),
    scenarios=("odd-characters",),
    caught_by=(
        "close.injection",
        "close.closes",
        "close.nothing-to-close",
    ),
    within=60,
)
