"""CMDB Instance API: configuration items with their relations."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from flask import Blueprint, Response, request

from sandtable.core.applications import cmdb
from sandtable.core.applications.cmdb import Relation, WantedRelation
from sandtable.core.platform.display import record_display
from sandtable.core.values.errors import BadRequest, MethodNotSupported, ScriptError
from sandtable.web.transaction import Transaction, current
from sandtable.web.wire import parameters
from sandtable.web.wire.answers import base_url, document, opened_table
from sandtable.web.wire.body import read_object
from sandtable.web.wire.parameters import Shape
from sandtable.web.wire.present import Presenter

if TYPE_CHECKING:
    from sandtable.core.platform.record import Record

blueprint = Blueprint("cmdb_api", __name__)
CMDB_API = "CMDB Instance API"
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
PATHS = ("/api/now/cmdb/instance/<class_name>", "/api/now/v<int:version>/cmdb/instance/<class_name>")
CREATED = "sandtable.cmdb.created_status"
LIST = frozenset({"sysparm_query", "sysparm_limit", "sysparm_offset"})


def collection(class_name: str, version: int | None = None) -> Response:
    """List the items of a class by sys_id and name, or create one."""
    transaction = _opened(class_name, version)
    session = transaction.session
    if request.method in ("GET", "HEAD"):
        parameters.note_unknown(transaction.instance, request.args, LIST)
        asked = parameters.list_parameters(request.args, lambda name: False)
        page = session.table(class_name).page(asked.query, limit=asked.limit, offset=asked.offset, count=False)
        transaction.rows = len(page.records)
        listed = [{"sys_id": record.sys_id, "name": record["name"]} for record in page.records]
        return document(transaction, {"result": listed})
    if request.method == "POST":
        body = read_object(request, transaction.instance)
        item = cmdb.save(
            session,
            class_name,
            _attributes(body),
            _text(body, "source"),
            _wanted(body, "outbound_relations"),
            _wanted(body, "inbound_relations"),
        )
        status = 201 if transaction.instance.property(CREATED, "200").strip() == "201" else 200
        return _shown(transaction, class_name, item, status)
    raise MethodNotSupported


def member(class_name: str, sys_id: str, version: int | None = None) -> Response:
    """Read an item with its relations, or change its attributes."""
    transaction = _opened(class_name, version)
    session = transaction.session
    parameters.note_unknown(transaction.instance, request.args, parameters.DOCUMENTED)
    if request.method in ("GET", "HEAD"):
        return _shown(transaction, class_name, session.table(class_name).get(sys_id))
    if request.method in ("PUT", "PATCH"):
        body = read_object(request, transaction.instance)
        item = cmdb.change(session, class_name, sys_id, _attributes(body), _text(body, "source"))
        return _shown(transaction, class_name, item)
    raise MethodNotSupported


def add_relations(class_name: str, sys_id: str, version: int | None = None) -> Response:
    """Add relations to an item, and answer with the item."""
    transaction = _opened(class_name, version)
    if request.method != "POST":
        raise MethodNotSupported
    session = transaction.session
    body = read_object(request, transaction.instance)
    outbound, inbound = _wanted(body, "outbound_relations"), _wanted(body, "inbound_relations")
    cmdb.relate(session, class_name, sys_id, outbound, inbound)
    return _shown(transaction, class_name, session.table(class_name).get(sys_id))


def relation(class_name: str, sys_id: str, relation_id: str, version: int | None = None) -> Response:
    """Remove a relation of an item."""
    transaction = _opened(class_name, version)
    if request.method != "DELETE":
        raise MethodNotSupported
    cmdb.unrelate(transaction.session, class_name, sys_id, relation_id)
    return document(transaction, {"result": {}})


for _path in PATHS:
    _end = str(_path.count("<"))
    _one = f"{_path}/<sys_id>"
    blueprint.add_url_rule(_path, view_func=collection, methods=METHODS, endpoint=f"collection{_end}")
    blueprint.add_url_rule(_one, view_func=member, methods=METHODS, endpoint=f"member{_end}")
    blueprint.add_url_rule(f"{_one}/relation", view_func=add_relations, methods=METHODS, endpoint=f"relations{_end}")
    blueprint.add_url_rule(
        f"{_one}/relation/<relation_id>", view_func=relation, methods=METHODS, endpoint=f"relation{_end}"
    )


def _opened(class_name: str, version: int | None) -> Transaction:
    transaction = opened_table(CMDB_API, class_name, version)
    cmdb.check_class(transaction.session, class_name)
    return transaction


def _attributes(body: Mapping[str, Any]) -> dict[str, object]:
    """Return the attributes of a body, which must all be texts. Raises ScriptError, as the product's Java does.

    Source: tehubersheezy/servicenow-cli on instances, and ServiceNow documentation, whose values are texts.
    """
    if "attributes" not in body and (set(body) - {"source", "outbound_relations", "inbound_relations"}):
        current().session.explain("attributes must be an object of column names and texts; none is there")
        raise ScriptError("Exception while executing request: null", "")
    attributes = body.get("attributes") or {}
    if not isinstance(attributes, dict):
        raise BadRequest("Invalid request body", "attributes must be an object of column names and values")
    for name, value in attributes.items():
        if value is not None and not isinstance(value, str):
            java = {bool: "Boolean", int: "Integer", float: "Double"}.get(type(value))
            kind = f"java.lang.{java}" if java else "org.mozilla.javascript.NativeObject"
            current().session.explain(f"attributes.{name} must be a text, quoted even when it is a number")
            raise ScriptError(f"Exception while executing request: {kind} cannot be cast to java.lang.String", "")
    return attributes


def _text(body: Mapping[str, Any], name: str) -> str:
    value = body.get(name)
    return value.strip() if isinstance(value, str) else ""


def _wanted(body: Mapping[str, Any], name: str) -> list[WantedRelation]:
    listed = body.get(name) or []
    if not isinstance(listed, list) or not all(isinstance(each, dict) for each in listed):
        raise BadRequest("Invalid request body", f'{name} must be an array of {{"type":..,"target":..}}')
    return [WantedRelation(_text(each, "type"), _text(each, "target")) for each in listed]


def _shown(transaction: Transaction, class_name: str, item: Record, status: int = 200) -> Response:
    transaction.rows = 1
    outbound, inbound = cmdb.relations(transaction.session, item.sys_id)
    content = {
        "outbound_relations": [_relation(transaction, each) for each in outbound],
        "attributes": _shown_attributes(transaction, class_name, item),
        "inbound_relations": [_relation(transaction, each) for each in inbound],
    }
    return document(transaction, {"result": content}, status)


def _shown_attributes(transaction: Transaction, class_name: str, item: Record) -> dict[str, Any]:
    """Return the stored values, except that a reference tells its display value as well."""
    columns = transaction.instance.dictionary.columns(class_name)
    shown = Presenter(transaction, class_name, Shape()).show(item)
    for name, value in shown.items():
        if isinstance(value, dict):
            display = record_display(transaction.session, columns[name].reference, value["value"])
            shown[name] = {"display_value": display or value["value"], **value}
    return shown


def _relation(transaction: Transaction, each: Relation) -> dict[str, Any]:
    start = f"{base_url(transaction)}/api/now"
    session = transaction.session
    return {
        "sys_id": each.sys_id,
        "type": {
            "display_value": record_display(session, cmdb.TYPES, each.type),
            "link": f"{start}/table/{cmdb.TYPES}/{each.type}",
            "value": each.type,
        },
        "target": {
            "display_value": record_display(session, "cmdb_ci", each.target),
            "link": f"{start}/cmdb/instance/cmdb_ci/{each.target}",
            "value": each.target,
        },
    }
