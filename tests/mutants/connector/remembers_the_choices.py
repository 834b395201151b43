"""Keeps the choices that it read first."""

from __future__ import annotations

from tests.mutants.planting import Edit, Mutant

MUTANT = Mutant(
    edits=(
        Edit(
            "sandtable_connector.services.service",
            '            return self.call("GET", self.urls.choices(self.kind.table, fields))["result"]\n',
            (
                "            key = (self.kind.table, *fields)\n"
                "            if key not in _KEPT:\n"
                '                _KEPT[key] = self.call("GET", self.urls.choices(self.kind.table, fields))["result"]\n'
                "            return _KEPT[key]\n"
            ),
        ),
        Edit(
            "sandtable_connector.services.service",
            'NOT_WITH_DEPRECATED = "',
            ('_KEPT: dict[object, Any] = {}\nNOT_WITH_DEPRECATED = "'),
        ),
    ),
    scenarios=("behind-its-back", "questions"),
    within=60,
)
