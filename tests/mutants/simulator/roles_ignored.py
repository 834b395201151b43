"""Lets everybody pass who is signed in."""

from __future__ import annotations

from tests.mutants.planting import Edit, Mutant

MUTANT = Mutant(
    edits=(
        Edit(
            "sandtable.core.security.access",
            ("if rule.roles and not rule.roles & self._effective(roles, rule):"),
            ("if False:"),
        ),
    ),
    scenarios=(
        "roles",
        "intruders",
    ),
    caught_by=(
        "rights.role-removed",
        "instance.roles",
    ),
    within=60,
)
