"""Attributes of attachments, such as alternative texts: `/api/now/attachment/{sys_id}/attributes`.

Source: ServiceNow documentation, Attachment API. Who may see the file may see its attributes; who may change what is
known of the file may change them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, Response, request

from sandtable.core.platform import attachments
from sandtable.core.schema.stored_values import as_text
from sandtable.core.values.errors import AccessDenied, BadRequest, MethodNotSupported, RecordNotFound, UnknownResource
from sandtable.web.apis.attachment_api import ATTACHMENT_API
from sandtable.web.transaction import Transaction, opened
from sandtable.web.wire import parameters
from sandtable.web.wire.answers import document, refuse_unacceptable
from sandtable.web.wire.body import read_object

if TYPE_CHECKING:
    from sandtable.core.platform.contracts import TableAccess
    from sandtable.core.platform.record import Record

blueprint = Blueprint("attachment_attributes", __name__)
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
PATHS = ("/api/now/attachment/<sys_id>/attributes", "/api/now/v<int:version>/attachment/<sys_id>/attributes")
TABLE = "sys_attachment_attribute"


def collection(sys_id: str, version: int | None = None) -> Response:
    """List the attributes of a file, or add one."""
    transaction, file = _opened(sys_id, version)
    access = _access(transaction)
    if request.method in ("GET", "HEAD"):
        return document(transaction, {"result": [_shown(each) for each in _of(access, file)]})
    if request.method != "POST":
        raise MethodNotSupported
    _check_write(transaction, file, "Insert")
    body = read_object(request, transaction.instance)
    key, value = as_text(body.get("key")).strip(), as_text(body.get("value"))
    if not key or "value" not in body:
        raise BadRequest("Invalid request body", 'The body must be {"key":"...","value":"..."}')
    if _of(access, file, key):
        raise BadRequest("Invalid attribute", f"the file has an attribute {key!r} already; change it with PUT")
    made = access.insert({"sys_attachment": file.sys_id, "key": key, "value": value})
    return document(transaction, {"result": _shown(made)}, 201)


def member(sys_id: str, key: str, version: int | None = None) -> Response:
    """Read, change or delete one attribute of a file."""
    transaction, file = _opened(sys_id, version)
    access = _access(transaction)
    found = next(iter(_of(access, file, key)), None)
    if found is None:
        raise RecordNotFound
    if request.method in ("GET", "HEAD"):
        return document(transaction, {"result": _shown(found)})
    if request.method == "PUT":
        _check_write(transaction, file, "Update")
        body = read_object(request, transaction.instance)
        if "value" not in body:
            raise BadRequest("Invalid request body", 'The body must be {"value":"..."}')
        changed = access.update(found.sys_id, {"value": as_text(body["value"])})
        return document(transaction, {"result": _shown(changed)})
    if request.method == "DELETE":
        _check_write(transaction, file, "Delete")
        access.delete(found.sys_id)
        return Response(status=204)
    raise MethodNotSupported


for _path in PATHS:
    _end = str(_path.count("<"))
    blueprint.add_url_rule(_path, view_func=collection, methods=METHODS, endpoint=f"collection{_end}")
    blueprint.add_url_rule(f"{_path}/<key>", view_func=member, methods=METHODS, endpoint=f"member{_end}")


def _opened(sys_id: str, version: int | None) -> tuple[Transaction, Record]:
    refuse_unacceptable()
    transaction = opened(ATTACHMENT_API, TABLE, version)
    if not transaction.instance.property_is_true("sandtable.attachment.attributes", True):
        raise UnknownResource
    transaction.instance.access.check_api(transaction.session, ATTACHMENT_API, attachments.TABLE)
    parameters.note_unknown(transaction.instance, request.args, ())
    return transaction, attachments.find(transaction.session, sys_id)


def _access(transaction: Transaction) -> TableAccess:
    return transaction.session.without_access_control().table(TABLE)


def _check_write(transaction: Transaction, file: Record, operation: str) -> None:
    if not transaction.instance.access.can(transaction.session, "write", attachments.TABLE, file):
        raise AccessDenied(operation)


def _of(access: TableAccess, file: Record, key: str = "") -> list[Record]:
    mine = {"sys_attachment": file.sys_id, **({"key": key} if key else {})}
    return access.page("", limit=None, offset=0, count=False, filters=mine).records


def _shown(record: Record) -> dict[str, str]:
    return {"key": record["key"], "value": record["value"]}
