"""The description of a table in an application's `dictionary` folder: its columns, choices and indexes at once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from sandtable.packages.records import PUT, PackagedRecord

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

# Attribute names differ between what instances write and what the vendor's SDK writes.
TABLE_VALUES = {
    "is_extendable": "is_extendable",
    "ws_access": "ws_access",
    "read_access": "read_access",
    "create_access": "create_access",
    "update_access": "update_access",
    "delete_access": "delete_access",
}
COLUMN_VALUES = {
    "type": "internal_type",
    "label": "column_label",
    "max_length": "max_length",
    "mandatory": "mandatory",
    "read_only": "read_only",
    "reference": "reference",
    "default": "default_value",
    "default_value": "default_value",
    "display": "display",
    "unique": "unique",
    "array": "array",
    "attributes": "attributes",
    "choice": "choice",
    "dependent": "dependent",
    "dependent_on_field": "dependent_on_field",
    "choice_table": "choice_table",
    "choice_field": "choice_field",
    "active": "active",
    "comments": "comments",
}


def described_tables(root: Element, where: str) -> Iterator[PackagedRecord]:
    """Yield the records that describe the tables of a `database` document: table, dictionary, choices.

    None but a table may have a sys_id.
    """
    for table in root.iter("element"):
        if table.get("type") == "collection":
            name = table.get("name", "")
            yield from _table(table, f"{where}: {name}" if where else name)


def _table(table: Element, where: str) -> Iterator[PackagedRecord]:
    name = table.get("name", "")
    label = table.get("label", "") or name
    values = {"name": name, "label": label, **_named(table, TABLE_VALUES)}
    if table.get("db_object_id"):
        values["sys_id"] = table.get("db_object_id", "")
    parent = table.get("extends", "")
    hints = {"super_class": {"name": parent}} if parent else {}
    if parent:
        values["super_class"] = ""
    yield PackagedRecord("sys_db_object", PUT, values, where, hints)
    head = {"name": name, "element": "", "internal_type": "collection", "column_label": label}
    yield PackagedRecord(
        "sys_dictionary", PUT, {**head, **_named(table, {"audit": "audit", "attributes": "attributes"})}, where
    )
    for column in table.findall("element"):
        yield from _column(name, column, f"{where}.{column.get('name', '')}")


def _column(table: str, column: Element, where: str) -> Iterator[PackagedRecord]:
    element = column.get("name", "")
    yield PackagedRecord(
        "sys_dictionary", PUT, {"name": table, "element": element, **_named(column, COLUMN_VALUES)}, where
    )
    for number, choice in enumerate(column.findall("choice/element"), 1):
        yield PackagedRecord(
            "sys_choice",
            PUT,
            {
                "name": table,
                "element": element,
                "value": choice.get("value", ""),
                "label": choice.get("label", "") or choice.get("value", ""),
                "sequence": choice.get("sequence", str(number)),
                "language": choice.get("language", "en"),
                "dependent_value": choice.get("dependent_value", ""),
                "inactive": choice.get("inactive", "false"),
            },
            where,
        )


def _named(element: Element, names: Mapping[str, str]) -> dict[str, str]:
    return {column: element.attrib[name] for name, column in names.items() if name in element.attrib}
