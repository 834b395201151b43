"""Signed requests (`x-sn-hmac-signature-256`): whose secret signed the body of a call, and why not.

Documented: a signature needs a configuration with an algorithm, an inbound authentication profile, a secret with a
user, and an access policy that maps the profile to the API that is called; a global policy does not do. What is signed
is the body; the value is `KEYID=<key ID>,SIGNATURE=<base64>`, as public clients send it, or the signature alone where
the profile names a key.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from collections.abc import Callable
from typing import TYPE_CHECKING

from sandtable.oauth.errors import InvalidGrant
from sandtable.oauth.inbound import policies
from sandtable.oauth.records import check_in_force, one
from sandtable.oauth.secrets import same
from sandtable.oauth.users import by_sys_id, session_of

if TYPE_CHECKING:
    from sandtable.core.platform.contracts import Instance, Session
    from sandtable.core.platform.record import Record

SECRET, CONFIGURATION = "hmac_secret", "hmac_config"
ALGORITHMS = {"HmacSHA256": hashlib.sha256, "HmacSHA384": hashlib.sha384, "HmacSHA512": hashlib.sha512}
_VALUE = re.compile(r"\s*KEYID=(?P<key>[^,]*),\s*SIGNATURE=(?P<signature>.*?)\s*", re.IGNORECASE | re.DOTALL)


def session_for_signature(
    instance: Instance,
    value: str,
    body: bytes,
    path: str,
    explain: Callable[[str], None],
    *,
    method: str,
    place: str,
) -> Session | None:
    """Return a session of the user whose secret signed a call, or None where it did not or may not open the path.

    `place` is where the signature was: `auth_header` or `query_param`. Why it opens nothing goes to the log and to
    `explain`.
    """
    return session_of(
        instance, lambda: _user(instance, value, body, path, method, place), explain, what="HMAC", topic="HMAC"
    )


def signature(secret: str, body: bytes, algorithm: str = "HmacSHA256") -> str:
    """Return the signature of a body: its HMAC in base64. `algorithm` is one of ALGORITHMS."""
    return base64.b64encode(hmac.digest(secret.encode(), body, ALGORITHMS[algorithm])).decode("ascii")


def _user(instance: Instance, value: str, body: bytes, path: str, method: str, place: str) -> Record:
    accepted = policies.mapped(instance, path, method, scheme=policies.HMAC, place=place, what="HMAC")
    sent = _VALUE.fullmatch(value)
    refusals = []
    for profile in (way.profile for way in accepted if way.profile is not None):
        key_id, signed = (sent["key"], sent["signature"]) if sent else (profile["default_key_id"], value.strip())
        try:
            return _signer(instance, profile, key_id.strip(), signed, body)
        except InvalidGrant as error:
            refusals.append(error)
    raise refusals[-1]


def _signer(instance: Instance, profile: Record, key_id: str, signed: str, body: bytes) -> Record:
    if not key_id:
        raise InvalidGrant("no KEYID was sent, and the profile has no default key ID")
    configuration = (
        instance.system().table(CONFIGURATION).find(profile["hmac_config"]) if profile["hmac_config"] else None
    )
    if configuration is None or configuration["hash_algorithm"] not in ALGORITHMS:
        raise InvalidGrant(f"profile {profile['name'][:60]!r} has no HMAC configuration with a known algorithm")
    if configuration["hmac_util_script"]:
        instance.ledger.note("script", "HMAC util script", "it is not run: what is signed is the body as it came")
    secret = one(instance, SECRET, key_id=key_id)
    expected = signature(secret["shared_secret"] if secret is not None else "", body, configuration["hash_algorithm"])
    right = same(expected, signed)
    if secret is None:
        raise InvalidGrant(f"there is no secret with key ID {key_id[:64]!r}")
    name = f"secret {secret['name'][:60]!r}"
    check_in_force(instance, secret, name)
    if not secret["shared_secret"]:
        raise InvalidGrant(f"{name} has no shared secret")
    if not right:
        raise InvalidGrant(
            f"the signature is not that of the body's {len(body)} bytes under {name}"
            f" with {configuration['hash_algorithm']}, in base64"
        )
    if not secret["user"]:
        raise InvalidGrant(f"{name} has no user")
    return by_sys_id(instance, secret["user"])
