"""By what names something is known to be a secret, whatever it is that carries the name."""

from __future__ import annotations

import re

SECRET_PARAMETERS = frozenset(
    {
        "assertion",
        "authorization",
        "client_assertion",
        "code",
        "code_verifier",
        "private_key",
        "password2",
        "jwt",
        "sysparm_ck",
        "x-sn-hmac-signature-256",
    }
)
# What others call theirs: accessToken, X-Api-Key, u_reset_password.
_KEYS = "api|shared|private|signing|secret|encryption|client|access|hmac"
SECRET_ENDING = rf"(?:token|secret|(?:{_KEYS})[-_]?key|passw(?:or)?d|passphrase|pwd)"
STARS = "********"
_SECRET_NAME = re.compile(rf".*{SECRET_ENDING}", re.IGNORECASE)


def is_secret_name(name: str) -> bool:
    """Tell whether what is called so must stay secret: a parameter, a member of JSON, a column."""
    key = name.strip().lower()
    return key in SECRET_PARAMETERS or _SECRET_NAME.fullmatch(key) is not None
