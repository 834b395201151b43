"""Takes a number for the ID of the incident to update."""

from __future__ import annotations

from tests.mutants.planting import Edit, Mutant

MUTANT = Mutant(
    edits=(
        Edit(
            "sandtable.apps.elastic.elastic",
            "return row.session.in_scope(GLOBAL).table(self.target).find(sys_id) if sys_id else None",
            'return (row.session.in_scope(GLOBAL).table(self.target).find(sys_id) or row.session.in_scope(GLOBAL).table(self.target).first(filters={"short_description": sys_id})) if sys_id else None',
        ),
    ),
    scenarios=("strangers",),
    caught_by=("push.unknown-id",),
    within=60,
)
