"""The text of an access token: opaque, or a signed JWT where the client's token format says so."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sandtable.oauth.secrets import new_token

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric import ec

    from sandtable.core.platform.contracts import Instance
    from sandtable.core.platform.record import Record

ALGORITHM = "ES256"
KEYS = "oauth_signing_key"
# The order of the group of P-256: a private key is a number below it.
_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551


def make(instance: Instance, client: Record, user: Record, *, scope: str, expires: float) -> str:
    """Return the text of a new access token for a client and a user, ending at `expires` (unix seconds).

    The subject of a JWT is the value of the user's column that the client's `sub_claim` names. Whichever its format,
    the instance accepts it back only as a token that it stored.
    """
    if client["token_format"] != "jwt":
        return new_token(instance)
    subject = client["sub_claim"] or "sys_id"
    column = instance.dictionary.column("sys_user", subject)
    if column is None or column.is_password:
        subject = "sys_id"
    now = int(instance.clock.timestamp())
    claims = {
        "iss": instance.base_url,
        "sub": user.sys_id if subject == "sys_id" else user[subject],
        "aud": client["client_id"],
        "scope": scope,
        "iat": now,
        "nbf": now,
        "exp": int(expires),
        "jti": instance.new_sys_id(),
    }
    import jwt

    record = _signing_key(instance)
    return jwt.encode(claims, _private_key(record), algorithm=ALGORITHM, headers={"kid": record["kid"]})


def key_set(instance: Instance) -> dict[str, Any]:
    """Return the public keys of the instance's JWT access tokens as a JWK set; empty before the first is issued."""
    from jwt.algorithms import ECAlgorithm

    keys = []
    for record in instance.system().table(KEYS).query("active=true"):
        public = ECAlgorithm.to_jwk(_private_key(record).public_key(), as_dict=True)
        keys.append({**public, "use": "sig", "alg": ALGORITHM, "kid": record["kid"]})
    return {"keys": keys}


def _signing_key(instance: Instance) -> Record:
    """Return the instance's own key, made at its first use and kept as a record."""
    keys = instance.system().table(KEYS)
    record = keys.first("active=true")
    if record is None:
        number = instance.secrets.randrange(1, _ORDER)
        record = keys.insert({"kid": instance.new_sys_id(), "private_key": f"{number:064x}"})
    return record


def _private_key(record: Record) -> ec.EllipticCurvePrivateKey:
    from cryptography.hazmat.primitives.asymmetric import ec

    return ec.derive_private_key(int(record["private_key"], 16), ec.SECP256R1())
