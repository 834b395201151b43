"""The instance under examination, and how it is asked: plain HTTP calls, with no secret in what comes back."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal

import requests

from sandtable.doctor.subjects import Subject
from sandtable.settings.unanswered import innermost_reason

Who = Literal["user", "admin", "nobody"]
LONGEST_SHOWN = 300
_TUNNEL = re.compile(r"Tunnel connection failed: (?P<words>[^'\"]{1,300})")


class Unreachable(Exception):
    """No answer came; `text` says why and `fix` what to do. `by_tls` when it was the certificate or the handshake."""

    def __init__(self, text: str, fix: str, *, by_tls: bool = False) -> None:
        self.text, self.fix, self.by_tls = text, fix, by_tls
        super().__init__(text)


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer: `content` is the parsed JSON object, or None when the body is no JSON object."""

    status: int
    headers: Mapping[str, str]
    content: Mapping[str, Any] | None
    body: str

    @property
    def result(self) -> Any:
        """The member `result`, or None."""
        return self.content.get("result") if self.content is not None else None

    @property
    def rows(self) -> list[Mapping[str, Any]] | None:
        """The result as a list of records, or None when it is none."""
        result = self.result
        return [row for row in result if isinstance(row, Mapping)] if isinstance(result, list) else None

    @property
    def complaint(self) -> str:
        """What the error envelope says, else status and beginning of the body."""
        error = self.content.get("error") if self.content is not None else None
        if isinstance(error, Mapping):
            words = [str(error[key]) for key in ("message", "detail") if error.get(key)]
            return f"{self.status} {': '.join(words)}"[:LONGEST_SHOWN]
        return f"{self.status} {' '.join(self.body.split())[:80]}".strip()


@dataclass(frozen=True, slots=True)
class OAuthClient:
    """What a connector with OAuth is given; the key is PEM text."""

    client_id: str
    client_secret: str = field(repr=False)
    private_key: str = field(repr=False)
    key_id: str
    user_identifier: str
    private_key_password: str = field(default="", repr=False)


@dataclass(kw_only=True)
class Patient:
    """One instance, and the credentials to examine it with.

    `session` carries the calls, `timeout` is in seconds, `ca_file` a PEM file of certificates to trust.
    """

    url: str
    subject: Subject
    session: requests.Session
    user: str = ""
    password: str = field(default="", repr=False)
    admin_user: str = ""
    admin_password: str = field(default="", repr=False)
    origin: str = ""
    oauth: OAuthClient | None = None
    try_import: bool = False
    timeout: float = 30.0
    ca_file: str = ""
    token: str = field(default="", repr=False)
    refused: set[str] = field(init=False, default_factory=set)  # whose password was given and is refused: user, admin
    lacks_application: bool = field(init=False, default=False)

    @property
    def named(self) -> str:
        """The integration user's name, or what its OAuth client calls it; empty when nobody was named."""
        return self.user or (self.oauth.user_identifier if self.oauth is not None else "")

    @property
    def has_password(self) -> bool:
        """Whether the integration user's password was given, and not refused."""
        return bool(self.user and self.password) and "user" not in self.refused

    @property
    def has_user(self) -> bool:
        """Whether calls can be made as the integration user: with a password, or with a token that was got."""
        return self.has_password or bool(self.token)

    @property
    def has_admin(self) -> bool:
        """Whether calls can be made as an administrator."""
        return bool(self.admin_user) and "admin" not in self.refused

    @property
    def why_no_user(self) -> str:
        """Why no calls can be made as the integration user."""
        if "user" in self.refused:
            return "not seen, because of credentials"
        if self.oauth is not None:
            return "not seen, because of oauth"
        return "no --password was given" if self.user else "no credentials were given"

    @property
    def why_no_admin(self) -> str:
        """Why no calls can be made as an administrator."""
        return "not seen, because of admin" if self.admin_user else "only an administrator sees it (--admin-user)"

    def ask(
        self,
        method: str,
        path: str,
        *,
        who: Who = "user",
        parameters: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        json: Any = None,
        form: Mapping[str, str] | None = None,
    ) -> Answer:
        """Send one request and return its answer; redirects are not followed. Raises Unreachable."""
        # Each check stands for itself: a session cookie would let a call pass whose credentials are wrong.
        self.session.cookies.clear()
        try:
            answer = self.session.request(
                method,
                f"{self.url}{path}",
                params=parameters,
                headers={"Accept": "application/json", **(headers or {})},
                json=json,
                data=form,
                auth=self._credentials(who),
                timeout=self.timeout,
                # A session's own setting would lose against REQUESTS_CA_BUNDLE.
                verify=self.ca_file or None,
                allow_redirects=False,
            )
        except requests.RequestException as error:
            raise _why(error, self.url, self.timeout) from None
        try:
            content = answer.json()
        except ValueError:
            content = None
        return Answer(answer.status_code, answer.headers, content if isinstance(content, dict) else None, answer.text)

    def list(
        self, table: str, *, who: Who = "user", query: str = "", fields: str = "", limit: int = 200, **filters: str
    ) -> Answer:
        """Ask the Table API for a list; `filters` are column=value pairs, never part of an encoded query."""
        parameters = {"sysparm_limit": str(limit), "sysparm_exclude_reference_link": "true", **filters}
        if query:
            parameters["sysparm_query"] = query
        if fields:
            parameters["sysparm_fields"] = fields
        return self.ask("GET", f"/api/now/table/{table}", who=who, parameters=parameters)

    @cached_property
    def health(self) -> Answer:
        """The answer of the application's health resource to the user, or else the administrator; asked once."""
        return self.ask("GET", self.subject.health, who="user" if self.has_user else "admin")

    def _credentials(self, who: Who) -> Any:
        if who == "admin" and self.admin_user:
            return _Basic(self.admin_user, self.admin_password)
        if who == "user" and self.has_password:
            return _Basic(self.user, self.password)
        if who == "user" and self.token:
            return _Bearer(self.token)
        return _Nobody()


class _Basic(requests.auth.AuthBase):
    """Basic credentials as UTF-8; the library's own would send Latin-1."""

    def __init__(self, user: str, password: str) -> None:
        self._pair = (user.encode("utf-8"), password.encode("utf-8"))

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        requests.auth.HTTPBasicAuth(*self._pair)(request)
        return request


class _Bearer(requests.auth.AuthBase):
    def __init__(self, token: str) -> None:
        self._token = token

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        request.headers["Authorization"] = f"Bearer {self._token}"
        return request


class _Nobody(requests.auth.AuthBase):
    """No credentials, not even those that a netrc file has for the host."""

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        return request


def _why(error: requests.RequestException, url: str, timeout: float) -> Unreachable:
    """Return what a failed call means to somebody who sets an instance up."""
    text = str(error)
    if isinstance(error, requests.exceptions.SSLError):
        if "CERTIFICATE_VERIFY_FAILED" in text:
            reason = text.partition("certificate verify failed:")[2].split("(_ssl")[0].strip(" '\")") or "not trusted"
            return Unreachable(
                f"the certificate of {url} is not accepted: {reason}",
                "give the CA certificate with --ca FILE, or use a host name that the certificate has",
                by_tls=True,
            )
        return Unreachable(
            f"no TLS handshake with {url}",
            "the address may be one of plain http, or the server may lack TLS 1.2",
            by_tls=True,
        )
    if isinstance(error, requests.exceptions.ProxyError):
        refused = _TUNNEL.search(text)
        words = refused["words"] if refused is not None else innermost_reason(error)
        return Unreachable(f"the proxy for {url} does not lead there: {words}", "check HTTPS_PROXY and NO_PROXY")
    if isinstance(error, requests.Timeout):
        return Unreachable(f"no answer from {url} within {timeout:g} seconds", "check address and firewall")
    if isinstance(error, requests.exceptions.InvalidURL | requests.exceptions.InvalidSchema):
        return Unreachable(
            f"{url} is no address that can be called", "give one such as https://dev12345.service-now.com"
        )
    if "NameResolutionError" in text or "getaddrinfo failed" in text:
        return Unreachable(f"the host name of {url} is not known", "check the name of the instance")
    return Unreachable(
        f"no connection to {url}: {innermost_reason(error)}", "check address and port, and whether it is up"
    )
