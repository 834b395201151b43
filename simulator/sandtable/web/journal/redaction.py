"""What must stay secret, taken out of requests and answers before anybody is shown them."""

from __future__ import annotations

import base64
import csv
import json
import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import Any

from sandtable.core.schema.columns import PASSWORD_TYPES
from sandtable.core.values.secret_names import SECRET_ENDING, SECRET_PARAMETERS, STARS, is_secret_name
from sandtable.core.values.texts import double_quoted
from sandtable.web.journal.observing import total
from sandtable.web.journal.request_log import redacted
from sandtable.web.journal.struck_texts import (
    Judge,
    csv_shown,
    form_shown,
    keys_shown,
    multipart_shown,
    query_shown,
    xml_shown,
)

# Deeper than any body that the instance takes; what is further down is not looked at, and not shown.
DEEPEST = 100
UNSHOWN = "[not shown, because what is secret in it could not be told]"
# Beside those whose names say it: see `is_secret_name`.
SECRET_HEADERS = frozenset({"x-usertoken-response", "x-sn-hmac-signature-256"})
CREDENTIAL_HEADERS = frozenset({"authorization", "proxy-authorization"})
ADDRESS_HEADERS = frozenset({"location", "referer"})  # a redirect may carry an authorization code
COOKIE_HEADERS = frozenset({"cookie", "set-cookie"})
# Questions for credentials and answers to them, which are none; what else speaks of authentication is taken for some.
NO_CREDENTIALS = frozenset({"www-authenticate", "proxy-authenticate"})
_LINK = re.compile(r"<([^<>]*+)>")
_NAMES = "|".join([*sorted(re.escape(name) for name in SECRET_PARAMETERS), rf"[\w.-]*{SECRET_ENDING}"])
_MEMBER = re.compile(rf'("(?:{_NAMES})"\s*+:\s*+)"(?:[^"\\]|\\.)*+("|$)', re.IGNORECASE)
_SINGLE = re.compile(rf"('(?:{_NAMES})'\s*+:\s*+)'(?:[^'\\]|\\.)*+('|$)", re.IGNORECASE)
# What a batch packs, for one that was cut and can no longer be read as JSON.
_PACKED = re.compile(r'("body"\s*+:\s*+")[A-Za-z0-9+/=\\]+')
_LISTED = re.compile(r'("name"\s*+:\s*+"([^"\\]*+)"\s*+,\s*+"value"\s*+:\s*+")((?:[^"\\]|\\.)*+)')
_LISTED_BACKWARDS = re.compile(r'("value"\s*+:\s*+")((?:[^"\\]|\\.)*+)("\s*+,\s*+"name"\s*+:\s*+"([^"\\]*+))')
_TARGET = re.compile(r'("url"\s*+:\s*+")((?:[^"\\]|\\.)*+)')


class Stars:
    """A judge that puts stars in the place of secrets, and remembers which it met."""

    def __init__(self, also: Collection[str] = (), seen: set[str] | None = None) -> None:
        self._also = also
        self._seen = seen

    def __call__(self, name: str, value: str) -> str | None:
        if not value or not (is_secret_name(name) or name.strip().lower() in self._also):
            return None
        if self._seen is not None:
            self._seen.add(value)
        return STARS


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
    if "authenti" in key and key not in NO_CREDENTIALS:
        return STARS
    if key in CREDENTIAL_HEADERS:
        scheme, blank, _ = value.strip().partition(" ")
        return f"{scheme} {STARS}" if blank else STARS
    if key in ADDRESS_HEADERS:
        return keys_shown(redacted(value))
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


@total(instead=lambda text, content_type, seen=None: UNSHOWN)
def body_shown(text: str, content_type: str, seen: set[str] | None = None) -> str:
    """Return a body with its secrets replaced by stars, and otherwise as it was sent.

    What it is like says more than what it is called: a JSON text sent as a form is read as JSON. `seen` takes in the
    secrets that were found.
    """
    judge = Stars(seen=seen)
    kind = form_of(text, content_type)
    if kind == JSON:
        return keys_shown(_json_shown(text, judge))
    return keys_shown(other_shown(text, kind, judge, body_shown))


JSON, XML, MULTIPART, CSV, FORM, TEXT = "json", "xml", "multipart", "csv", "form", "text"


def form_of(text: str, content_type: str) -> str:
    """Return which of the known forms a text has, by its beginning, and where that says nothing by its type."""
    kind = content_type.partition(";")[0].strip().lower()
    start = text.lstrip("\ufeff \t\r\n")[:2]
    if start[:1] in ("{", "["):
        return JSON
    if start[:1] == "<":
        return XML
    if start == "--" and 'name="' in text:
        return MULTIPART
    name = text.partition("=")[0]
    named = len(name) < min(200, len(text)) and not any(each.isspace() or each in ',"' for each in name)
    if kind == "application/x-www-form-urlencoded" or named:
        return FORM
    if kind.endswith("json"):
        return JSON
    return CSV if kind.endswith("csv") or "," in text.partition("\n")[0] else TEXT


def other_shown(text: str, kind: str, judge: Judge, body: Callable[[str, str], str]) -> str:
    """Return a text of another form than JSON as a judge lets it be shown; `body` shows what stands in its parts."""
    if kind == XML:
        return xml_shown(text, judge)
    if kind == MULTIPART:
        return multipart_shown(text, judge, body)
    if kind == FORM:
        return form_shown(text, judge)
    if kind == CSV:
        try:
            return csv_shown(text, judge)
        except csv.Error:
            return UNSHOWN
    return text


def _json_shown(text: str, judge: Judge) -> str:
    try:
        value = read_json(text)
    except (ValueError, RecursionError):
        return _unread_json_shown(text)
    replaced, found = _without_secrets(value, DEEPEST, judge)
    # Untouched when there is nothing to hide, so that spacing and order are those of the sender.
    return json_text(replaced) if found else text


def read_json(text: str) -> Any:
    """Return the value of a JSON text, one in single quotes too. Raises ValueError, RecursionError."""
    try:
        return json.loads(text, object_pairs_hook=_members)
    except ValueError:
        if "'" not in text:
            raise
        return json.loads(double_quoted(text), object_pairs_hook=_members)


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
    text = _SINGLE.sub(rf"\1'{STARS}\2", text)
    text = _PACKED.sub(rf"\1{STARS}", text)
    text = _LISTED.sub(lambda found: found[1] + header_shown(found[2], found[3]), text)
    text = _LISTED_BACKWARDS.sub(lambda found: found[1] + header_shown(found[4], found[2]) + found[3], text)
    return _TARGET.sub(lambda found: found[1] + redacted(found[2]), text)


def _without_secrets(value: Any, depth: int, judge: Judge) -> tuple[Any, bool]:
    """Return a value of JSON without what is secret in it, and whether there was any."""
    if isinstance(value, Mapping | list) and not depth:
        return STARS, True
    if isinstance(value, list):
        pairs = [_without_secrets(each, depth - 1, judge) for each in value]
        return [each for each, _ in pairs], any(inside for _, inside in pairs)
    if isinstance(value, str):
        shown = keys_shown(value)
        return shown, shown != value
    if not isinstance(value, Mapping):
        return value, False
    # What an object says twice is shown once, which is another text than the one that was sent.
    found = isinstance(value, _Repeated)
    members = {}
    secret_value = holds_secret_value(value)
    for name, each in value.items():
        if (is_secret_name(name) or (secret_value and name == "value")) and each not in ("", None, []):
            _meet(each, judge)
            members[name], found = starred(each), True
        else:
            members[name], inside = _member_shown(name, each, depth, judge)
            found = found or inside
    return members, found


def _member_shown(name: str, value: Any, depth: int, judge: Judge) -> tuple[Any, bool]:
    """Return the value of a member that is no secret itself, and whether there was one in it."""
    shown = value
    if name == "headers" and isinstance(value, list):
        shown = [listed_header(pair) for pair in value]
    elif name == "url" and isinstance(value, str):
        # A list is kept under a short address by the query of its long one.
        shown = redacted(value) if "?" in value else form_shown(value, judge)
    elif name == "body" and isinstance(value, str):
        shown = packed_body(value, lambda text: body_shown(text, ""))
    elif name.lower().endswith(("query", "filter", "condition")) and isinstance(value, str):
        shown = query_shown(value, judge)
    if shown is value or shown == value:
        return _without_secrets(value, depth - 1, judge)
    return shown, True


def _meet(value: Any, judge: Judge) -> None:
    """Show a secret to the judge, which may remember it."""
    if isinstance(value, str):
        judge("secret", value)
    elif isinstance(value, Mapping | list):
        for each in value.values() if isinstance(value, Mapping) else value:
            _meet(each, judge)


def holds_secret_value(members: Mapping[Any, Any]) -> bool:
    """Tell whether an object is a property or the like whose value is not for everybody, in any form of display."""
    name = members.get("name")
    if isinstance(name, str) and "value" in members and is_secret_name(name):
        return True
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
