"""Takes out of recordings what must not be in a repository: secrets, personal data, and the name of the instance."""

from __future__ import annotations

import base64
import binascii
import json
import re
import threading
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import parse_qsl, quote_plus, unquote, urlencode, urlsplit

from sandtable.core.values.secret_names import STARS, is_secret_name
from sandtable.core.values.texts import double_quoted
from sandtable.recording.exchanges import (
    PLACEHOLDER,
    PLACEHOLDER_HOST,
    Body,
    RecordedAnswer,
    RecordedRequest,
    compact,
    is_shallow,
)
from sandtable.web.journal.known_secrets import LongWords, forms_of
from sandtable.web.journal.redaction import (
    JSON,
    UNSHOWN,
    body_shown,
    form_of,
    header_shown,
    holds_secret_value,
    listed_header,
    other_shown,
    packed_body,
)
from sandtable.web.journal.struck_texts import address_shown, form_shown, keys_shown, query_shown

PERSONAL = ("email", "phone", "mobile_phone", "home_phone", "street")
# Shorter ones occur in innocent words; where a secret is expected it is replaced whatever its length.
SHORTEST_SECRET = 6
NOT_RECORDED = frozenset(
    {
        "accept-encoding",
        "connection",
        "content-encoding",
        "content-length",
        "date",
        "host",
        "keep-alive",
        "proxy-authenticate",
        "proxy-connection",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
    }
)
# A signed token is one wherever it stands.
_SIGNED = re.compile(r"(?<![\w-])eyJ[\w-]{8,}+\.[\w-]{8,}+\.[\w-]{8,}+")
# Personal data that is known by its form, in whatever text it stands. A number counts as that of a telephone with its
# country code, or in the groups of three, three and four of North America.
_MAIL = re.compile(r"(?<![\w.+-])[\w+-][\w.+-]{0,63}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,6}")
_PHONE = re.compile(
    r"(?<![\w+.-])(?:\+\d{1,3}[ ./-]?(?:\(\d{1,5}\)|\d{1,5})(?:[ ./-]?\d{2,5}){1,4}"
    r"|\(\d{3}\) ?\d{3}[ .-]\d{4}|\d{3}[.-]\d{3}[.-]\d{4})(?![\w-])"
)
_TEXT_KINDS = ("text/", "application/json", "application/xml", "application/x-www-form-urlencoded")
# Stars beside the stars of a secret cannot be told from them.
MARK = re.compile(rf"{re.escape(STARS)}\**|redacted-\d+")


class Redactor:
    """Turns exchanges with one instance into recordings; the same personal value is the same pseudonym everywhere.

    `upstream` is the address of the instance. The values of `columns` are personal data, beside those of PERSONAL.
    `keep_files` keeps bodies that are no text; they cannot be searched for secrets. Safe to use from many threads.
    """

    def __init__(self, upstream: str, columns: Iterable[str] = (), *, keep_files: bool = False) -> None:
        parts = urlsplit(upstream)
        self._places = ((f"{parts.scheme}://{parts.netloc}", PLACEHOLDER), (parts.netloc, PLACEHOLDER_HOST))
        self._columns = frozenset(name.strip().lower() for name in (*PERSONAL, *columns))
        self._keep_files = keep_files
        self._lock = threading.Lock()
        self._known: dict[str, str] = {}
        self._words = LongWords()
        self._pseudonyms: dict[str, str] = {}

    def request(
        self, method: str, path: str, query: str, headers: Iterable[tuple[str, str]], body: bytes
    ) -> RecordedRequest:
        """Return a request as it may be written to a file."""
        listed = [(name.lower(), value) for name, value in headers]
        for name, value in listed:
            self._learn_header(name, value)
        kind = dict(listed).get("content-type", "")
        pairs = parse_qsl(query, keep_blank_values=True)
        for name, value in pairs:
            if is_secret_name(name):
                self._learn(value)
        content = self._body(body, kind)
        parsed = content.json
        if parsed is not None and is_shallow(parsed):
            # How a client spaces its JSON says nothing, and a file is easier to read without.
            content = Body(compact(parsed))
        return RecordedRequest(
            method,
            self._cleaned(path),
            tuple((name, self._parameter(name, value)) for name, value in pairs),
            {name: self._header(name, value) for name, value in listed if name not in NOT_RECORDED},
            content,
        )

    def answer(self, status: int, reason: str, headers: Iterable[tuple[str, str]], body: bytes) -> RecordedAnswer:
        """Return an answer as it may be written to a file."""
        listed = list(headers)
        for name, value in listed:
            self._learn_header(name.lower(), value)
        kind = {name.lower(): value for name, value in listed}.get("content-type", "")
        content = self._body(body, kind)
        shown = tuple((name, self._header(name, value)) for name, value in listed if name.lower() not in NOT_RECORDED)
        return RecordedAnswer(status, reason, shown, content)

    def plain(self, method: str, path: str, query: str, content_type: str, body: bytes) -> RecordedRequest:
        """Return a request in the form of a recording, with only the address of the instance replaced."""
        text = _as_text(body, content_type)
        kind = content_type.partition(";")[0].strip().lower()
        if text is not None and kind == "application/x-www-form-urlencoded":
            text = "&".join(
                f"{quote_plus(name)}={quote_plus(value, safe='*')}"
                for name, value in parse_qsl(text, keep_blank_values=True)
            )
        return RecordedRequest(
            method,
            self._placed(path),
            tuple((name, self._placed(value)) for name, value in parse_qsl(query, keep_blank_values=True)),
            {},
            Body(data=body) if text is None else Body(self._placed(text)),
        )

    # learning --------------------------------------------------------------------------------------------------------

    def _learn(self, value: str, replacement: str = STARS) -> None:
        if len(value) < SHORTEST_SECRET or MARK.fullmatch(value):
            return
        with self._lock:
            if LongWords.takes(value):
                self._words.add(value, replacement)
                return
            for form in forms_of(value):
                self._known.setdefault(form, replacement)

    def _learn_header(self, name: str, value: str) -> None:
        if name in ("authorization", "proxy-authorization"):
            scheme, _, credentials = value.strip().partition(" ")
            self._learn(credentials.strip())
            if scheme.lower() == "basic":
                self._learn(_basic_password(credentials.strip()))
        elif name in ("cookie", "set-cookie"):
            pairs = value.split(";")[:1] if name == "set-cookie" else value.split(";")
            for pair in pairs:
                self._learn(pair.partition("=")[2].strip().strip('"'))
        elif name in self._columns or header_shown(name, value) == STARS:
            self._learn(value.strip())

    def _header(self, name: str, value: str) -> str:
        return STARS if name.lower() in self._columns else self._cleaned(header_shown(name, value))

    def _pseudonym(self, value: str) -> str:
        with self._lock:
            found = self._pseudonyms.setdefault(value, f"redacted-{len(self._pseudonyms) + 1}")
        self._learn(value, found)
        return found

    # replacing -------------------------------------------------------------------------------------------------------

    def _cleaned(self, text: str) -> str:
        """Return text without anything that is known to be secret or personal, and without the instance's address."""
        with self._lock:
            known = sorted(self._known.items(), key=lambda item: len(item[0]), reverse=True)
        for old, new in known:
            text = text.replace(old, new)
        text = self._words.replaced(text)
        text = _MAIL.sub(lambda found: self._mail(found[0]), text) if "@" in text else text
        text = _PHONE.sub(lambda found: self._pseudonym(found[0]), text)
        return self._placed(_SIGNED.sub(STARS, keys_shown(text)))

    def _mail(self, address: str) -> str:
        return address if STARS in address else self._pseudonym(address)

    def _placed(self, text: str) -> str:
        for old, new in self._places:
            text = text.replace(old, new)
        return text

    def _judge(self, name: str, value: str) -> str | None:
        """Return what is written in the place of a value by its name, None for the value itself."""
        if not value:
            return None
        if is_secret_name(name):
            self._learn(value)
            return STARS
        return self._pseudonym(value) if self._is_personal(name) else None

    def _parameter(self, name: str, value: str) -> str:
        shown = self._judge(name, value)
        if shown is not None:
            return shown
        if name.strip().lower().endswith(("query", "filter", "condition")):
            value = query_shown(value, self._judge)
        elif "?" in value:
            value = address_shown(value, self._judge)
        return self._cleaned(value)

    def _is_personal(self, name: str) -> bool:
        return name.lower().rpartition(".")[2] in self._columns

    def _body(self, body: bytes, content_type: str) -> Body:
        text = _as_text(body, content_type)
        if text is None:
            return Body(data=body) if self._keep_files else Body(left_out=len(body))
        kind = form_of(text, content_type)
        if kind == JSON:
            return Body(self._json_or_text(text))
        if content_type.partition(";")[0].strip().lower() == "application/x-www-form-urlencoded":
            return Body(self._form(text))
        return Body(self._cleaned(other_shown(text, kind, self._judge, lambda part, _: self._json_or_text(part))))

    def _json_or_text(self, text: str) -> str:
        try:
            return self._json(text)
        except ValueError:
            return self._cleaned(body_shown(text, ""))

    def _form(self, text: str) -> str:
        pairs = parse_qsl(text, keep_blank_values=True)
        for name, value in pairs:
            if is_secret_name(name):
                self._learn(value)
        return "&".join(
            f"{quote_plus(name)}={quote_plus(self._parameter(name, value), safe='*')}" for name, value in pairs
        )

    def _json(self, text: str) -> str:
        repeated: list[str] = []

        def members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
            found = dict(pairs)
            if len(found) < len(pairs):
                repeated.append(text)
                for name, value in pairs:
                    self._member(name, value)
            return found

        try:
            try:
                parsed = json.loads(text, object_pairs_hook=members)
            except ValueError:
                if "'" not in text:
                    raise
                parsed = json.loads(double_quoted(text), object_pairs_hook=members)
                repeated.append(text)
        except RecursionError:
            return UNSHOWN
        if not is_shallow(parsed):
            return UNSHOWN
        # Twice, because what is secret may be learned after it was passed; and value by value, because in the text a
        # secret could look like the JSON around it.
        walked = self._without_known(self._walked(parsed))
        # Untouched where there is nothing to hide, so that the bytes stay those that were sent.
        return compact(walked) if repeated or walked != parsed else text

    def _walked(self, value: Any) -> Any:
        if isinstance(value, Mapping):
            secret_value = holds_secret_value(value)
            return {
                name: self._secret(each) if secret_value and name == "value" else self._member(name, each)
                for name, each in value.items()
            }
        if isinstance(value, list):
            return [self._walked(each) for each in value]
        return value

    def _without_known(self, value: Any) -> Any:
        if isinstance(value, Mapping):
            return {self._cleaned(name): self._without_known(each) for name, each in value.items()}
        if isinstance(value, list):
            return [self._without_known(each) for each in value]
        return self._cleaned(value) if isinstance(value, str) else value

    def _member(self, name: str, value: Any) -> Any:
        if is_secret_name(name) and value not in ("", None):
            return self._secret(value)
        if name == "headers" and isinstance(value, list):
            return [self._listed_header(pair) for pair in value]
        if name == "url" and isinstance(value, str):
            # A list is kept under a short address by the query of its long one.
            return self._address(value) if "?" in value else form_shown(value, self._judge)
        if name == "body" and isinstance(value, str):
            return packed_body(value, self._json_or_text)
        if isinstance(value, str) and name.lower().endswith(("query", "filter", "condition")):
            return query_shown(value, self._judge)
        if not self._is_personal(name):
            return self._walked(value)
        if isinstance(value, Mapping):
            return {
                key: self._pseudonym(each) if isinstance(each, str) and each and key != "link" else each
                for key, each in value.items()
            }
        return self._pseudonym(value) if isinstance(value, str) and value else value

    def _secret(self, value: Any) -> Any:
        if isinstance(value, list):
            return [self._secret(each) for each in value]
        if isinstance(value, Mapping):
            return {name: each if name == "link" else self._secret(each) for name, each in value.items()}
        if value in ("", None):
            return value
        self._learn(str(value))
        return STARS

    def _listed_header(self, pair: Any) -> Any:
        shown = listed_header(pair)
        if shown != pair:
            self._learn_header(pair["name"].lower(), pair["value"])
        return self._walked(shown)

    def _address(self, url: str) -> str:
        """Return the address of a request within a batch, untouched where there is nothing to hide."""
        path, _, query = url.partition("?")
        pairs = parse_qsl(query, keep_blank_values=True)
        for name, value in pairs:
            if is_secret_name(name):
                self._learn(value)
        shown = [(name, self._parameter(name, value)) for name, value in pairs]
        return url if shown == pairs else f"{path}?{urlencode(shown, safe='*')}"


def _basic_password(credentials: str) -> str:
    try:
        return base64.b64decode(credentials).decode("utf-8", "replace").partition(":")[2]
    except (binascii.Error, ValueError):
        return ""


def _as_text(body: bytes, content_type: str) -> str | None:
    """Return a body as text, or None when it is a file."""
    kind = content_type.partition(";")[0].strip().lower()
    if kind and not kind.startswith(_TEXT_KINDS) and not kind.endswith(("+json", "+xml")):
        return None if body else ""
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError:
        return None


def path_of(target: str) -> tuple[str, str]:
    """Return the path of a request target, percent signs decoded, and its query."""
    path, _, query = target.partition("?")
    return unquote(path), query
