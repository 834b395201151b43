"""The form of a token request: POST, form-encoded, one value per parameter, of bounded size."""

from __future__ import annotations

import base64
import binascii
import contextlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, unquote_plus

from sandtable.oauth.errors import BodyTooLarge, InvalidClient, InvalidRequest, MethodNotPost

FORM = "application/x-www-form-urlencoded"
LARGEST_BODY = 64 * 1024
MOST_PARAMETERS = 100
EITHER, FORM_ENCODED, PLAIN = "either", "form", "plain"
CHARSETS = frozenset({"utf-8", "utf8", "us-ascii", "ascii"})


@dataclass(frozen=True, slots=True)
class HttpRequest:
    """What of an HTTP request an OAuth endpoint looks at; header names are lower case, query and body as received.

    `endpoint` is the full address that the client used for it. `trouble` is why the body could not be read.
    """

    method: str
    body: bytes = b""
    query: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    endpoint: str = ""
    trouble: InvalidRequest | None = None


@dataclass(frozen=True, slots=True)
class TokenRequest:
    """The parameters of a token request, empty ones left out, and the readings of its Basic header, if it sent one."""

    parameters: Mapping[str, str]
    basic: tuple[tuple[str, str], ...] = ()
    headers: Mapping[str, str] = field(default_factory=dict)
    endpoint: str = ""

    def get(self, name: str) -> str:
        """Return a parameter, or empty text."""
        return self.parameters.get(name, "")

    @property
    def sends_secret(self) -> bool:
        """Whether the client sent a secret, in the body or in a Basic header."""
        return bool(self.get("client_secret") or any(secret for _, secret in self.basic))

    def need(self, *names: str) -> None:
        """Raise InvalidRequest for the first of the parameters that is missing."""
        for name in names:
            if not self.get(name):
                raise InvalidRequest(f"parameter {name} is missing or empty; send it in the form body")


def parse_token_request(asked: HttpRequest, *, body_only: bool, basic: str) -> TokenRequest:
    """Return the request's parameters.

    `body_only` ignores the query string; `basic` is how a Basic header is read: EITHER, FORM_ENCODED or PLAIN; empty,
    not at all. Raises MethodNotPost, BodyTooLarge, InvalidRequest, InvalidClient.
    """
    if asked.method != "POST":
        raise MethodNotPost(f"the method is {asked.method[:20]!r}; use POST")
    if asked.trouble is not None:
        raise asked.trouble
    if len(asked.body) > LARGEST_BODY:
        raise BodyTooLarge(f"the body has more than {LARGEST_BODY} bytes")
    _check_content_type(asked.headers.get("content-type", ""))
    pairs = parse_form(asked.body, "body")
    if not body_only:
        pairs += parse_form(asked.query.encode("utf-8", "surrogateescape"), "query string")
    parameters = single_values(pairs)
    readings = _basic(asked.headers.get("authorization", ""), basic) if basic else ()
    return TokenRequest(parameters, readings, asked.headers, asked.endpoint)


def parse_form(data: bytes, where: str) -> list[tuple[str, str]]:
    """Return the pairs of a form, in order. Raises InvalidRequest for what is not UTF-8 or has too many fields."""
    try:
        text = data.decode("utf-8")
        pairs = parse_qsl(text, keep_blank_values=True, errors="strict", max_num_fields=MOST_PARAMETERS)
    except UnicodeDecodeError:
        raise InvalidRequest(f"the {where} is not UTF-8; percent-encode UTF-8 bytes") from None
    except ValueError:
        raise InvalidRequest(f"the {where} has more than {MOST_PARAMETERS} parameters") from None
    if any("\0" in name or "\0" in value for name, value in pairs):
        raise InvalidRequest(f"the {where} has a zero character in it")
    return pairs


def single_values(pairs: list[tuple[str, str]]) -> dict[str, str]:
    """Return the parameters by name, those without a value left out. Raises InvalidRequest for a repeated one."""
    parameters: dict[str, str] = {}
    seen: set[str] = set()
    for name, value in pairs:
        if name in seen:
            raise InvalidRequest(f"parameter {name[:40]!r} is there more than once; send it once")
        seen.add(name)
        if value:
            parameters[name] = value
    return parameters


def _check_content_type(text: str) -> None:
    kind, *rest = (part.strip() for part in text.split(";"))
    if kind.lower() != FORM:
        raise InvalidRequest(f"the content type is {kind[:80]!r}; send the parameters as {FORM}")
    for parameter in rest:
        name, _, value = parameter.partition("=")
        if name.strip().lower() == "charset" and value.strip().strip('"').lower() not in CHARSETS:
            raise InvalidRequest(f"the character set is {value[:40]!r}; send UTF-8")


def _basic(header: str, encoding: str) -> tuple[tuple[str, str], ...]:
    """Return each way to read client ID and secret of a Basic header, the likelier first; none of another scheme.

    RFC 6749, 2.3.1, has both form-encoded before they are joined, which some clients do and most do not.
    """
    scheme, _, credentials = header.strip().partition(" ")
    if scheme.lower() != "basic":
        return ()
    unreadable = "the Basic header cannot be read; it is base64 of client_id:client_secret"
    try:
        text = base64.b64decode(credentials.strip(), validate=True).decode("utf-8")
    except (binascii.Error, ValueError):
        raise InvalidClient(unreadable, by_header=True) from None
    name, colon, secret = text.partition(":")
    readings: dict[tuple[str, str], None] = {}
    if encoding != PLAIN:
        with contextlib.suppress(ValueError):
            readings[unquote_plus(name, errors="strict"), unquote_plus(secret, errors="strict")] = None
    if encoding != FORM_ENCODED:
        readings[name, secret] = None
    if not readings:
        raise InvalidClient(unreadable, by_header=True)
    if not colon or not name or any("\0" in name + secret for name, secret in readings):
        raise InvalidClient("the Basic header holds no client_id:client_secret", by_header=True)
    return tuple(readings)
