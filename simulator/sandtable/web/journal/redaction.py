"""What must stay secret, taken out of requests and answers before anybody is shown them."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Any
from urllib.parse import unquote_plus

from sandtable.core.schema.dictionary import PASSWORD_TYPES
from sandtable.core.values.secret_names import SECRET_ENDING, SECRET_PARAMETERS, STARS, is_secret_name
from sandtable.web.journal.request_log import redacted

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


def headers_shown(headers: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Return headers by name, the values of one name joined, with what is secret replaced by stars."""
    shown: dict[str, str] = {}
    for name, value in headers:
        text = header_shown(name, value)
        shown[name] = f"{shown[name]}, {text}" if name in shown else text
    return shown


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
        value = json.loads(text)
    except (ValueError, RecursionError):
        return _unread_json_shown(text)
    replaced, found = _without_secrets(value)
    # Untouched when there is nothing to hide, so that spacing and order are those of the sender.
    return json.dumps(replaced, ensure_ascii=False) if found else text


def _unread_json_shown(text: str) -> str:
    """Return what is no JSON, or was cut, without what its pieces say is secret; packed bodies go as a whole."""
    text = _MEMBER.sub(rf'\1"{STARS}\2', text)
    text = _PACKED.sub(rf"\1{STARS}", text)
    text = _LISTED.sub(lambda found: found[1] + header_shown(found[2], found[3]), text)
    text = _LISTED_BACKWARDS.sub(lambda found: found[1] + header_shown(found[4], found[2]) + found[3], text)
    return _TARGET.sub(lambda found: found[1] + redacted(found[2]), text)


def _without_secrets(value: Any) -> tuple[Any, bool]:
    if isinstance(value, Mapping):
        found = False
        shown = {}
        secret_value = holds_secret_value(value)
        for name, each in value.items():
            if (
                (is_secret_name(name) or (secret_value and name == "value"))
                and each not in ("", None)
                and not isinstance(each, list)
            ):
                shown[name], found = _starred(each), True
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
                shown[name], inside = _without_secrets(each)
                found = found or inside
        return shown, found
    if isinstance(value, list):
        pairs = [_without_secrets(each) for each in value]
        return [each for each, _ in pairs], any(inside for _, inside in pairs)
    return value, False


def holds_secret_value(members: Mapping[Any, Any]) -> bool:
    """Tell whether an object is a system property whose value is not for everybody."""
    return members.get("type") in PASSWORD_TYPES or members.get("is_private") in ("true", True)


def _starred(value: Any) -> Any:
    """Return stars in the place of a secret, or of the texts of an object that holds one, but not of its link."""
    if isinstance(value, Mapping):
        return {name: each if name == "link" or each in ("", None) else STARS for name, each in value.items()}
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
