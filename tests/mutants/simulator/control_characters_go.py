"""Control characters of a value are not stored."""

from __future__ import annotations

from tests.mutants.planting import Edit, Mutant

MUTANT = Mutant(
    edits=(
        Edit(
            "sandtable.core.schema.stored_values",
            "    return text if len(text) <= column.max_length or kind in WHOLE_TYPES else text[: column.max_length]",
            (
                '    text = "".join(each for each in text if each in "\\n\\r\\t" or not "\\x01" <= each < "\\x20")\n'
                "    return text if len(text) <= column.max_length or kind in WHOLE_TYPES else text[: column.max_length]"
            ),
        ),
    ),
    scenarios=("altered", "odd-characters"),
    within=60,
)
