"""Reports a 404, such as that of an instance without the application, as worth another try."""

from __future__ import annotations

from tests.mutants.planting import Edit, Mutant

MUTANT = Mutant(
    edits=(
        Edit(
            "sandtable_connector.errors",
            ('    """The instance answered 404."""\n'),
            ('    """The instance answered 404."""\n\n    retry = True\n'),
        ),
    ),
    scenarios=("refused",),
    caught_by=("faults.permanent",),
    within=40,
)
