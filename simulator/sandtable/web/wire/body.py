"""Request bodies: JSON, strict and then relaxed; the platform's XML; and the limit on their size.

A body is received and read before the transaction begins: neither a slow client nor a large text holds up the others.
Each reader's work grows with the length of the text and no faster.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from flask import g
from werkzeug.http import parse_options_header

from sandtable.core.values.errors import (
    BodyCutOff,
    PayloadTooLarge,
    PlatformError,
    UnreadableBody,
    UnsupportedMediaType,
)
from sandtable.core.values.texts import double_quoted, whole_number
from sandtable.web.wire.negotiation import JSON, XML, body_format

if TYPE_CHECKING:
    from flask import Request

    from sandtable.core.platform.instance import Instance

MEGABYTE = 1024 * 1024
DEFAULT_LIMIT_MB = 10
LARGEST_LIMIT_MB = 25
DEEPEST, TOO_DEEP = 100, "Nested too deeply"


def body_limit(instance: Instance) -> int:
    """Return the largest body in bytes: `glide.rest.max_content_length` in megabytes, 10 by default and at most 25."""
    asked = whole_number(instance.property("glide.rest.max_content_length"), 0, most=LARGEST_LIMIT_MB)
    return (asked or DEFAULT_LIMIT_MB) * MEGABYTE


def wait_for_body(request: Request, instance: Instance) -> None:
    """Receive and read the body before a transaction begins, so that a client keeps nobody waiting but itself.

    What is wrong with it is raised when the view asks for it, in the order in which the product refuses. Raises
    BodyCutOff at once, since a client that left in the middle of its request has asked for nothing.
    """
    environ = request.environ
    if not environ.get("CONTENT_LENGTH") and not environ.get("wsgi.input_terminated"):
        g.body = b""
        return
    try:
        g.body = _received(request, body_limit(instance))
    except BodyCutOff:
        raise
    except PlatformError as error:
        g.body = error
        return
    if g.body.strip():
        g.read = _Read(g.body, environ.get("CONTENT_TYPE", ""))


# What a header means depends on its text alone, and clients send few different ones.
@lru_cache(maxsize=256)
def _content_type(text: str) -> tuple[str, str]:
    """Return media type and charset."""
    kind, options = parse_options_header(text)
    return kind, options.get("charset", "utf-8")


class _Read:
    """What a body was found to hold, by the form in which it was read; a view that reads another form reads it anew."""

    def __init__(self, data: bytes, content_type: str) -> None:
        self._found: dict[str, tuple[Any, PlatformError | None]] = {}
        kind, charset = _content_type(content_type)
        if kind.lower().endswith("xml"):
            self._keep(XML, lambda: _root(data))
        elif kind.lower() in ("", JSON):
            self._keep(f"{JSON} {charset}", lambda: parse_json(decode(data, charset)))

    def _keep(self, form: str, read: Callable[[], Any]) -> None:
        try:
            self._found[form] = read(), None
        except PlatformError as error:
            self._found[form] = None, error

    def get(self, form: str, read: Callable[[], Any]) -> Any:
        """Return what `read` would; raises as it does."""
        if form not in self._found:
            return read()
        value, error = self._found[form]
        if error is not None:
            raise error
        return value


def _once(form: str, read: Callable[[], Any]) -> Any:
    found: _Read | None = g.get("read")
    return read() if found is None else found.get(form, read)


def read_bytes(request: Request, limit: int) -> bytes:
    """Return the body of a request.

    Raises PayloadTooLarge, before reading it when its length was declared, and UnreadableBody for a length that is not
    a number.
    """
    if "body" not in g:
        return _received(request, limit)
    if isinstance(g.body, PlatformError):
        raise g.body
    data: bytes = g.body
    if len(data) > limit:
        raise PayloadTooLarge(len(data), limit)
    return data


def _received(request: Request, limit: int) -> bytes:
    declared = request.environ.get("CONTENT_LENGTH", "")
    if declared:
        if not (declared.isascii() and declared.isdigit()):
            raise UnreadableBody("Content-Length is not a number")
        if int(declared) > limit:
            raise PayloadTooLarge(int(declared), limit)
    if not declared and not request.environ.get("wsgi.input_terminated"):
        return b""
    try:
        # Of declared length: whoever was first to see the request has seen to it that it ends there.
        data = request.environ["wsgi.input"].read() if declared.strip("0") else request.stream.read(limit + 1)
    except (ValueError, OSError) as error:
        # Broken chunks, or a client that went away in the middle of its body.
        raise UnreadableBody(f"Cannot read: {error}") from None
    if len(data) > limit:
        raise PayloadTooLarge(len(data), limit)
    return data


def read_object(request: Request, instance: Instance, *, also_text_xml: bool = False) -> dict[str, Any]:
    """Return the one object in a request body; an empty body is an empty object, of an array the first member counts.

    Raises PayloadTooLarge, UnsupportedMediaType, and UnreadableBody.
    """
    value = read_value(request, instance, also_text_xml=also_text_xml)
    if isinstance(value, list):
        value = value[0] if value else {}
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise UnreadableBody(f"Expected an object, found {_kind(value)}")
    return value


def read_value(request: Request, instance: Instance, *, also_text_xml: bool = False) -> Any:
    """Return what a request body holds, or None when it is empty; raises as `read_object`."""
    data = read_bytes(request, body_limit(instance))
    if not data.strip():
        return None
    coding = request.environ.get("HTTP_CONTENT_ENCODING", "").strip().lower()
    if coding not in ("", "identity"):
        instance.ledger.note("header", f"Content-Encoding: {coding}", "bodies are read as they are sent")
        raise UnsupportedMediaType
    kind = body_format(request.environ.get("CONTENT_TYPE"), also_text_xml=also_text_xml)
    if kind == XML:
        return _fields(xml_root(data))
    charset = _content_type(request.environ.get("CONTENT_TYPE", ""))[1]
    return _once(f"{JSON} {charset}", lambda: parse_json(decode(data, charset)))


def decode(data: bytes, charset: str = "utf-8") -> str:
    """Return the text of a body, without a byte order mark; raises UnreadableBody."""
    name = "utf-8-sig" if charset.lower() in ("utf-8", "utf8") else charset
    try:
        # Codecs such as "zip" turn bytes into bytes, and are no character set.
        text = data.decode(name)
    except (UnicodeDecodeError, LookupError, ValueError) as error:
        raise UnreadableBody(f"Cannot decode as {charset}: {error}") from None
    return text


def parse_json(text: str) -> Any:
    """Return the value of a JSON text, accepting single-quoted strings as well; raises UnreadableBody."""
    try:
        value = _strict(text)
    except (ValueError, RecursionError) as error:
        try:
            value = _strict(double_quoted(text))
        except (ValueError, RecursionError):
            raise UnreadableBody(_reason(error)) from None
    # Most bodies have fewer brackets than are allowed in a row.
    if text.count("[") + text.count("{") > DEEPEST:
        _refuse_depth(value, lambda inner: inner.values() if isinstance(inner, dict) else inner, (dict, list))
    return value


def _refuse_depth(outermost: Any, inside: Callable[[Any], Iterable[Any]], kinds: type | tuple[type, ...]) -> None:
    """Raise UnreadableBody for what is nested more than DEEPEST deep; what follows would not come back from there."""
    level = [outermost]
    for _ in range(DEEPEST + 1):
        level = [inner for outer in level if isinstance(outer, kinds) for inner in inside(outer)]
        if not level:
            return
    raise UnreadableBody(TOO_DEEP)


def _strict(text: str) -> Any:
    return json.loads(text, parse_constant=_no_constant, parse_float=_finite)


def _finite(text: str) -> float:
    number = float(text)
    if math.isinf(number):
        raise ValueError(f"{text} is too large a number")
    return number


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is not a JSON value")


def _reason(error: Exception) -> str:
    return TOO_DEEP if isinstance(error, RecursionError) else f"Cannot decode: {error}"


def parse_xml(data: bytes) -> dict[str, Any]:
    """Return the fields of `<request><entry>..</entry></request>` or of a flat document; raises UnreadableBody.

    A document type declaration is refused, so that nothing outside the body is ever read or expanded.
    """
    return _fields(_root(data))


def xml_root(data: bytes) -> Any:
    """Return the root element of the request's own body, as `parse_xml` reads it; raises UnreadableBody."""
    return _once(XML, lambda: _root(data))


def _root(data: bytes) -> Any:
    from xml.etree.ElementTree import ParseError

    from defusedxml import DefusedXmlException
    from defusedxml.ElementTree import fromstring

    try:
        root = fromstring(data, forbid_dtd=True)
    except (ParseError, ValueError, LookupError, DefusedXmlException) as error:
        raise UnreadableBody(f"Cannot decode: {error}") from None
    _refuse_depth(root, list, type(root))
    return root


def _fields(root: Any) -> dict[str, Any]:
    entry = root.find("entry")
    return {child.tag: _xml_value(child) for child in (root if entry is None else entry)}


def _xml_value(element: Any) -> Any:
    if len(element):
        return {child.tag: _xml_value(child) for child in element}
    return element.text or ""


def flat(values: Mapping[str, Any]) -> dict[str, str | int | float | bool | None]:
    """Return the values as a record takes them; an object or array becomes the text the platform makes of it."""
    return {
        str(name): value if isinstance(value, str | int | float | bool | None) else java_text(value)
        for name, value in values.items()
    }


def java_text(value: Any) -> str:
    """Return a nested value as text the way the platform's maps and lists print: `{a=1, b=[x, y]}`."""
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{name}={java_text(item)}" for name, item in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(java_text(item) for item in value) + "]"
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def _kind(value: Any) -> str:
    return {bool: "a boolean", str: "a string", int: "a number", float: "a number"}.get(type(value), "something else")
