"""Everything that can go wrong when a connector is made or run, as one tree.

The class says whether trying again can help; nothing else has to be inspected::

    ConnectorError                     message, retry, status, code, answer, user_error
    ├── Permanent                      retry = False: the same attempt would fail in the same way
    │   ├── ConfigurationError         config, secrets or networking settings are refused
    │   ├── ParametersRefused          subAction or subActionParams are refused; nothing was sent
    │   ├── SubActionUnavailable       the sub-action is known and has no implementation (handshake)
    │   ├── HostNotAllowed             a redirect leads to a host that allowedHosts does not name
    │   ├── InvalidAddress             the instance's URL cannot be called at all
    │   ├── KeyUnusable                the private key cannot sign: unreadable, locked, too short, not RSA
    │   ├── TokenRefused               the token endpoint answered, and said no
    │   ├── CertificateRefused         the TLS peer could not be verified
    │   ├── ProxyRefused               the proxy refused the tunnel
    │   ├── TooManyRedirects           the redirects do not end
    │   ├── ResponseTooLarge           more bytes than maxResponseContentLength
    │   ├── RequestRefused             4xx
    │   │   ├── NotAuthenticated       401
    │   │   ├── AccessDenied           403
    │   │   └── NotFound               404 (what closing an incident treats as "no such incident")
    │   ├── RowRefused                 the import set row ended in status "error"
    │   └── AnswerUnusable             a 2xx answer that lacks what the next step needs, or has an unreadable date
    └── Transient                      retry = True: the same attempt may succeed later
        ├── ConnectionFailed           refused, reset, unreachable, unknown host, broken off
        ├── ResponseTimeout            no answer within responseTimeout
        ├── TokenUnavailable           the token endpoint answered 5xx or 429, or with a page
        ├── RateLimited                429
        ├── ServerFailed               5xx and any other unexpected status
        └── InstanceUnavailable        a 2xx answer that is not the instance's (a page, an empty body: asleep)

Under the ``kibana-*`` presets an execution reports ``retry: true`` for every failure, as Kibana does
(``Behaviour.retries_every_failure``); the classes stay the same.

No message ever holds a secret: texts that come from outside pass through a `Redactor` first.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from typing import Any, ClassVar, Self

ABSENT: Any = type("Absent", (), {"__repr__": lambda self: "ABSENT", "__bool__": lambda self: False})()
"""What `ConnectorError.answer` is when there was no HTTP response at all (None would be the JSON literal null)."""


class ConnectorError(Exception):
    """A connector could not do what it was asked; the class says whether to try again.

    ``status`` is the HTTP status of the response behind it (kept through every restatement), ``code`` a Node-style code
    such as ``ECONNREFUSED``, ``answer`` the parsed body of that response, ``user_error`` whether Kibana blames the
    user.
    """

    retry: ClassVar[bool] = False

    def __init__(
        self,
        message: str,
        *,
        status: int | None = None,
        code: str | None = None,
        answer: Any = ABSENT,
        user_error: bool = False,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.status = status
        self.code = code
        self.answer = answer
        self.user_error = user_error

    def restated(self, message: str) -> Self:
        """Return the same error, of the same class and with the same facts, under another text."""
        return type(self)(message, status=self.status, code=self.code, answer=self.answer, user_error=self.user_error)

    def __reduce__(self) -> tuple[Any, ...]:
        return (_rebuild, (type(self), self.message, self.status, self.code, self.user_error))


def _rebuild(
    kind: type[ConnectorError], message: str, status: int | None, code: str | None, user_error: bool
) -> ConnectorError:
    return kind(message, status=status, code=code, user_error=user_error)


class Permanent(ConnectorError):
    """Trying the same again would fail in the same way."""

    retry = False


class Transient(ConnectorError):
    """Trying the same again later may succeed."""

    retry = True


class ConfigurationError(Permanent):
    """The config, the secrets or the networking settings are refused (source: Kibana's create and update API)."""


class ParametersRefused(Permanent):
    """The sub-action or its parameters are refused before any request is made."""


class SubActionUnavailable(Permanent):
    """The schema knows the sub-action, and nothing implements it (source: observed Kibana behaviour, handshake)."""


class HostNotAllowed(Permanent):
    """A redirect leads to a host that ``xpack.actions.allowedHosts`` does not name."""


class InvalidAddress(Permanent):
    """The URL is not one that an HTTP client can call."""


class KeyUnusable(Permanent):
    """The private key cannot sign an RS256 assertion."""


class TokenRefused(Permanent):
    """The token endpoint refused the assertion or the client, or answered without a token."""


class CertificateRefused(Permanent):
    """The TLS peer's certificate could not be verified under the verification mode in force."""


class ProxyRefused(Permanent):
    """The proxy answered the CONNECT request with something other than 200."""


class TooManyRedirects(Permanent):
    """The answer redirects without end."""


class ResponseTooLarge(Permanent):
    """The body has more bytes than ``xpack.actions.maxResponseContentLength``."""


class RequestRefused(Permanent):
    """The instance answered 4xx."""


class NotAuthenticated(RequestRefused):
    """The instance answered 401."""


class AccessDenied(RequestRefused):
    """The instance answered 403."""


class NotFound(RequestRefused):
    """The instance answered 404."""


class RowRefused(Permanent):
    """The transform of the import set row ended in an error; the message is the row's ``error_message``."""


class AnswerUnusable(Permanent):
    """A successful answer lacks what the next step needs, or holds a date that cannot be read."""


class ConnectionFailed(Transient):
    """No connection, or one that broke off before the answer was complete."""


class ResponseTimeout(Transient):
    """The answer did not begin within ``xpack.actions.responseTimeout``."""


class TokenUnavailable(Transient):
    """The token endpoint answered 5xx or 429, or 200 with what no token endpoint gives, such as a page."""


class RateLimited(Transient):
    """The instance answered 429."""


class ServerFailed(Transient):
    """The instance answered 5xx, or a status no client expects."""


class InstanceUnavailable(Transient):
    """The answer is not one that a running instance gives: a page, an empty body, JSON without ``result``."""


_BY_STATUS: dict[int, type[ConnectorError]] = {
    401: NotAuthenticated,
    403: AccessDenied,
    404: NotFound,
    429: RateLimited,
}


def for_status(status: int, answer: Any) -> ConnectorError:
    """Return the error for a response whose status is not 2xx (text: as axios words it)."""
    kind = _BY_STATUS.get(status, RequestRefused if 400 <= status < 500 else ServerFailed)
    return kind(f"Request failed with status code {status}", status=status, answer=answer)


class Redactor:
    """Replaces secret values in texts that come from outside.

    Values under five characters, and a password equal to the user name, are left alone: replacing them would spoil the
    text without hiding anything that could be guessed from it.
    """

    HIDDEN = "[redacted]"
    SHORTEST = 5

    def __init__(self, values: Iterable[str | None] = (), *, public: Iterable[str | None] = ()) -> None:
        shown = set(public)
        secret = {value for value in values if value and len(value) >= self.SHORTEST and value not in shown}
        # An answer that is shown as JSON has line ends and quotes in another form than the secret itself.
        secret |= {json.dumps(value, ensure_ascii=False)[1:-1] for value in secret}
        # The longest first, so that a secret which contains another is replaced whole.
        ordered = sorted(secret, key=lambda value: (-len(value), value))
        self._pattern = re.compile("|".join(re.escape(value) for value in ordered)) if ordered else None

    def __call__(self, text: str) -> str:
        """Return the text with every secret value replaced."""
        return self._pattern.sub(self.HIDDEN, text) if self._pattern else text


def without_credentials(url: str) -> str:
    """Return a URL with a user name and password in it replaced, for use in a message."""
    return re.sub(r"(?<=//)[^/?#@]*@", f"{Redactor.HIDDEN}@", url, count=1)
