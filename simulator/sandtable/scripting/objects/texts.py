"""What the helpers of texts ask for: XML, JSON, base64, digests, random texts."""

from __future__ import annotations

import base64 as base64_codec
import binascii
import csv
import hashlib
import hmac
import json
import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any
from xml.dom import Node

from sandtable.core.values.errors import PlatformError

if TYPE_CHECKING:
    from xml.dom.minidom import Element

    from sandtable.scripting.run import Run

_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
_MOST = 10_000_000


def parse_xml(run: Run, text: str) -> dict[str, Any]:
    """Return a document as nested lists of name, attributes and children, or why it is none."""
    from xml.parsers.expat import ExpatError

    from defusedxml import DefusedXmlException
    from defusedxml.minidom import parseString

    try:
        document = parseString(text.strip().encode())
    except (ExpatError, DefusedXmlException, ValueError) as error:
        return {"error": f"Invalid XML: {error}"}
    return {"tree": _tree(document.documentElement)}


def _tree(element: Element) -> list[Any]:
    children: list[Any] = []
    for child in element.childNodes:
        if child.nodeType == Node.ELEMENT_NODE:
            children.append(_tree(child))
        elif child.nodeType in (Node.TEXT_NODE, Node.CDATA_SECTION_NODE):
            children.append(child.nodeValue or "")
    return [element.tagName, dict(element.attributes.items()), children]


def xml_to_json(run: Run, text: str) -> Any:
    """Return a document as an object: attributes begin with `@`, repeated elements are lists."""
    parsed = parse_xml(run, text)
    if "tree" not in parsed:
        return {}
    name, attributes, children = parsed["tree"]
    return {name: _object(attributes, children)}


def _object(attributes: dict[str, str], children: list[Any]) -> Any:
    found: dict[str, Any] = {f"@{name}": value for name, value in attributes.items()}
    words = "".join(each for each in children if isinstance(each, str)).strip()
    for child in children:
        if isinstance(child, str):
            continue
        value = _object(child[1], child[2])
        if child[0] in found:
            before = found[child[0]]
            found[child[0]] = [*before, value] if isinstance(before, list) else [before, value]
        else:
            found[child[0]] = value
    if not found:
        return words
    if words:
        found["#text"] = words
    return found


def loose_json(run: Run, text: str) -> Any:
    """Return what the old JSON reader makes of a text that is nearly JSON, or None."""
    try:
        return json.loads(re.sub(r",\s*([}\]])", r"\1", text.replace("'", '"')))
    except ValueError:
        return None


def csv_line(run: Run, line: str, delimiter: str, quote: str) -> list[str]:
    """Return the values of one line of separated values."""
    return next(csv.reader([line], delimiter=delimiter[:1] or ",", quotechar=quote[:1] or '"'), [])


def base64(run: Run, text: str | list[int]) -> str:
    """Return a text's UTF-8 bytes, or bytes, as base64."""
    if isinstance(text, list):
        return base64_codec.b64encode(bytes(int(each) & 255 for each in text)).decode("ascii")
    return base64_codec.b64encode(text.encode("utf-8", "replace")).decode("ascii")


def unbase64(run: Run, text: str) -> str:
    """Return the text that base64 stands for; empty for what is none."""
    try:
        return base64_codec.b64decode(text + "=" * (-len(text) % 4)).decode("utf-8", "replace")
    except (binascii.Error, ValueError):
        return ""


def unbase64_bytes(run: Run, text: str) -> list[int]:
    """Return the bytes that base64 stands for, from -128 to 127 each; none for what is none."""
    try:
        content = base64_codec.b64decode(text + "=" * (-len(text) % 4))
    except (binascii.Error, ValueError):
        return []
    return [each - 256 if each > 127 else each for each in content]


def mac(run: Run, key: str, algorithm: str, text: str) -> str:
    """Return a message's authentication code as base64; `key` is base64. Raises PlatformError for what is neither."""
    name = algorithm.lower().removeprefix("hmac").replace("-", "")
    if not algorithm.lower().startswith("hmac") or name not in hashlib.algorithms_available:
        raise PlatformError(f"Algorithm {algorithm} not available")
    try:
        secret = base64_codec.b64decode(key + "=" * (-len(key) % 4))
    except (binascii.Error, ValueError):
        raise PlatformError("The key is not base64") from None
    return base64_codec.b64encode(hmac.digest(secret, text.encode("utf-8", "replace"), name)).decode("ascii")


def digest(run: Run, kind: str, text: str, form: str) -> str:
    """Return a digest of a text: `kind` md5, sha1 or sha256, `form` hex or base64."""
    found = hashlib.new(kind, text.encode("utf-8", "replace"), usedforsecurity=False)
    return found.hexdigest() if form == "hex" else base64_codec.b64encode(found.digest()).decode("ascii")


def random_int(run: Run, bound: float) -> int:
    """Return a whole number from 0 up to a bound, from the instance's own randomness."""
    return run.instance.random.randrange(max(1, int(bound)))


def random_text(run: Run, length: float) -> str:
    """Return a text of letters and digits, from the instance's own randomness."""
    size = max(0, min(int(length), _MOST))
    return "".join(run.instance.random.choice(_LETTERS) for _ in range(size))


OPERATIONS: dict[str, Callable[..., Any]] = {
    each.__name__: each
    for each in (
        csv_line, parse_xml, xml_to_json, loose_json, base64, unbase64, unbase64_bytes, mac, digest, random_int,
        random_text,
    )
}  # fmt: skip
