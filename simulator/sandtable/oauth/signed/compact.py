"""A signed JWT in its compact form, read as strictly as RFC 7515 and RFC 8725 ask, and its signature verified.

Nothing here looks at time, clients or users. Everything that is read before `verify` has passed is untrusted.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from sandtable.oauth.errors import InvalidGrant

if TYPE_CHECKING:
    from sandtable.oauth.signed.certificates import PublicKey

LONGEST = 16 * 1024
_SEGMENT = re.compile(r"[A-Za-z0-9_-]+")
_RSA = frozenset({"RS256", "RS384", "RS512"})
_CURVES: Mapping[str, str] = MappingProxyType({"secp256r1": "ES256", "secp384r1": "ES384", "secp521r1": "ES512"})
# An HMAC key must be at least as long as the digest (RFC 7518, 3.2).
_HMAC_BYTES: Mapping[str, int] = MappingProxyType({"HS256": 32, "HS384": 48, "HS512": 64})


@dataclass(frozen=True, slots=True)
class Unverified:
    """A JWT whose form is right and whose signature nobody has looked at: text, header, and the payload's bytes."""

    text: str
    header: Mapping[str, Any]
    payload: bytes

    @property
    def algorithm(self) -> str:
        """The signature algorithm that the header names."""
        return str(self.header["alg"])


def parse(text: str) -> Unverified:
    """Return a JWT by its parts. Raises InvalidGrant for whatever is not exactly one signed compact JWT."""
    if len(text) > LONGEST:
        raise InvalidGrant(f"the assertion has more than {LONGEST} characters")
    segments = text.split(".")
    if len(segments) != 3:
        raise InvalidGrant(f"the assertion has {len(segments)} parts instead of three; it is no signed JWT")
    if not segments[2]:
        raise InvalidGrant("the assertion has no signature")
    header_bytes, payload, _ = (
        _decoded(segment, name) for segment, name in zip(segments, ("header", "payload", "signature"), strict=True)
    )
    header = json_object(header_bytes, "header")
    if not isinstance(header.get("alg"), str):
        raise InvalidGrant("alg in the header is missing or no text")
    if "crit" in header:
        raise InvalidGrant("the header has crit, and no critical extension is known")
    kind = header.get("typ", "JWT")
    if not isinstance(kind, str) or kind.upper() != "JWT":
        raise InvalidGrant("typ in the header is not JWT")
    return Unverified(text, header, payload)


def json_object(data: bytes, name: str) -> dict[str, Any]:
    """Return the JSON object in a part of a JWT. Raises InvalidGrant for other values and for repeated names."""
    try:
        value = json.loads(data.decode("utf-8"), object_pairs_hook=_no_duplicates, parse_constant=_no_constant)
    except _Repeated as error:
        raise InvalidGrant(f"the {name} of the assertion has the member {str(error)[:60]!r} more than once") from None
    except (ValueError, RecursionError):
        raise InvalidGrant(f"the {name} of the assertion is not JSON") from None
    if not isinstance(value, dict):
        raise InvalidGrant(f"the {name} of the assertion is no JSON object")
    return value


def algorithms_for(key: PublicKey | str) -> frozenset[str]:
    """Return the algorithms that a key verifies: those of its kind and curve alone (RFC 8725, 3.1).

    A text is a shared key; one that looks like a public key is none, whatever it was entered as.
    """
    from cryptography.hazmat.primitives.asymmetric import ec, rsa

    if isinstance(key, rsa.RSAPublicKey):
        return _RSA
    if isinstance(key, ec.EllipticCurvePublicKey):
        return frozenset({_CURVES[key.curve.name]} if key.curve.name in _CURVES else ())
    if "-----BEGIN" in key or key.lstrip().startswith(("ssh-", "{")):
        return frozenset()
    size = len(key.encode("utf-8"))
    return frozenset(name for name, least in _HMAC_BYTES.items() if size >= least)


def verify(token: Unverified, key: PublicKey | str) -> bool:
    """Return whether the key made the signature of a JWT; an algorithm that is not the key's is never right."""
    if token.algorithm not in algorithms_for(key):
        return False
    import jwt

    try:
        # PyJWT does the arithmetic; what it would be lenient about has been refused before.
        jwt.PyJWS(algorithms=[token.algorithm]).decode(token.text, key, algorithms=[token.algorithm])
    except (jwt.PyJWTError, TypeError, ValueError):
        return False
    return True


def _decoded(segment: str, name: str) -> bytes:
    if not _SEGMENT.fullmatch(segment) or len(segment) % 4 == 1:
        raise InvalidGrant(f"the {name} of the assertion is no base64url without padding")
    return base64.urlsafe_b64decode(segment + "=" * (-len(segment) % 4))


class _Repeated(Exception):
    """A JSON object has two members of one name."""


def _no_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value: dict[str, Any] = {}
    for name, item in pairs:
        if name in value:
            raise _Repeated(name)
        value[name] = item
    return value


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is no JSON value")
