"""Takes a page in HTML with status 200 for an answer."""

from __future__ import annotations

from tests.mutants.planting import Edit, Mutant

MUTANT = Mutant(
    edits=(
        Edit(
            "sandtable_connector.services.service",
            ("        if result_of(parsed) is None:"),
            (
                '        if result_of(parsed) is None and method == "POST":\n'
                '            return {"result": [{"sys_id": "0" * 32, "status": "inserted"}]}\n'
                "        if result_of(parsed) is None:"
            ),
        ),
        Edit(
            "sandtable_connector.services.service",
            (
                "            record = self.read_incident(sys_id)\n"
                '            return self.described(record, "sys_created_on")'
            ),
            (
                '            record = {"sys_id": sys_id, "number": "INC"} if sys_id == "0" * 32 else self.read_incident(sys_id)\n'
                '            return self.described(record, "sys_created_on")'
            ),
        ),
    ),
    scenarios=(
        "one-fault",
        "asleep",
    ),
    caught_by=("faults.honest",),
    within=120,
)
