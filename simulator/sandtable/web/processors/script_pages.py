"""Pages that run scripts: the one for background scripts, the answers to client scripts, processors of records."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from flask import Response, jsonify, request

from sandtable.core.values.errors import AccessDenied, ApiAccessDenied, Unsimulated
from sandtable.web.console.frame import show
from sandtable.web.console.visitor import find_visitor
from sandtable.web.wire.body import body_limit, read_bytes

if TYPE_CHECKING:
    from sandtable.scripting.host import Host
    from sandtable.web.transaction import Transaction


def _host(transaction: Transaction) -> Host:
    from sandtable.scripting import EngineUnusable
    from sandtable.scripting.tools import host_of

    try:
        return host_of(transaction.instance)
    except EngineUnusable as error:
        raise Unsimulated("script", request.path, str(error)) from None


def _given(transaction: Transaction) -> dict[str, str]:
    """Return what a form or the address gives; of several values the last."""
    from urllib.parse import parse_qsl

    found = dict(request.args.items())
    # A form that was looked into already, for who is asked or for the token of a page, is not in the body any more.
    found |= {name: texts[-1] for name, texts in request.form.lists()} if "form" in request.__dict__ else {}
    data = read_bytes(request, body_limit(transaction.instance))
    if data and request.mimetype == "application/x-www-form-urlencoded":
        found |= dict(parse_qsl(data.decode("utf-8", "replace"), keep_blank_values=True))
    return found


def background(transaction: Transaction) -> Response:
    """Show the page for background scripts, or run what was sent to it.

    Raises ApiAccessDenied for who is no administrator. A form without the token of its session has not come this far.
    """
    visitor = None if "Authorization" in request.headers else find_visitor(transaction)
    if not transaction.session.has_role("admin"):
        transaction.session.explain(f"{transaction.session.user_name} is no administrator")
        raise ApiAccessDenied
    given = _given(transaction)
    script, scope = given.get("script", ""), given.get("sys_scope", "") or "global"
    page = partial(show, transaction, visitor, "script.html", title="Run script", script=script, scope=scope)
    if request.method != "POST":
        return page()
    outcome = _host(transaction).background(transaction.session, script, scope=_scope_name(transaction, scope))
    if "json" in (request.accept_mimetypes.best or ""):
        answer: Response = jsonify(outcome.shown())
        return answer
    return page(outcome=outcome, lines="\n".join(outcome.printed()))


def _scope_name(transaction: Transaction, scope: str) -> str:
    return transaction.instance.scope_names().get(scope, scope)


def ajax(transaction: Transaction) -> Response:
    """Answer a client script that calls a script include, as XML."""
    given = _given(transaction)
    name = given.get("sysparm_processor", "")
    try:
        answer = _host(transaction).include(transaction.session, name, given)
    except AccessDenied:
        transaction.session.explain(f"{transaction.session.user_name} may not call the script include {name}")
        text = '<?xml version="1.0" encoding="UTF-8"?><xml error="Access denied"/>'
        return Response(text, content_type="text/xml;charset=UTF-8")
    return Response(answer.to_xml(), content_type="text/xml;charset=UTF-8")


def processor(transaction: Transaction, path: str) -> Response | None:
    """Answer a request for the path of a processor record, or return None when there is none."""
    dictionary = transaction.instance.dictionary
    if not dictionary.has("sys_processor"):
        return None
    known = transaction.instance.system().table("sys_processor")
    if known.first("active=true^type=script", filters={"path": path}) is None:
        return None
    asked = {
        "parameters": _given(transaction),
        "headers": {name.lower(): value for name, value in request.headers.items()},
        "query_string": request.query_string.decode("utf-8", "replace"),
        "path": request.path,
        "method": request.method,
    }
    found = _host(transaction).processor(transaction.session, path, asked)
    if found is None:
        return None
    if found["redirect"]:
        return Response(status=302, headers={"Location": str(found["redirect"])})
    answer = Response(str(found["text"]), status=int(str(found["status"])))
    answer.headers["Content-Type"] = str(found["type"] or "text/html;charset=UTF-8")
    headers = found["headers"]
    if isinstance(headers, dict):
        for name, value in headers.items():
            answer.headers[str(name)] = str(value)
    return answer
