"""Lets inactive users sign in."""

from __future__ import annotations

from tests.mutants.planting import Edit, Mutant

MUTANT = Mutant(
    edits=(
        Edit(
            "sandtable.web.steps.authentication",
            ("def may_sign_in(instance: Instance, user: Record) -> bool:\n"),
            (
                "def may_sign_in(instance: Instance, user: Record) -> bool:\n"
                "    return True\n"
                "\n"
                "\n"
                "def _may_sign_in(instance: Instance, user: Record) -> bool:\n"
            ),
        ),
    ),
    scenarios=(
        "locked-out",
        "intruders",
    ),
    caught_by=(
        "rights.inactive-user",
        "instance.guests",
    ),
    within=60,
)
