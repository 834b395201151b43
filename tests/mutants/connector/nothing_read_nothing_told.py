"""Answers ok without an incident when it could not be read back."""

from __future__ import annotations

from tests.mutants.planting import Edit, Mutant

MUTANT = Mutant(
    edits=(
        Edit(
            "sandtable_connector.services.service",
            (
                "            record = self.read_incident(sys_id)\n"
                '            return self.described(record, "sys_created_on")'
            ),
            (
                "            try:\n"
                "                record = self.read_incident(sys_id)\n"
                "            except ConnectorError:\n"
                "                return {}\n"
                '            return self.described(record, "sys_created_on")'
            ),
        ),
    ),
    scenarios=("one-fault",),
    caught_by=("push.result",),
    within=60,
)
