"""Which of JSON and XML a client asked for, and which of the two it sent."""

from __future__ import annotations

from functools import lru_cache

from werkzeug.datastructures import MIMEAccept
from werkzeug.http import parse_accept_header, parse_options_header

from sandtable.core.values.errors import NotAcceptable, UnsupportedMediaType

JSON = "application/json"
XML = "application/xml"
TEXT_XML = "text/xml"
CONTENT_TYPES = {JSON: "application/json;charset=UTF-8", XML: "application/xml; charset=UTF-8"}


def answer_format(accept: str | None, *, also_text_xml: bool = False) -> str:
    """Return JSON or XML for the value of an Accept header; JSON when the header is missing, empty or indifferent.

    Raises NotAcceptable when every type that is named is another one.
    """
    best = _best(accept, also_text_xml) if accept else JSON
    if not best:
        raise NotAcceptable
    return best


# What a header means depends on its text alone, and clients send few different ones.
@lru_cache(maxsize=512)
def _best(accept: str, also_text_xml: bool) -> str:  # noqa: FBT001
    if not accept.strip():
        return JSON
    offered = [JSON, XML, TEXT_XML] if also_text_xml else [JSON, XML]
    # A charset or version after the type says nothing about which of the two is wanted.
    named = [(value.partition(";")[0].strip(), quality) for value, quality in parse_accept_header(accept)]
    best = MIMEAccept(named).best_match(offered)
    return XML if best == TEXT_XML else best or ""


def error_format(accept: str | None) -> str:
    """Return the format of an error: XML only when it is what the client asked for."""
    try:
        return answer_format(accept, also_text_xml=True)
    except NotAcceptable:
        return JSON


@lru_cache(maxsize=256)
def _kind(content_type: str) -> str:
    return parse_options_header(content_type)[0].lower() if content_type.strip() else JSON


def body_format(content_type: str | None, *, also_text_xml: bool = False) -> str:
    """Return JSON or XML for the Content-Type of a request body; JSON when there is none.

    Raises UnsupportedMediaType for any other type.
    """
    kind = _kind(content_type) if content_type else JSON
    if kind == JSON:
        return JSON
    if kind == XML or (also_text_xml and kind == TEXT_XML):
        return XML
    raise UnsupportedMediaType
