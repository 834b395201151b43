"""Which columns a full text search looks at."""

from __future__ import annotations

from sandtable.core.schema.columns import Column
from sandtable.core.schema.dictionary import Dictionary

# Column types whose text a full text search looks at.
SEARCHED_TYPES = frozenset({"string", "html", "translated_text", "translated_html", "email", "url", "wiki_text"})
_NOT_SEARCHED = frozenset({"sys_created_by", "sys_updated_by", "sys_domain_path", "sys_update_name"})


def searched_columns(dictionary: Dictionary, table: str) -> tuple[Column, ...]:
    """Return the text columns of a table that a full text search looks at. Raises UnknownTable."""
    return tuple(
        column
        for name, column in dictionary.columns(table).items()
        if column.type in SEARCHED_TYPES and not column.is_choice and name not in _NOT_SEARCHED
    )


def searched_journals(dictionary: Dictionary, table: str) -> tuple[Column, ...]:
    """Return the journal columns of a table, whose entries a full text search looks at. Raises UnknownTable."""
    return tuple(column for column in dictionary.columns(table).values() if column.is_journal)
