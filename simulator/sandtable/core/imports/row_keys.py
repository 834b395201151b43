"""What the keys of a row of insertMultiple stand for: labels of columns of the staging table, or their names.

Source: ServiceNow documentation, Import Set API and REST insert multiple; its editions disagree on what goes without a
record of sys_rest_insert_multiple, so that is property `sandtable.import.insert_multiple_keys`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from sandtable.core.schema.stored_values import as_text

if TYPE_CHECKING:
    from sandtable.core.platform.contracts import Instance, Session
    from sandtable.core.platform.record import Record

EITHER, LABEL, COLUMN = "either", "label", "column"


class RowKeys:
    """The keys that rows for one staging table may have; whatever case they are in."""

    def __init__(self, instance: Instance, staging: str, settings: Record | None) -> None:
        self._instance = instance
        self._staging = staging
        self._columns = instance.dictionary.columns(staging)
        own = {name: column for name, column in self._columns.items() if not name.startswith("sys_")}
        said = settings["column_mapping"] if settings is not None else ""
        default = instance.property("sandtable.import.insert_multiple_keys", EITHER)
        by_name = (said or default) == COLUMN
        self._only_labels = not said and default == LABEL
        self._named = {(name if by_name else column.label).casefold(): name for name, column in own.items()}

    def values(self, session: Session, record: Mapping[str, object]) -> dict[str, str]:
        """Return the values of a row by column; a key that is none stays as it is, unless labels alone count."""
        given: dict[str, str] = {}
        for key, value in record.items():
            name = self._named.get(key.strip().casefold())
            if name is None and self._only_labels and key in self._columns:
                session.explain(f"{self._staging}: rows name columns by label, and {key!r} is a name; not loaded")
                self._instance.ledger.note("field", f"{self._staging}.{key}", "a name where labels count; not loaded")
            else:
                given[name or key] = as_text(value)
        return given
