"""Drops the port and everything behind a colon of an address."""

from __future__ import annotations

from tests.mutants.planting import Edit, Mutant

MUTANT = Mutant(
    edits=(
        Edit(
            "third_party.client",
            'return [{"value": value, "type": kind} for value, kind in found]',
            'return [{"value": value.partition(":")[0] if kind == "ipv4-addr" else value, "type": kind} for value, kind in found]',
        ),
    ),
    scenarios=("security",),
    within=60,
)
