"""Answers as the platform writes them in XML."""

from __future__ import annotations

import re
from collections.abc import Mapping
from html import escape
from typing import Any

DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>'
NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_NOT_IN_NAME = re.compile(r"[^A-Za-z0-9_.\-]")


def to_xml(document: Mapping[str, Any]) -> str:
    """Return `<response>` with one element per member; an array repeats its element, an empty value closes itself."""
    return f"{DECLARATION}<response>{''.join(_element(name, value) for name, value in document.items())}</response>"


def _element(name: str, value: Any) -> str:
    tag = _NOT_IN_NAME.sub("_", str(name))
    if not tag or not (tag[0].isalpha() or tag[0] == "_"):
        tag = f"_{tag}"
    if isinstance(value, list):
        return "".join(_element(name, item) for item in value)
    if isinstance(value, Mapping):
        inner = "".join(_element(key, item) for key, item in value.items())
    elif value is None:
        inner = ""
    elif isinstance(value, bool):
        inner = "true" if value else "false"
    else:
        inner = escape(NOT_XML.sub("\ufffd", str(value)), quote=False)
    return f"<{tag}>{inner}</{tag}>" if inner else f"<{tag}/>"
