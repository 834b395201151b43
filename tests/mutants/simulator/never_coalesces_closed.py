"""Inserts another incident when the one with the ID is closed."""

from __future__ import annotations

from tests.mutants.planting import Edit, Mutant

MUTANT = Mutant(
    edits=(
        Edit(
            "sandtable.apps.elastic.elastic",
            ('if self.switch(row.instance, "coalesce_closed_incidents") == "false":'),
            ("if True:"),
        ),
    ),
    scenarios=(
        "policies",
        "fired-again",
    ),
    caught_by=(
        "instance.coalesce-closed",
        "correlation.update",
    ),
    within=60,
)
