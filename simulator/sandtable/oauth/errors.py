"""Why a token request is refused: one class per code of the standard.

OAuthError
├── InvalidRequest             a parameter is missing, repeated or malformed
│   ├── MethodNotPost          the token endpoint was asked with another method
│   └── BodyTooLarge           the body is over the limit of the token endpoint
├── InvalidClient              the client is unknown, or did not prove who it is
├── InvalidGrant               the assertion, code, refresh token or password is no good
├── UnauthorizedClient         the client may not use this grant
│   └── ApplicationUserMissing the client has no user to act as
├── UnsupportedGrantType
├── UnsupportedResponseType
├── InvalidScope
├── AccessDenied               the user said no
└── ServerError                a bug of ours

Each says the true reason in its text. What of that a client sees is decided in `profiles`, in one place. Source: RFC
6749, sections 4.1.2.1 and 5.2.
"""

from __future__ import annotations


class OAuthError(Exception):
    """A refusal: its code on the wire, and the true reason, which is for the log and never holds a secret."""

    code = "invalid_request"

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(reason)


class InvalidRequest(OAuthError):
    """RFC 6749, 5.2: a parameter is missing, repeated, or the request is otherwise malformed."""


class MethodNotPost(InvalidRequest):
    """RFC 6749, 3.2: a client must use POST to ask for a token."""


class BodyTooLarge(InvalidRequest):
    """The body is longer than the token endpoint reads; our own limit."""


class InvalidClient(OAuthError):
    """RFC 6749, 5.2: client authentication failed. `by_header` says that Basic was used for it."""

    code = "invalid_client"

    def __init__(self, reason: str, *, by_header: bool = False) -> None:
        self.by_header = by_header
        super().__init__(reason)


class InvalidGrant(OAuthError):
    """RFC 6749, 5.2 and RFC 7523, 3.1: what was presented is invalid, expired, revoked or another client's."""

    code = "invalid_grant"


class UnauthorizedClient(OAuthError):
    """RFC 6749, 5.2: the authenticated client may not use this grant."""

    code = "unauthorized_client"


class ApplicationUserMissing(UnauthorizedClient):
    """The client credentials grant has no user to act as; the product names the client's record."""

    def __init__(self, sys_id: str) -> None:
        super().__init__(
            "Received client_credentials grant_type request however integration user is not configured"
            f" for OAuth:{sys_id}"
        )


class UnsupportedGrantType(OAuthError):
    """RFC 6749, 5.2: the server does not know this grant."""

    code = "unsupported_grant_type"


class UnsupportedResponseType(OAuthError):
    """RFC 6749, 4.1.2.1: the authorization endpoint cannot answer in this way."""

    code = "unsupported_response_type"


class InvalidScope(OAuthError):
    """RFC 6749, 5.2: the scope is unknown, malformed, or more than the client may have."""

    code = "invalid_scope"


class AccessDenied(OAuthError):
    """RFC 6749, 4.1.2.1: the user refused."""

    code = "access_denied"


class ServerError(OAuthError):
    """Something failed that should not have; the text names the exception and no more."""

    code = "server_error"
