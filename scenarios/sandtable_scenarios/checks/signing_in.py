"""Credentials: right ones work, wrong ones leave no trace, tokens are kept as long as they last and no longer."""

from __future__ import annotations

from sandtable_scenarios.stage.evidence import assumed, documented, recorded
from sandtable_scenarios.stage.findings import Rule, Severity

PAGE = "Kibana 8.13 documentation, ServiceNow ITSM connector: connector configuration"
OAUTH = frozenset({"oauth"})

BASIC = Rule(
    "auth.basic",
    "With the right user name and password a push succeeds, whatever characters the password has",
    Severity.CRITICAL,
    documented(f"{PAGE}: by default, basic authentication is used"),
    explanation="Encode user and password as UTF-8; only the first colon separates them.",
)
BASIC_REFUSED = Rule(
    "auth.basic-refused",
    "With wrong credentials a push is an error, and writes nothing",
    Severity.CRITICAL,
    documented("ServiceNow documentation, REST: 401 for a request that is not authenticated"),
    explanation="A 401 that is answered as a success hides that no alert arrives any more.",
)
JWT = Rule(
    "auth.jwt",
    "With a registered key, client and user a push over OAuth succeeds, and its incident is the user's",
    Severity.CRITICAL,
    documented("Kibana 8.13 documentation, Create an OAuth JWT API endpoint; RFC 7523"),
    needs=OAUTH,
    explanation=(
        "The assertion has the key ID in its header, the client ID as issuer and audience, and the user as subject."
    ),
)
JWT_REFUSED = Rule(
    "auth.jwt-refused",
    "With anything wrong in key, key ID, client, secret or user a push over OAuth is an error, and writes nothing",
    Severity.CRITICAL,
    documented("RFC 7523 section 3; ServiceNow documentation, JWT bearer grant"),
    needs=OAUTH,
    explanation="The token endpoint refuses; a connector that goes on without a token, or with an older one, hides it.",
)
KEY_PASSWORD = Rule(
    "auth.key-password",
    "A private key with a password works with that password, and with no other",
    Severity.MAJOR,
    documented(f"{PAGE}: private key password"),
    needs=OAUTH,
    explanation="Read the key with the password before anything is sent, and say that the key is the trouble.",
)
REUSE = Rule(
    "auth.token-reuse",
    "A token is asked for once and used until it expires",
    Severity.MINOR,
    recorded("observed Kibana behaviour: one stored token for each connector; no token request while it is valid"),
    needs=OAUTH | {"journal"},
    explanation="A token request for each call doubles the load, and instances limit them.",
)
EXPIRY = Rule(
    "auth.token-expiry",
    "A token is not used beyond the lifetime that came with it",
    Severity.CRITICAL,
    documented("RFC 6749 section 5.1, expires_in"),
    needs=OAUTH | {"clock"},
    explanation=(
        "A connector that keeps tokens longer than expires_in fails on the first push after every pause. The lifetime "
        "began while the request was on its way, so count it from when the request was sent."
    ),
)
FRESH = Rule(
    "auth.fresh-assertion",
    "Each token is asked for with an assertion of its own: where one has an ID, no other has the same",
    Severity.CRITICAL,
    documented("ServiceNow documentation, JWT bearer grant: an endpoint with JTI verification takes each ID once"),
    needs=OAUTH | {"clock"},
    explanation=(
        "An instance that verifies IDs refuses the second token. Draw a random ID for each assertion; one that is "
        "counted, or made from the connector's settings, comes back after a restart."
    ),
)
REVOKED = Rule(
    "auth.token-revoked",
    "After a token was revoked or expired early, at most one push fails before the connector gets another token",
    Severity.CRITICAL,
    recorded("observed Kibana behaviour: a 4xx answer deletes the stored token; elastic/kibana#131231"),
    needs=OAUTH | {"clock"},
    explanation="A refused token must be forgotten, or every push fails until the connector is restarted.",
)
ROTATION = Rule(
    "auth.key-rotation",
    "After the certificate was replaced the new key works at once, and the old one no more",
    Severity.MAJOR,
    documented("ServiceNow documentation, JWT verifier maps: several maps may be registered for a client"),
    needs=OAUTH,
    explanation="Keys and tokens that are remembered under the wrong name survive a rotation.",
)
SEPARATE = Rule(
    "auth.separate-tokens",
    "Two connectors do not share a token",
    Severity.CRITICAL,
    recorded("observed Kibana behaviour: tokens are stored by connector ID"),
    needs=OAUTH,
    explanation="A token that is kept under the instance's address lets one connector act as the user of another.",
)
SKEW = Rule(
    "auth.clock-skew",
    "Clocks that differ by a few minutes do not matter; hours do",
    Severity.MAJOR,
    documented("ServiceNow documentation, OAuth JWT endpoint: clock skew, 300 seconds by default"),
    needs=OAUTH | {"clock"},
    explanation="Set iat to now and exp not too near; do not add a not-before in the future.",
)
NO_SECRETS = Rule(
    "auth.no-secrets",
    "No answer of a connector shows a password, a client secret, a private key or a token",
    Severity.CRITICAL,
    assumed("answers are logged and shown to people who may not know the secrets"),
    explanation="Texts that come from outside may repeat what was sent. Strike the secrets out of every message.",
)
NOT_IN_LOG = Rule(
    "auth.not-in-log",
    "Nothing that a connector logs holds a password, a client secret, a private key, an assertion or a token",
    Severity.CRITICAL,
    assumed("logs are kept, collected and read by people who may not know the secrets"),
    explanation=(
        "Log names and lengths, not values; strike secrets out of what came from outside. A program's log is what it "
        "writes to standard error."
    ),
)
NOT_IN_URL = Rule(
    "auth.not-in-url",
    "No secret is sent in a URL",
    Severity.CRITICAL,
    documented("RFC 6749 section 2.3.1: client credentials are not sent in the request URI"),
    needs=frozenset({"journal"}),
    explanation="URLs are written to the logs of every proxy between connector and instance.",
)
RULES = (
    BASIC,
    BASIC_REFUSED,
    JWT,
    JWT_REFUSED,
    KEY_PASSWORD,
    REUSE,
    EXPIRY,
    FRESH,
    REVOKED,
    ROTATION,
    SEPARATE,
    SKEW,
    NO_SECRETS,
    NOT_IN_LOG,
    NOT_IN_URL,
)
