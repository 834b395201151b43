"""Batch API: several REST requests in one, each run through the whole pipeline with the caller's own credentials.

Source: ServiceNow documentation, Batch API. The items run in order, each in a transaction of its own, so one that fails
takes nothing back of the others.
"""

from __future__ import annotations

import base64
import binascii
import json
import time
from collections.abc import Mapping
from contextvars import Context
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from flask import Blueprint, Response, current_app, request
from werkzeug.test import EnvironBuilder, run_wsgi_app

from sandtable.core.values.errors import BadRequest, MethodNotSupported, UnreadableBody, UnsupportedMediaType
from sandtable.core.values.texts import whole_number
from sandtable.web.steps.long_addresses import INSIDE
from sandtable.web.transaction import opened
from sandtable.web.wire import parameters
from sandtable.web.wire.answers import document, refuse_unacceptable
from sandtable.web.wire.body import MEGABYTE, decode, parse_json, read_bytes
from sandtable.web.wire.negotiation import XML, body_format

if TYPE_CHECKING:
    from sandtable.core.platform.instance import Instance

blueprint = Blueprint("batch_api", __name__)
BATCH_API = "Batch API"
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
PATHS = ("/api/now/batch", "/api/now/v<int:version>/batch")
LARGEST_OUTPUT_HEADER = "X-BATCHREQUEST-MAX-OUTPUT-SIZE"
# Properties with the documented limits: megabytes of each request and each answer, seconds for all items.
INPUT_LIMIT, OUTPUT_LIMIT = "glide.rest.batch.max.inputSize", "glide.rest.batch.max.outputSize"
SECONDS = "sandtable.batch.seconds"
LARGEST_INPUT = 10
REQUEST_LIMIT = "glide.batch_api.max_request_size"
VERBS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"})
# Whether addresses of items may hold blanks, commas and pipes as they are; some Zurich instances refuse those.
RAW_ADDRESSES, RAW = "sandtable.batch.raw_addresses", frozenset(" ,|")
# Who the caller is: what an item inherits from the batch, unless it says it itself.
CREDENTIALS = ("Authorization", "Cookie", "X-UserToken", "x-sn-apikey", "Host")
# What belongs to the connection or the browser, not to the answer of an item.
LEFT_OUT = frozenset({"set-cookie", "transfer-encoding", "connection", "keep-alive", "content-length"})


@dataclass(frozen=True, slots=True)
class Item:
    """One request of a batch."""

    id: str
    method: str
    url: str
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    without_headers: bool = False


def batch(version: int | None = None) -> Response:
    """Run the requests of a batch in order, and answer with the answer to each."""
    refuse_unacceptable()
    transaction = opened(BATCH_API, "", version)
    instance = transaction.instance
    with instance.transaction():
        instance.access.check_api(transaction.session, BATCH_API)
    if request.method != "POST":
        raise MethodNotSupported
    parameters.note_unknown(instance, request.args, ())
    asked = _read(instance)
    batch_id = _text(asked, "batch_request_id")
    if not batch_id:
        raise _bad("batch_request_id is missing: name the batch")
    listed = asked.get("rest_requests")
    if not isinstance(listed, list) or not all(isinstance(each, dict) for each in listed):
        raise _bad("rest_requests must be an array of requests")
    items = [_item(each, number) for number, each in enumerate(listed)]
    serviced, unserviced = _run(instance, items)
    transaction.rows = len(serviced)
    content = {"batch_request_id": batch_id, "serviced_requests": serviced, "unserviced_requests": unserviced}
    return document(transaction, content)


for _path in PATHS:
    blueprint.add_url_rule(_path, view_func=batch, methods=METHODS, endpoint=f"batch{_path.count('<')}")


# reading -------------------------------------------------------------------------------------------------------------


def _read(instance: Instance) -> dict[str, Any]:
    data = read_bytes(request, whole_number(instance.property(REQUEST_LIMIT), 5) * MEGABYTE)
    if body_format(request.headers.get("Content-Type")) == XML:
        raise UnsupportedMediaType
    value = parse_json(decode(data)) if data.strip() else {}
    if not isinstance(value, dict):
        raise UnreadableBody("Expected an object with batch_request_id and rest_requests")
    return value


def _item(given: Mapping[str, Any], number: int) -> Item:
    where = f"rest_requests[{number}]"
    item_id, method, url = _text(given, "id"), _text(given, "method").upper(), _text(given, "url")
    if not item_id:
        raise _bad(f"{where}.id is missing")
    if method not in VERBS:
        raise _bad(f"{where}.method must be one of {', '.join(sorted(VERBS))}, not {method or 'missing'}")
    if not url.startswith("/"):
        raise _bad(f"{where}.url must be a path of this instance, such as /api/now/table/incident")
    headers = given.get("headers") or []
    if not isinstance(headers, list) or not all(isinstance(each, dict) and "name" in each for each in headers):
        raise _bad(f'{where}.headers must be an array of {{"name":..,"value":..}}')
    try:
        body = base64.b64decode(given.get("body") or "", validate=True)
    except (binascii.Error, ValueError, TypeError):
        raise _bad(f"{where}.body must be base64") from None
    # The answer travels inside another, which is what gets compressed.
    named = {
        name: _line(each.get("value", ""))
        for each in headers
        if (name := _line(each["name"])).lower() != "accept-encoding"
    }
    return Item(item_id, method, url, named, body, given.get("exclude_response_headers") in (True, "true"))


def _text(given: Mapping[str, Any], name: str) -> str:
    value = given.get(name)
    if not isinstance(value, str | int) or isinstance(value, bool):
        return ""
    # Half of a pair of surrogates, which JSON can spell, is in no address.
    return str(value).strip().encode("utf-8", "surrogatepass").decode("utf-8", "replace")


def _line(value: Any) -> str:
    # A line break would end the header, and begin another.
    return " ".join(str(value).split()).encode("latin-1", "replace").decode("latin-1")


def _bad(detail: str) -> BadRequest:
    return BadRequest("Invalid batch request", detail)


# running -------------------------------------------------------------------------------------------------------------


def _run(instance: Instance, items: list[Item]) -> tuple[list[dict[str, Any]], list[str]]:
    """Run items until the time is up or one is too large; return the answers, and the ids of those not reached."""
    seconds = whole_number(instance.property(SECONDS), 30)
    largest = whole_number(instance.property(OUTPUT_LIMIT), 10) * MEGABYTE
    largest = whole_number(request.headers.get(LARGEST_OUTPUT_HEADER), largest, most=largest)
    input_limit = min(whole_number(instance.property(INPUT_LIMIT), 5), LARGEST_INPUT) * MEGABYTE
    inherited = {name: request.headers[name] for name in CREDENTIALS if name in request.headers}
    serviced: list[dict[str, Any]] = []
    start = time.perf_counter()
    for index, item in enumerate(items):
        rest = [each.id for each in items[index:]]
        if time.perf_counter() - start >= seconds or len(item.body) > input_limit:
            return serviced, rest
        if not RAW.isdisjoint(item.url) and not instance.property_is_true(RAW_ADDRESSES, True):
            serviced.append(_refused_address(item))
            continue
        answer = _serviced(item, inherited, largest)
        if answer is None:
            return serviced, rest
        serviced.append(answer)
    return serviced, []


def _refused_address(item: Item) -> dict[str, Any]:
    """Return the answer to an item whose address has characters that are not percent-encoded."""
    error = {"error": {"message": "Illegal character in address", "detail": None}, "status": "failure"}
    return {
        "id": item.id,
        "body": base64.b64encode(json.dumps(error).encode()).decode("ascii"),
        "status_code": HTTPStatus.BAD_REQUEST,
        "status_text": HTTPStatus.BAD_REQUEST.phrase,
        "headers": [],
        "execution_time": 0,
    }


def _serviced(item: Item, inherited: Mapping[str, str], largest: int) -> dict[str, Any] | None:
    """Run one item; return what is told of it, or None when its answer is over the limit."""
    start = time.perf_counter()
    own = {name.lower() for name in item.headers}
    kept = {name: value for name, value in inherited.items() if name.lower() not in own}
    path, _, query = item.url.partition("?")
    builder = EnvironBuilder(
        path=request.environ.get("SCRIPT_NAME", "") + path,
        query_string=query,
        method=item.method,
        base_url=f"{request.scheme}://{request.host or 'localhost'}/",
        headers=[*kept.items(), *item.headers.items()],
        data=item.body if item.body else None,
    )
    environ = builder.get_environ()
    builder.close()
    environ["RAW_URI"] = item.url
    environ[INSIDE] = True
    environ["sandtable.connection"] = request.environ.get("sandtable.connection")
    # A context of its own: the item is a request like any other, and must not find the batch's transaction.
    chunks, status, headers = Context().run(run_wsgi_app, current_app.wsgi_app, environ, buffered=True)
    body = b"".join(chunks)
    code = int(status.partition(" ")[0])
    if len(body) > largest:
        return None
    listed = [{"name": name, "value": value} for name, value in headers if name.lower() not in LEFT_OUT]
    listed.append({"name": "Content-Length", "value": str(len(body))})
    location = headers.get("Location", "")
    answer: dict[str, Any] = {
        "id": item.id,
        "body": base64.b64encode(body).decode("ascii"),
        "status_code": code,
        "status_text": _phrase(code),
        "headers": [] if item.without_headers else listed,
        "execution_time": int((time.perf_counter() - start) * 1000),
    }
    if 300 <= code < 400 and location:
        answer["redirect_url"] = location
    return answer


def _phrase(code: int) -> str:
    try:
        return HTTPStatus(code).phrase
    except ValueError:
        return "Unknown"
