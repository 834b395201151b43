"""OAuth with a JWT bearer assertion (source: RFC 7523; ServiceNow docs, OAuth JWT API endpoint; observed Kibana
behaviour).

A token is used until it expires, without a margin; any 4xx answer to a call deletes it; nothing is replayed.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from sandtable_connector.auth import Flow
from sandtable_connector.auth.assertion import Assertion, SigningKey
from sandtable_connector.auth.tokens import StoredToken, TokenCache
from sandtable_connector.errors import ABSENT, KeyUnusable, Redactor, TokenRefused, TokenUnavailable
from sandtable_connector.transport.answers import parse_body
from sandtable_connector.transport.messages import Log, Request, Response
from sandtable_connector.values.javascript_json import json_text
from sandtable_connector.values.javascript_text import printed

GRANT_TYPE = "urn:ietf:params:oauth:grant-type:jwt-bearer"
DEFAULT_LIFETIME = 3600
"""Seconds a token lasts whose answer does not say."""


@dataclass(frozen=True, kw_only=True)
class OAuthJwt:
    """Authorises requests with a token that a signed assertion bought; the token is kept by connector ID."""

    connector_id: str
    token_url: Callable[[], str]
    client_id: str
    client_secret: str = field(repr=False)
    user: str
    key_id: str
    key: SigningKey
    tokens: TokenCache
    clock: Callable[[], float]
    log: Log
    redact: Redactor
    jti: bool = False
    slips: bool = False
    headers: Mapping[str, str] = field(default_factory=dict)

    def flow(self, request: Request) -> Flow:
        """Yield a token request if no token is at hand, then the request with its Authorization header.

        Raises KeyUnusable, TokenRefused or TokenUnavailable.
        """
        value = self._stored()
        if value is None:
            asked_at = self.clock()
            answer = yield self.token_request()
            value = self._token_of(answer, asked_at)
        response = yield request.having("Authorization", value)
        if 400 <= response.status < 500:
            self.forget()

    def forget(self) -> None:
        """Delete the connector's token; a store that fails is only reported."""
        try:
            self.tokens.delete(self.connector_id)
        except Exception as error:
            self.log(
                "warn",
                f"Not able to delete connector token for connectorId: {self.connector_id} due to error: "
                f"{self.redact(str(error))}",
            )

    def token_request(self) -> Request:
        """Return the token request with a fresh assertion; KeyUnusable when the key cannot sign."""
        missing = not (self.client_id and self.client_secret and self.user and self.key_id and self.key.pem)
        if missing:
            self.log("warn", "Missing required fields for requesting OAuth JWT access token")
            raise TokenRefused(f"Unable to retrieve access token for connectorId: {self.connector_id}")
        assertion = Assertion(self.client_id, self.user, self.key_id, uuid.uuid4().hex if self.jti else None)
        try:
            signed = assertion.signed(self.key, self.clock())
        except KeyUnusable as error:
            self.log("warn", error.message)
            raise
        form = {
            "assertion": signed,
            "client_id": self.client_id,
            "client_secret": self.client_secret,
            "grant_type": GRANT_TYPE,
        }
        body = "&".join(
            f"{name}={quote(value.encode('utf-8', 'replace'), safe='')}" for name, value in sorted(form.items())
        )
        headers = {**self.headers, "Content-Type": "application/x-www-form-urlencoded; charset=UTF-8"}
        return Request("POST", self.token_url(), headers, body.encode("ascii"))

    def _stored(self) -> str | None:
        try:
            token = self.tokens.read(self.connector_id)
            if token is None:
                return None
            if token.expiry() > self.clock():
                return token.value
        except Exception as error:
            self.log(
                "warn", f"The stored token of connector {self.connector_id} cannot be used: {self.redact(str(error))}"
            )
            self.forget()
        return None

    def _token_of(self, answer: Response, asked_at: float) -> str:
        body = parse_body(answer)
        if answer.status != 200:
            text = self.redact(_stable_json(body))
            self.log("warn", f"error thrown getting the access token from {answer.url or self.token_url()}: {text}")
            kind = TokenUnavailable if answer.status >= 500 or answer.status == 429 else TokenRefused
            raise kind(text)
        if not isinstance(body, dict) and not self.slips:
            # A page in HTML or a body that was cut: whoever answered, it was no token endpoint at work.
            raise TokenUnavailable("the token endpoint answered 200 with something other than a JSON object")
        if body is None:
            raise TokenUnavailable("Cannot read properties of null (reading 'token_type')")
        granted = body if isinstance(body, dict) else {}
        kind_of_token, access = granted.get("token_type", ABSENT), granted.get("access_token", ABSENT)
        if not (
            self.slips or (isinstance(kind_of_token, str) and isinstance(access, str) and kind_of_token and access)
        ):
            raise TokenRefused("the token endpoint answered 200 without a token_type and an access_token")
        value = f"{printed(kind_of_token)} {printed(access)}"
        self._keep(value, asked_at, granted.get("expires_in"))
        return value

    def _keep(self, value: str, asked_at: float, expires_in: Any) -> None:
        try:
            if self.slips and isinstance(expires_in, list):
                expires_in = printed(expires_in)  # a list of one number counts as the number
            lifetime = DEFAULT_LIFETIME if expires_in is None else float(expires_in)
            self.tokens.write(self.connector_id, StoredToken.until(value, asked_at + lifetime))
        except Exception as error:
            # The token in hand is good for this call; it is just not kept.
            text = Redactor([value])(self.redact(str(error)))
            self.log(
                "warn", f"Not able to update connector token for connectorId: {self.connector_id} due to error: {text}"
            )


def _stable_json(body: Any) -> str:
    return json_text(_sorted(body))


def _sorted(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _sorted(value[name]) for name in sorted(value)}
    return [_sorted(item) for item in value] if isinstance(value, list) else value
