"""Successful answers: a document as JSON or XML, and header values that cannot break out of their line."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any

import orjson
from flask import Response, request
from werkzeug.datastructures import Headers

from sandtable.web.transaction import Transaction, incoming, opened
from sandtable.web.wire.negotiation import CONTENT_TYPES, XML, answer_format, error_format
from sandtable.web.wire.parameters import is_true
from sandtable.web.wire.xml_form import to_xml

_CONTROL = re.compile(r"[\x00-\x1f\x7f]+")
_SAFE_HOST = re.compile(r"[A-Za-z0-9.\-_]+(:\d{1,5})?|\[[0-9A-Fa-f:.]+\](:\d{1,5})?")


def document(
    transaction: Transaction, content: Mapping[str, Any], status: int = 200, *, also_text_xml: bool = False
) -> Response:
    """Return content in the format asked for; raises NotAcceptable."""
    kind = answer_format(transaction.environ.get("HTTP_ACCEPT"), also_text_xml=also_text_xml)
    if wants_debug(transaction):
        lines = [{"type": "explain", "line": line} for line in transaction.session.explanations]
        content = {**content, "session": {"debug_logs": lines}}
    data = to_xml(content).encode("utf-8", "replace") if kind == XML else json_bytes(content)
    return whole(data, status, CONTENT_TYPES[kind])


def wants_debug(transaction: Transaction) -> bool:
    """Tell whether the answer is to say beside its result why it is what it is."""
    return is_true(transaction.environ.get("HTTP_X_WANTSESSIONDEBUGMESSAGES"))


def json_bytes(content: Any) -> bytes:
    """Return JSON without blanks in UTF-8; half a surrogate pair, which no encoding has, becomes a question mark."""
    try:
        return orjson.dumps(content)
    except TypeError:  # that, or a number that is too large for it
        return json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")


def whole(data: bytes, status: int, content_type: str) -> Response:
    """Return an answer with a body that is there already, made without what werkzeug looks at to guess the rest."""
    answer = Response.__new__(Response)
    answer.headers = Headers()
    put_at_end(answer.headers, (("Content-Type", content_type),))
    answer.status_code = status
    answer.response = [data]
    answer.direct_passthrough = False
    answer._on_close = []  # noqa: SLF001
    return answer


def put_at_end(headers: Headers, pairs: Iterable[tuple[str, str]]) -> None:
    """Add headers whose values are known to be good, past the checks of each."""
    headers._list.extend(pairs)  # noqa: SLF001 - to check thirty values takes longer than the core's part of a request


def envelope(message: str, detail: str | None, status: int) -> Response:
    """Return an error answer in the format that the request asked for."""
    document = {"error": {"message": message, "detail": detail}, "status": "failure"}
    kind = error_format(request.headers.get("Accept"))
    text = to_xml(document) if kind == XML else json.dumps(document, ensure_ascii=False, separators=(",", ":"))
    # A rule's text may hold half a surrogate pair, which no encoding has.
    return Response(text.encode("utf-8", "replace"), status=status, content_type=CONTENT_TYPES[kind])


def refuse_unacceptable(*, also_text_xml: bool = False) -> None:
    """Raise NotAcceptable before anything is written, rather than after."""
    answer_format(incoming().environ.get("HTTP_ACCEPT"), also_text_xml=also_text_xml)


def opened_table(api: str, table: str, version: int | None) -> Transaction:
    """Return the transaction of a request about a table. Raises NotAcceptable, UnknownTable, ApiAccessDenied."""
    refuse_unacceptable()
    transaction = opened(api, table, version)
    transaction.instance.dictionary.table(table)
    transaction.instance.access.check_api(transaction.session, api, table)
    return transaction


def with_link(transaction: Transaction, outcome: Mapping[str, str]) -> dict[str, str]:
    """Return an outcome of an import with the address of its record beside what the record is shown by, if it is."""
    linked: dict[str, str] = {}
    for name, value in outcome.items():
        linked[name] = value
        if name == "display_value" and "display_name" in outcome:
            path = f"table/{outcome.get('table', '')}/{outcome.get('sys_id', '')}"
            linked["record_link"] = f"{base_url(transaction)}/api/now{transaction.version}/{path}"
    return linked


def without_body_when_asked(answer: Response) -> Response:
    """Empty the answer of a write whose request says `X-no-response-body: true`."""
    if is_true(incoming().environ.get("HTTP_X_NO_RESPONSE_BODY")):
        answer.set_data(b"")
        answer.headers.pop("Content-Type", None)
    return answer


def header_text(text: str, longest: int = 4000) -> str:
    """Return text as one header value: control characters become blanks, what Latin-1 lacks becomes `?`."""
    return _CONTROL.sub(" ", text).strip()[:longest].encode("latin-1", "replace").decode("latin-1")


def base_url(transaction: Transaction) -> str:
    """Return scheme and host that links begin with: the instance's own, else the request's."""
    instance = transaction.instance
    if instance.base_url and instance.property_is_true("glide.rest.replace_request_host_with_property", True):
        return instance.base_url
    environ = transaction.environ
    host = environ.get("HTTP_HOST", "")
    if not _is_safe(host):
        host = f"{environ.get('SERVER_NAME', 'localhost')}:{environ.get('SERVER_PORT', '80')}"
    return f"{environ['wsgi.url_scheme']}://{host}{environ.get('SCRIPT_NAME', '')}"


@lru_cache(maxsize=256)
def _is_safe(host: str) -> bool:
    return _SAFE_HOST.fullmatch(host) is not None
