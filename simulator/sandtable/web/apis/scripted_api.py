"""Scripted REST: the resources that installed applications declare, mounted below /api."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import parse_qs

from flask import Blueprint, Response, request

from sandtable.core.applications.application import resource_for
from sandtable.core.applications.scripted_resources import RawRequest, Resource, ScriptRequest, ScriptResponse
from sandtable.core.values.errors import ApiAccessDenied, MethodNotSupported, UnknownResource
from sandtable.web.transaction import Transaction, current
from sandtable.web.wire.answers import document, header_text, refuse_unacceptable
from sandtable.web.wire.body import body_limit, read_bytes, read_value
from sandtable.web.wire.negotiation import CONTENT_TYPES, JSON

blueprint = Blueprint("scripted_api", __name__)
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
FORM = "application/x-www-form-urlencoded"
WITH_BODY = frozenset({"POST", "PUT", "PATCH"})


@blueprint.route("/api", methods=METHODS, defaults={"path": ""})
@blueprint.route("/api/<path:path>", methods=METHODS)
def resource(path: str) -> Response:
    """Run the resource that matches method and path; raises UnknownResource and MethodNotSupported."""
    transaction = current()
    method = "GET" if request.method == "HEAD" else request.method
    matched = _matched(transaction, method)
    if matched is None:
        if any(_matched(transaction, other) for other in METHODS if other != method):
            raise MethodNotSupported
        transaction.instance.ledger.note("path", request.path)
        raise UnknownResource
    found, path_parameters = matched
    transaction.api = found.service
    _admit(transaction, found)
    raw = _raw(transaction) if found.reads_raw else None
    if raw is None:
        refuse_unacceptable(also_text_xml=True)
    body = None
    if raw is None and method in WITH_BODY:
        body = read_value(request, transaction.instance, also_text_xml=True)
    asked = ScriptRequest(
        session=transaction.session.in_scope(found.scope),
        path_parameters=path_parameters,
        query=request.args.to_dict(),
        body=body,
        headers={name.lower(): value for name, value in request.headers.items()},
        raw=raw,
    )
    return _answer(transaction, found.handler(asked))


def _raw(transaction: Transaction) -> RawRequest:
    body = read_bytes(request, body_limit(transaction.instance))
    query = {name: request.args.getlist(name) for name in request.args}
    if request.mimetype == FORM:
        for name, values in parse_qs(body.decode("utf-8", "replace"), keep_blank_values=True).items():
            query.setdefault(name, []).extend(values)
    return RawRequest(
        url=request.url,
        path=request.path,
        query_string=request.query_string.decode("utf-8", "replace"),
        query=query,
        headers=dict(request.headers.items()),
        body=body,
        content_type=request.headers.get("Content-Type", ""),
        accepted=tuple(kind for kind, _ in request.accept_mimetypes),
        read=lambda: read_value(request, transaction.instance, also_text_xml=True),
    )


def _matched(transaction: Transaction, method: str) -> tuple[Resource, dict[str, str]] | None:
    """Return what answers a method here: an endpoint of the test's own, else one of an installed application."""
    found = transaction.world.stubs.matching(method, request.path)
    return found if found is not None else resource_for(transaction.instance, method, request.path)


def _admit(transaction: Transaction, found: Resource) -> None:
    session = transaction.session
    if found.roles and not session.has_role(*found.roles):
        session.explain(f"{session.user_name} needs one of the roles {', '.join(found.roles)} for {found.path}")
        raise ApiAccessDenied
    transaction.instance.access.check_endpoint(session, found.service.partition(" [")[0])
    if found.admits is not None and not found.admits(session):
        raise ApiAccessDenied


def _answer(transaction: Transaction, given: ScriptResponse | dict[str, Any] | list[Any]) -> Response:
    if not isinstance(given, ScriptResponse):
        return document(transaction, {"result": given}, also_text_xml=True)
    if given.body is None:
        answer = Response(status=given.status)
    elif not given.raw:
        answer = document(transaction, {"result": given.body}, given.status, also_text_xml=True)
    elif isinstance(given.body, dict):
        answer = document(transaction, given.body, given.status, also_text_xml=True)
    elif isinstance(given.body, bytes):
        answer = Response(given.body, status=given.status)
    elif isinstance(given.body, str):
        answer = Response(given.body, status=given.status, content_type="text/plain;charset=UTF-8")
    else:
        answer = Response(json.dumps(given.body), status=given.status, content_type=CONTENT_TYPES[JSON])
    for name, value in given.headers.items():
        answer.headers[name] = header_text(str(value))
    return answer
