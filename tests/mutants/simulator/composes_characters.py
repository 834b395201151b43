"""Values are stored composed."""

from __future__ import annotations

from tests.mutants.planting import Edit, Mutant

MUTANT = Mutant(
    edits=(
        Edit(
            "sandtable.core.schema.stored_values",
            "    return text if len(text) <= column.max_length or kind in WHOLE_TYPES else text[: column.max_length]",
            (
                "    import unicodedata\n"
                '    text = unicodedata.normalize("NFC", text)\n'
                "    return text if len(text) <= column.max_length or kind in WHOLE_TYPES else text[: column.max_length]"
            ),
        ),
    ),
    scenarios=("altered", "lengths"),
    within=60,
)
