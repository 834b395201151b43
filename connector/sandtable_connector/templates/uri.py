"""encodeURI and encodeURIComponent (source: ECMA-262, URI handling functions)."""

from __future__ import annotations

import re
from urllib.parse import quote

from sandtable_connector.templates.script_values import ScriptError, characters

_COMPONENT = "-_.!~*'()"
_WHOLE = _COMPONENT + ";/?:@&=+$,#"
_HALF = re.compile("[\ud800-\udfff]")


def encode_uri(text: str) -> str:
    """Return a text with what cannot stand in an address percent-encoded; what separates its parts stays."""
    return _encoded(text, _WHOLE)


def encode_uri_component(text: str) -> str:
    """Return a text percent-encoded so that it can stand as one part of an address."""
    return _encoded(text, _COMPONENT)


def _encoded(text: str, kept: str) -> str:
    whole = characters(text)
    if _HALF.search(whole):
        raise ScriptError("URI malformed")
    return quote(whole, safe=kept)
