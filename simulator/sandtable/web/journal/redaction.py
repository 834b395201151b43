"""What must stay secret, taken out of requests and answers before anybody is shown them."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import Any
from urllib.parse import unquote_plus

from sandtable.core.schema.dictionary import PASSWORD_TYPES
from sandtable.core.values.secret_names import SECRET_ENDING, SECRET_PARAMETERS, STARS, is_secret_name
from sandtable.web.journal.observing import total
from sandtable.web.journal.request_log import redacted

# Deeper than any body that the instance takes; what is further down is not looked at, and not shown.
DEEPEST = 100
UNSHOWN = "[not shown, because what is secret in it could not be told]"
# Beside those whose names say it: see `is_secret_name`.
SECRET_HEADERS = frozenset({"x-usertoken-response", "x-sn-hmac-signature-256"})
CREDENTIAL_HEADERS = frozenset({"authorization", "proxy-authorization"})
ADDRESS_HEADERS = frozenset({"location", "referer"})  # a redirect may carry an authorization code
COOKIE_HEADERS = frozenset({"cookie", "set-cookie"})
_LINK = re.compile(r"<([^>]*)>")
_NAMES = "|".join([*sorted(re.escape(name) for name in SECRET_PARAMETERS), rf"[\w.-]*{SECRET_ENDING}"])
_MEMBER = re.compile(rf'("(?:{_NAMES})"\s*:\s*)"(?:[^"\\]|\\.)*("|$)', re.IGNORECASE)
# What a batch packs, for one that was cut and can no longer be read as JSON.
_PACKED = re.compile(r'("body"\s*:\s*")[A-Za-z0-9+/=\\]+')
_LISTED = re.compile(r'("name"\s*:\s*"([^"\\]*)"\s*,\s*"value"\s*:\s*")((?:[^"\\]|\\.)*)')
_LISTED_BACKWARDS = re.compile(r'("value"\s*:\s*")((?:[^"\\]|\\.)*)("\s*,\s*"name"\s*:\s*"([^"\\]*))')
_TARGET = re.compile(r'("url"\s*:\s*")((?:[^"\\]|\\.)*)')
_ELEMENT = re.compile(rf"(<({_NAMES})\b[^>]*>).*?(</\2\s*>|$)", re.IGNORECASE | re.DOTALL)


@total(instead=lambda headers: dict.fromkeys((name for name, _ in headers), STARS))
def headers_shown(headers: Sequence[tuple[str, str]]) -> dict[str, str]:
    """Return headers by name, the values of one name joined, with what is secret replaced by stars."""
    shown: dict[str, str] = {}
    for name, value in headers:
        text = header_shown(name, value)
        shown[name] = f"{shown[name]}, {text}" if name in shown else text
    return shown


@total(instead=lambda name, value, also=(): STARS)
def header_shown(name: str, value: str, also: Collection[str] = ()) -> str:
    """Return the value of a header: of credentials the scheme, of cookies the names, of other secrets nothing.

    `also` are names of headers, in lower case, that are secret in this instance.
    """
    key = name.lower()
    if key in SECRET_HEADERS or key in also or (key not in CREDENTIAL_HEADERS and is_secret_name(key)):
        return STARS
    if key in CREDENTIAL_HEADERS:
        scheme, blank, _ = value.strip().partition(" ")
        return f"{scheme} {STARS}" if blank else STARS
    if key in ADDRESS_HEADERS:
        return redacted(value)
    if key == "link":
        return _LINK.sub(lambda found: f"<{redacted(found[1])}>", value)
    if key in COOKIE_HEADERS:
        pairs = [value] if key == "set-cookie" else value.split(";")
        return "; ".join(_cookie(pair.strip()) for pair in pairs)
    return value


def _cookie(pair: str) -> str:
    start, semicolon, rest = pair.partition(";")
    name, equals, value = start.partition("=")
    return f"{name}={STARS if value else ''}{semicolon}{rest}" if equals else STARS


@total(instead=lambda text, content_type: UNSHOWN)
def body_shown(text: str, content_type: str) -> str:
    """Return a body with its secrets replaced by stars, and otherwise as it was sent."""
    kind = content_type.partition(";")[0].strip().lower()
    if kind == "application/x-www-form-urlencoded":
        return "&".join(_parameter(part) for part in text.split("&"))
    if kind.endswith("xml"):
        return _ELEMENT.sub(rf"\1{STARS}\3", text)
    if kind.endswith("json") or text.lstrip()[:1] in ("{", "["):
        return _json_shown(text)
    return text


def _parameter(part: str) -> str:
    name, equals, _ = part.partition("=")
    secret = equals and is_secret_name(unquote_plus(name))
    return f"{name}={STARS}" if secret else part


def _json_shown(text: str) -> str:
    try:
        value = json.loads(text, object_pairs_hook=_members)
    except (ValueError, RecursionError):
        return _unread_json_shown(text)
    replaced, found = _without_secrets(value, DEEPEST)
    # Untouched when there is nothing to hide, so that spacing and order are those of the sender.
    return json_text(replaced) if found else text


class _Repeated(dict[str, Any]):
    """The members of an object that names one twice."""


def _members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Return the members of an object; of those that are named twice the last counts, and a secret in any of them."""
    members = dict(pairs)
    if len(members) == len(pairs):
        return members
    for name, value in pairs:
        if is_secret_name(name) and value not in ("", None):
            members[name] = value
    return _Repeated(members)


def json_text(value: Any, separators: tuple[str, str] | None = None) -> str:
    """Return the JSON text of a value, which always has a UTF-8: half of a surrogate pair stays an escape."""
    text = json.dumps(value, ensure_ascii=False, separators=separators)
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return json.dumps(value, separators=separators)
    return text


def _unread_json_shown(text: str) -> str:
    """Return what is no JSON, or was cut, without what its pieces say is secret; packed bodies go as a whole."""
    text = _MEMBER.sub(rf'\1"{STARS}\2', text)
    text = _PACKED.sub(rf"\1{STARS}", text)
    text = _LISTED.sub(lambda found: found[1] + header_shown(found[2], found[3]), text)
    text = _LISTED_BACKWARDS.sub(lambda found: found[1] + header_shown(found[4], found[2]) + found[3], text)
    return _TARGET.sub(lambda found: found[1] + redacted(found[2]), text)


def _without_secrets(value: Any, depth: int) -> tuple[Any, bool]:
    """Return a value of JSON without what is secret in it, and whether there was any."""
    if isinstance(value, Mapping | list) and not depth:
        return STARS, True
    if isinstance(value, list):
        pairs = [_without_secrets(each, depth - 1) for each in value]
        return [each for each, _ in pairs], any(inside for _, inside in pairs)
    if not isinstance(value, Mapping):
        return value, False
    # What an object says twice is shown once, which is another text than the one that was sent.
    found = isinstance(value, _Repeated)
    shown = {}
    secret_value = holds_secret_value(value)
    for name, each in value.items():
        if (is_secret_name(name) or (secret_value and name == "value")) and each not in ("", None, []):
            shown[name], found = starred(each), True
        elif name == "headers" and isinstance(each, list):
            shown[name] = [listed_header(pair) for pair in each]
            found = found or shown[name] != each
        elif name == "url" and isinstance(each, str):
            shown[name] = redacted(each)
            found = found or shown[name] != each
        elif name == "body" and isinstance(each, str):
            shown[name] = packed_body(each, lambda text: body_shown(text, ""))
            found = found or shown[name] != each
        else:
            shown[name], inside = _without_secrets(each, depth - 1)
            found = found or inside
    return shown, found


def holds_secret_value(members: Mapping[Any, Any]) -> bool:
    """Tell whether an object is a system property whose value is not for everybody, in any form of display."""
    said = {text for name in ("type", "is_private") for text in _texts(members.get(name), name)}
    return "is_private true" in said or any(f"type {kind}" in said for kind in PASSWORD_TYPES)


def _texts(value: Any, name: str) -> Iterable[str]:
    """Yield a column's name with its value, which `sysparm_display_value` makes an object of two."""
    for each in value.values() if isinstance(value, Mapping) else (value,):
        if isinstance(each, str | bool):
            yield f"{name} {str(each).strip().lower()}"


def starred(value: Any) -> Any:
    """Return stars in the place of a secret, or of the texts of an object or list of them, but not of its link."""
    if isinstance(value, Mapping):
        return {name: each if name == "link" or each in ("", None) else STARS for name, each in value.items()}
    if isinstance(value, list):
        return [each if each in ("", None) else STARS for each in value]
    return STARS


def listed_header(pair: Any) -> Any:
    """Return a header in the form in which a batch lists them, an object of name and value, without its secret."""
    if not isinstance(pair, Mapping) or not isinstance(pair.get("name"), str) or not isinstance(pair.get("value"), str):
        return pair
    return {**pair, "value": header_shown(pair["name"], pair["value"])}


def packed_body(value: str, change: Callable[[str], str]) -> str:
    """Return a body as a batch carries it, in base64, with its text changed; what is no such body, as it is."""
    try:
        text = base64.b64decode(value, validate=True).decode("utf-8")
    except ValueError:
        return value
    changed = change(text)
    return value if changed == text else base64.b64encode(changed.encode("utf-8")).decode("ascii")
