"""Files of each kind, made here in the documented shapes, and an instance to put them into."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from xml.sax.saxutils import escape, quoteattr

import pytest

from sandtable import Instance, mock_servicenow

APP_ID = "a0000000000000000000000000000001"
PROLOGUE = '<?xml version="1.0" encoding="UTF-8"?>'
Values = Mapping[str, "str | tuple[str, Mapping[str, str]]"]


@pytest.fixture
def instance() -> Iterator[Instance]:
    with mock_servicenow() as servicenow:  # begins quicker than an instance by itself
        yield servicenow.instance


def element(table: str, values: Values, action: str = "INSERT_OR_UPDATE", /, **attributes: str) -> str:
    """One record as an element; a value may come with attributes of its own."""
    fields = []
    for name, given in values.items():
        text, hints = given if isinstance(given, tuple) else (given, {})
        said = "".join(f" {key}={quoteattr(value)}" for key, value in hints.items())
        fields.append(f"<{name}{said}>{escape(text)}</{name}>")
    more = "".join(f" {key}={quoteattr(value)}" for key, value in attributes.items())
    return f'<{table} action="{action}"{more}>{"".join(fields)}</{table}>'


def update(inside: str, table: str = "") -> str:
    """One update as a document."""
    named = f' table="{table}"' if table else ""
    return f"{PROLOGUE}<record_update{named}>{inside}</record_update>"


def export(*elements: str) -> bytes:
    """An export of records."""
    return f'{PROLOGUE}<unload unload_date="2026-01-01 00:00:00">{"".join(elements)}</unload>'.encode()


def update_set(updates: Iterable[tuple[str, str, str]], *, name: str = "A set", cdata: bool = False) -> bytes:
    """An update set: (name of the update, payload, moment of capture as hexadecimal)."""
    head = element("sys_remote_update_set", {"name": name, "state": "loaded", "application": APP_ID})
    rows = []
    for index, (label, payload, recorded) in enumerate(updates):
        content = f"<![CDATA[{payload}]]>" if cdata else escape(payload)
        action = "DELETE" if 'action="DELETE"' in payload and "INSERT_OR_UPDATE" not in payload else "INSERT_OR_UPDATE"
        rows.append(
            f'<sys_update_xml action="INSERT_OR_UPDATE"><action>{action}</action><name>{label}</name>'
            f"<payload>{content}</payload><sys_id>{index:032x}</sys_id>"
            f"<sys_recorded_at>{recorded}</sys_recorded_at></sys_update_xml>"
        )
    return export(head, *rows)


def table_records(name: str, parent: str = "", made_up_parent: str = "") -> list[tuple[str, str]]:
    """The updates that describe a table with one column: (name of the update, payload)."""
    own = {"name": name, "label": name.title(), "sys_id": f"{sum(name.encode()):032x}"}
    table: Values = own if not parent else {**own, "super_class": (made_up_parent or "f" * 32, {"name": parent})}
    head = {"name": name, "element": "", "internal_type": "collection", "column_label": name.title()}
    column = {
        "name": name,
        "element": "u_region",
        "internal_type": "string",
        "max_length": "60",
        "column_label": "Region",
    }
    return [
        (f"sys_dictionary_{name}_u_region", update(element("sys_dictionary", column, table=name, element="u_region"))),
        (f"sys_dictionary_{name}_null", update(element("sys_dictionary", head, table=name, element=""))),
        (f"sys_db_object_{own['sys_id']}", update(element("sys_db_object", table), "sys_db_object")),
    ]
