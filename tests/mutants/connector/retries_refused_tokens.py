"""Reports the refusal of a token as worth another try."""

from __future__ import annotations

from tests.mutants.planting import Edit, Mutant

MUTANT = Mutant(
    edits=(
        Edit(
            "sandtable_connector.errors",
            ('    """The token endpoint refused the assertion or the client, or answered without a token."""\n'),
            (
                '    """The token endpoint refused the assertion or the client, or answered without a token."""\n'
                "\n"
                "    retry = True\n"
            ),
        ),
    ),
    scenarios=("refused",),
    caught_by=("faults.permanent",),
    within=40,
)
