"""What the instance accepts at its token endpoint, and what a token is good for. These rules judge the instance."""

from __future__ import annotations

from sandtable_scenarios.stage.evidence import assumed, documented, recorded
from sandtable_scenarios.stage.findings import Rule, Severity

OAUTH = frozenset({"oauth"})
PAGE = "ServiceNow documentation, OAuth JWT bearer grant"


def _rule(name: str, title: str, source: str, explanation: str) -> Rule:
    return Rule(
        f"instance.jwt-{name}",
        title,
        Severity.CRITICAL,
        documented(source),
        judges="instance",
        needs=OAUTH,
        explanation=explanation,
    )


ACCEPTED = _rule(
    "accepted",
    "An assertion with the right key, key ID, issuer, audience, user and time gets a token that works",
    f"{PAGE}; RFC 7523 section 2.1",
    "The answer has access_token, token_type Bearer, expires_in and scope, and no refresh token.",
)
SIGNATURE = _rule(
    "signature",
    "Only the key of the certificate that the key ID names can sign",
    "RFC 7523 section 3, item 9",
    "Another key, no signature, or a payload that was changed after signing: no token.",
)
ALGORITHM = _rule(
    "algorithm",
    "The algorithm is one that belongs to the registered key; none never is",
    "RFC 8725 sections 3.1 and 3.2",
    "An assertion must not choose how it is checked: no alg none in any spelling, no HMAC with the public certificate.",
)
KEY_ID = _rule(
    "key-id",
    "The key ID must be one that is registered for this client",
    f"{PAGE}: JWT verifier maps",
    "A key of another client, or an unknown ID, verifies nothing.",
)
AUDIENCE = _rule(
    "audience",
    "The audience must be the client ID",
    f"{PAGE}; RFC 7523 section 3, item 3",
    "An assertion that was meant for somebody else is refused, whoever signed it.",
)
ISSUER = _rule(
    "issuer",
    "The issuer must be the client ID",
    f"{PAGE}; RFC 7523 section 3, item 1",
    "It says who made the assertion.",
)
TIMES = _rule(
    "times",
    (
        "The assertion must have an expiry that is not past, and no beginning that is to come; the clock skew is "
        "allowed for"
    ),
    "RFC 7523 section 3, items 4 and 5",
    "Without an expiry a stolen assertion is good for ever.",
)
SUBJECT = _rule(
    "subject",
    "The subject must be exactly one active user, by the field that the client names, and no administrator",
    f"{PAGE}: user field",
    "No blank, no number, no query in disguise; inactive and locked users get no token.",
)
REPLAY = _rule(
    "replay",
    "An assertion with an ID buys one token",
    f"{PAGE}: enable JTI verification",
    "The second use of the same jti is refused; a refused assertion does not use it up.",
)
CLIENT = _rule(
    "client",
    "Client ID and client secret must be right, and the client active",
    "RFC 6749 section 2.3",
    "The assertion alone is not enough for a confidential client.",
)
CERTIFICATE = _rule(
    "certificate",
    "A certificate that is inactive or out of its dates verifies nothing",
    f"{PAGE}: certificates",
    "A certificate that was withdrawn between two calls must not be remembered.",
)
BEARER = Rule(
    "instance.token-checked",
    "A token works until it expires or is revoked; any other text never works",
    Severity.CRITICAL,
    documented("ServiceNow documentation, OAuth tokens; RFC 6750 section 3.1"),
    judges="instance",
    needs=OAUTH | {"clock"},
    explanation="Every request with a token looks at its expiry and at whether its user may still sign in.",
)
OPAQUE = Rule(
    "instance.token-opaque",
    "A refusal does not say what was wrong, and shows nothing that was sent",
    Severity.MAJOR,
    recorded("captures of the token endpoint: 401 access_denied, server_error for whatever was wrong"),
    judges="instance",
    needs=OAUTH,
    explanation="The reason belongs in the system log. The default error profile answers alike.",
)
QUIET = Rule(
    "instance.no-secrets-in-log",
    "No line of the system log, and no record that is read over an API, shows a password, a secret or a token",
    Severity.CRITICAL,
    assumed("logs and records are read by people who may not know the secrets"),
    judges="instance",
    needs=OAUTH | {"control"},
    explanation="A refusal may say which claim was wrong, and must not repeat the assertion, the secret or the token.",
)
RULES = (
    ACCEPTED,
    SIGNATURE,
    ALGORITHM,
    KEY_ID,
    AUDIENCE,
    ISSUER,
    TIMES,
    SUBJECT,
    REPLAY,
    CLIENT,
    CERTIFICATE,
    BEARER,
    OPAQUE,
    QUIET,
)
