"""What must stay secret, taken out of requests and answers before anybody is shown them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import unquote_plus

from sandtable.web.request_log import SECRET_PARAMETERS, STARS, redacted

SECRET_HEADERS = frozenset(
    {
        "x-sn-apikey",
        "x-usertoken",
        "x-usertoken-response",
        "x-sandtable-token",
        "x-sn-hmac-signature-256",
        "x-mfa_token",
    }
)
CREDENTIAL_HEADERS = frozenset({"authorization", "proxy-authorization"})
ADDRESS_HEADERS = frozenset({"location", "referer"})  # a redirect may carry an authorization code
COOKIE_HEADERS = frozenset({"cookie", "set-cookie"})
SECRET_MEMBERS = SECRET_PARAMETERS | {"id_token", "private_key", "key_store_password", "secret", "jwt", "password2"}
_NAMES = "|".join(sorted(re.escape(name) for name in SECRET_MEMBERS))
_MEMBER = re.compile(rf'("(?:{_NAMES})"\s*:\s*)"(?:[^"\\]|\\.)*("|$)', re.IGNORECASE)
_ELEMENT = re.compile(rf"(<({_NAMES})\b[^>]*>).*?(</\2\s*>|$)", re.IGNORECASE | re.DOTALL)


def headers_shown(headers: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Return headers by name, the values of one name joined, with what is secret replaced by stars."""
    shown: dict[str, str] = {}
    for name, value in headers:
        text = header_shown(name, value)
        shown[name] = f"{shown[name]}, {text}" if name in shown else text
    return shown


def header_shown(name: str, value: str) -> str:
    """Return the value of a header: of credentials the scheme, of cookies the names, of other secrets nothing."""
    key = name.lower()
    if key in SECRET_HEADERS:
        return STARS
    if key in CREDENTIAL_HEADERS:
        scheme, blank, _ = value.strip().partition(" ")
        return f"{scheme} {STARS}" if blank else STARS
    if key in ADDRESS_HEADERS:
        return redacted(value)
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
    secret = equals and unquote_plus(name).strip().lower() in SECRET_MEMBERS
    return f"{name}={STARS}" if secret else part


def _json_shown(text: str) -> str:
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return _MEMBER.sub(rf'\1"{STARS}\2', text)
    replaced, found = _without_secrets(value)
    # Untouched when there is nothing to hide, so that spacing and order are those of the sender.
    return json.dumps(replaced, ensure_ascii=False) if found else text


def _without_secrets(value: Any) -> tuple[Any, bool]:
    if isinstance(value, Mapping):
        found = False
        shown = {}
        for name, each in value.items():
            if name.lower() in SECRET_MEMBERS and each not in ("", None) and not isinstance(each, Mapping | list):
                shown[name], found = STARS, True
            else:
                shown[name], inside = _without_secrets(each)
                found = found or inside
        return shown, found
    if isinstance(value, list):
        pairs = [_without_secrets(each) for each in value]
        return [each for each, _ in pairs], any(inside for _, inside in pairs)
    return value, False
