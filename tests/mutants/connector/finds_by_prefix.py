"""Looks for incidents whose ID begins with the one that recovered."""

from __future__ import annotations

from tests.mutants.planting import Edit, Mutant

MUTANT = Mutant(
    edits=(
        Edit(
            "sandtable_connector.transport.urls",
            ("^correlation_id={self._value"),
            ("^correlation_idSTARTSWITH{self._value"),
        ),
        Edit(
            "sandtable_connector.services.closing",
            ("if service.behaviour.lookup_verified:"),
            ("if False:"),
        ),
    ),
    scenarios=("akin",),
    caught_by=(
        "close.closes",
        "correlation.bystanders",
        "close.latest-open",
    ),
    within=15,
)
