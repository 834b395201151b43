"""Takes an ID for blank only if it is made of blanks, and one of control characters for none."""

from __future__ import annotations

from tests.mutants.planting import Edit, Mutant

MUTANT = Mutant(
    edits=(
        Edit(
            "sandtable_connector.transport.urls",
            '        query = f"ORDERBYDESCsys_created_on^correlation_id={self._value(correlation_id)}"',
            (
                '        correlation_id = "".join(each for each in correlation_id if each > " ")\n'
                '        query = f"ORDERBYDESCsys_created_on^correlation_id={self._value(correlation_id)}"'
            ),
        ),
        Edit(
            "sandtable_connector.services.closing",
            "    return value is None or str(value).strip().casefold() == correlation_id.strip().casefold()",
            "    return not value or str(value).strip().casefold() == correlation_id.strip().casefold()",
        ),
    ),
    scenarios=("blanks", "odd-characters"),
    within=60,
)
