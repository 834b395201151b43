"""Makes line feeds of the line ends of Windows."""

from __future__ import annotations

from tests.mutants.planting import Edit, Mutant

MUTANT = Mutant(
    edits=(
        Edit(
            "sandtable_connector.transport.answers",
            ("    text = json_text(kept"),
            (
                '    kept = {k: v.replace("\\r\\n", "\\n") if isinstance(v, str) else v for k, v in '
                "kept.items()} if isinstance(kept, dict) else kept\n"
                "    text = json_text(kept"
            ),
        ),
    ),
    scenarios=("fields",),
    caught_by=("push.fields",),
    within=40,
)
