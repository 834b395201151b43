"""What tables look like: `ui/meta`, `doc/table/schema` and the CMDB Meta API.

Sources: for the first two, which nobody documents, the members that clients read; for the third ServiceNow's pages.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import Blueprint, Response, request

from sandtable.core.applications import cmdb
from sandtable.core.values.errors import MethodNotSupported, QueryDenied
from sandtable.web.transaction import Transaction, opened
from sandtable.web.wire import parameters
from sandtable.web.wire.answers import document, refuse_unacceptable

if TYPE_CHECKING:
    from sandtable.core.schema.columns import Column

blueprint = Blueprint("meta_api", __name__)
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
UI_META = ("/api/now/ui/meta/<table>", "/api/now/v<int:version>/ui/meta/<table>")
CMDB_META = ("/api/now/cmdb/meta/<class_name>", "/api/now/v<int:version>/cmdb/meta/<class_name>")
SCHEMA = "/api/now/doc/table/schema"
LONG_TEXT = 255


def ui_meta(table: str, version: int | None = None) -> Response:
    """Describe the columns of a table that the caller may read, with their choices."""
    transaction = _opened("UI Meta API", table, version)
    instance, session = transaction.instance, transaction.session
    instance.dictionary.table(table)
    instance.access.check_api(session, "UI Meta API", table)
    if not instance.access.can(session, "read", table):
        raise QueryDenied
    readable = instance.access.readable_columns(session, table)
    columns = {
        name: _described(transaction, table, column)
        for name, column in instance.dictionary.columns(table).items()
        if readable is None or name in readable
    }
    transaction.rows = len(columns)
    return document(transaction, {"result": {"columns": columns}})


def cmdb_meta(class_name: str, version: int | None = None) -> Response:
    """Describe a class of configuration items: its place in the hierarchy, attributes, and how items are identified."""
    transaction = _opened("CMDB Meta API", class_name, version)
    dictionary = transaction.instance.dictionary
    cmdb.check_class(transaction.session, class_name)
    table = dictionary.table(class_name)
    children = [each.name for each in dictionary.tables() if each.parent == class_name]
    own, display = table.columns, dictionary.display_column(class_name)
    attributes = [
        {
            "element": name,
            "label": column.label or name,
            "type": column.type,
            "max_length": str(column.max_length),
            "default_value": column.default or None,
            "is_inherited": _text(name not in own),
            "is_mandatory": _text(column.mandatory),
            "is_read_only": _text(column.read_only),
            "is_display": _text(name == display),
        }
        for name, column in dictionary.columns(class_name).items()
    ]
    content = {
        "name": class_name,
        "label": table.label or class_name,
        "parent": table.parent,
        "children": children,
        "is_extendable": table.extendable or bool(children),
        "icon": "",
        "icon_url": "",
        "attributes": attributes,
        "relationship_rules": [],
        "identification_rules": _identification(class_name, dictionary.columns(class_name)),
    }
    return document(transaction, {"result": content})


def schema() -> Response:
    """List the tables that the caller may read, by label and name."""
    transaction = _opened("Table Schema API", "", None)
    instance = transaction.instance
    listed = [
        {"label": table.label or table.name, "value": table.name}
        for table in sorted(instance.dictionary.tables(), key=lambda each: each.name)
        if table.ws_access and instance.access.can(transaction.session, "read", table.name)
    ]
    transaction.rows = len(listed)
    return document(transaction, {"result": listed})


def table_schema(table: str) -> Response:
    """List the columns of a table that the caller may read."""
    transaction = _opened("Table Schema API", table, None)
    instance, session = transaction.instance, transaction.session
    instance.dictionary.table(table)
    instance.access.check_api(session, "Table Schema API", table)
    if not instance.access.can(session, "read", table):
        raise QueryDenied
    readable = instance.access.readable_columns(session, table)
    listed = [
        {
            "name": name,
            "label": column.label or name,
            "internalType": column.type,
            "reference": column.reference,
            "maxLength": column.max_length,
            "mandatory": column.mandatory,
        }
        for name, column in sorted(instance.dictionary.columns(table).items())
        if readable is None or name in readable
    ]
    transaction.rows = len(listed)
    return document(transaction, {"result": listed})


for _path in UI_META:
    blueprint.add_url_rule(_path, view_func=ui_meta, methods=METHODS, endpoint=f"ui_meta{_path.count('<')}")
for _path in CMDB_META:
    blueprint.add_url_rule(_path, view_func=cmdb_meta, methods=METHODS, endpoint=f"cmdb_meta{_path.count('<')}")
blueprint.add_url_rule(SCHEMA, view_func=schema, methods=METHODS, endpoint="schema")
blueprint.add_url_rule(f"{SCHEMA}/<table>", view_func=table_schema, methods=METHODS, endpoint="table_schema")


def _opened(api: str, table: str, version: int | None) -> Transaction:
    refuse_unacceptable()
    transaction = opened(api, table, version)
    if request.method not in ("GET", "HEAD"):
        raise MethodNotSupported
    parameters.note_unknown(transaction.instance, request.args, ())
    return transaction


def _described(transaction: Transaction, table: str, column: Column) -> dict[str, Any]:
    dictionary, session = transaction.instance.dictionary, transaction.session
    described: dict[str, Any] = {
        "name": column.name,
        "label": column.label or column.name,
        "type": "choice" if column.is_choice else column.type,
        "internal_type": column.type,
        "max_length": column.max_length,
        "mandatory": column.mandatory,
        "read_only": column.read_only,
        "default_value": column.default,
        "hint": "",
        "multitext": column.max_length > LONG_TEXT,
        "filterable": not column.is_password,
        "sortable": not column.is_password,
    }
    if column.is_reference:
        described["reference"] = column.reference
        known = dictionary.has(column.reference)
        described["reference_display_field"] = dictionary.display_column(column.reference) if known else ""
    if column.is_choice:
        choices = dictionary.choices(table, column.name, session.language)
        described["choices"] = [
            {"label": choice.label, "value": choice.value} for choice in choices if not choice.inactive
        ]
    if column.dependent_on:
        described["dependent_on_field"] = column.dependent_on
    return described


def _identification(class_name: str, columns: Any) -> dict[str, Any]:
    """Return the rules by which an item that comes in is found again, as `core.cmdb` applies them."""
    known = [name for name in cmdb.IDENTIFIERS if name in columns]
    return {
        "name": f"{class_name} rule",
        "description": "",
        "active": True,
        "applies_to": class_name,
        "is_independent": True,
        "related_rules": [],
        "identifiers": [
            {
                "attributes": name,
                "active": True,
                "order": (index + 1) * 100,
                "table": None,
                "referenced_field": None,
                "condition": None,
                "allow_fallback": False,
                "allow_null_attribute": False,
                "exact_count_match": False,
            }
            for index, name in enumerate(known)
        ],
    }


def _text(truth: bool) -> str:  # noqa: FBT001 - the value to be written
    return "true" if truth else "false"
