"""Values that no answer may show: passwords, and what private properties and properties that are passwords hold."""

from __future__ import annotations

from collections.abc import Mapping

from sandtable.core.schema.columns import PASSWORD_TYPES, Column

PROPERTIES = "sys_properties"


def may_be_private(column: Column) -> bool:
    """Tell whether some record's value in a column is private."""
    return column.is_password or _holds_properties(column)


def is_private(record: Mapping[str, str], column: Column) -> bool:
    """Tell whether a record's own value in a column is private, empty or not.

    Source: ServiceNow documentation, system properties; the value of a private one is not shown.
    """
    if column.is_password:
        return True
    return _holds_properties(column) and (record["is_private"] == "true" or record["type"] in PASSWORD_TYPES)


def _holds_properties(column: Column) -> bool:
    return column.name == "value" and column.table == PROPERTIES
