"""Reopens a closed incident that is pushed to."""

from __future__ import annotations

from tests.mutants.planting import Edit, Mutant

MUTANT = Mutant(
    edits=(
        Edit(
            "sandtable_connector.behaviour.switches",
            (
                "            jti_claim=False,\n"
                "            reopens_closed=False,\n"
                "            custom_host_decides_hostname=True"
            ),
            (
                "            jti_claim=False,\n"
                "            reopens_closed=True,\n"
                "            custom_host_decides_hostname=True"
            ),
        ),
    ),
    scenarios=("fired-again",),
    caught_by=("push.keeps-state",),
    within=60,
)
