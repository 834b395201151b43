"""Answers with no choices where they could not be read."""

from __future__ import annotations

from tests.mutants.planting import Edit, Mutant

MUTANT = Mutant(
    edits=(
        Edit(
            "sandtable_connector.services.service",
            '            return self.call("GET", self.urls.choices(self.kind.table, fields))["result"]\n',
            (
                "            try:\n"
                '                return self.call("GET", self.urls.choices(self.kind.table, fields))["result"]\n'
                "            except ConnectorError:\n"
                "                return []\n"
            ),
        ),
    ),
    scenarios=("everything-fails",),
    within=60,
)
