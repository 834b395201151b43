"""Values that no answer may show: passwords, and what private properties and properties that are passwords hold."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from sandtable.core.schema.columns import PASSWORD_TYPES, Column

PROPERTIES = "sys_properties"
# The columns of a property that say whether its value is private, and with which texts.
SAYS_PRIVATE: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {"is_private": ("true",), "type": tuple(sorted(PASSWORD_TYPES))}
)


def may_be_private(column: Column) -> bool:
    """Tell whether some record's value in a column is private."""
    return column.is_password or holds_properties(column)


def is_private(record: Mapping[str, str], column: Column) -> bool:
    """Tell whether a record's own value in a column is private, empty or not.

    Source: ServiceNow documentation, system properties; the value of a private one is not shown.
    """
    if column.is_password:
        return True
    return holds_properties(column) and any(record[name] in texts for name, texts in SAYS_PRIVATE.items())


def holds_properties(column: Column) -> bool:
    """Tell whether this is the column of the values of properties, some of which are private."""
    return column.name == "value" and column.table == PROPERTIES
