"""Takes no notice of a comment that failed."""

from __future__ import annotations

from tests.mutants.planting import Edit, Mutant

MUTANT = Mutant(
    edits=(
        Edit(
            "sandtable_connector.services.pushing",
            '    service.update_incident(pushed.get("id", ABSENT), {**incident, service.kind.comment_field: comment["comment"]})\n',
            (
                "    try:\n"
                '        service.update_incident(pushed.get("id", ABSENT), {**incident, service.kind.comment_field: comment["comment"]})\n'
                "    except Exception:\n"
                '        service.log("warn", "a comment was not added")\n'
            ),
        ),
    ),
    scenarios=("everything-fails",),
    within=60,
)
