"""What a client sees of a refusal: the product's opaque answers, or those of RFC 6749. The log is the same for both."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING

from sandtable.oauth.errors import (
    ApplicationUserMissing,
    BodyTooLarge,
    InvalidClient,
    MethodNotPost,
    OAuthError,
    ServerError,
)

if TYPE_CHECKING:
    from sandtable.core.platform.contracts import Instance

PROPERTY = "sandtable.oauth.error_profile"
SERVICENOW, RFC = "servicenow", "rfc"
NO_STORE: Mapping[str, str] = MappingProxyType({"Cache-Control": "no-store", "Pragma": "no-cache"})


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer of a token endpoint: status, JSON document, and headers beside the platform's own.

    `error` is the refusal behind it, None for a success.
    """

    status: int
    document: Mapping[str, object]
    headers: Mapping[str, str] = field(default_factory=dict)
    error: OAuthError | None = None

    @property
    def body(self) -> bytes:
        """The document as the platform writes it: compact JSON."""
        return json.dumps(dict(self.document), separators=(",", ":")).encode("ascii")


def profile(instance: Instance) -> str:
    """Return which error profile is in force; an unknown name acts as the product's."""
    return RFC if instance.property(PROPERTY, SERVICENOW) == RFC else SERVICENOW


def refusal(instance: Instance, error: OAuthError) -> Answer:
    """Return the answer to a refusal in the profile that is in force."""
    return PROFILES[profile(instance)](instance, error)


def _opaque(instance: Instance, error: OAuthError) -> Answer:
    """One body for nearly everything, with status 401: recorded for wrong clients, secrets, users and tokens."""
    if isinstance(error, ApplicationUserMissing) and (
        instance.property("sandtable.oauth.client_credentials_no_user", "described") != "opaque"
    ):
        return Answer(401, {"error_description": error.reason, "error": error.code}, error=error)
    status = 413 if isinstance(error, BodyTooLarge) else 401
    return Answer(status, {"error_description": "access_denied", "error": "server_error"}, _ours(error), error)


def _as_the_rfc_says(instance: Instance, error: OAuthError) -> Answer:
    headers = {**NO_STORE, **_ours(error)}
    status = 400
    if isinstance(error, InvalidClient):
        status = 401
        if error.by_header:
            headers["WWW-Authenticate"] = 'Basic realm="Service-now"'
    elif isinstance(error, MethodNotPost):
        status, headers["Allow"] = 405, "POST"
    elif isinstance(error, BodyTooLarge):
        status = 413
    elif isinstance(error, ServerError):
        status = 500
    return Answer(status, {"error": error.code, "error_description": printable(error.reason)}, headers, error)


def _ours(error: OAuthError) -> dict[str, str]:
    # A bug of the simulator must never pass for behaviour of the product.
    return {"X-Sandtable-Error": "internal"} if isinstance(error, ServerError) else {}


def printable(text: str) -> str:
    """Return text within the characters that RFC 6749 allows in error_description."""
    return "".join(each if " " <= each <= "~" and each not in '"\\' else "?" for each in text)


PROFILES: Mapping[str, Callable[[Instance, OAuthError], Answer]] = MappingProxyType(
    {SERVICENOW: _opaque, RFC: _as_the_rfc_says}
)
