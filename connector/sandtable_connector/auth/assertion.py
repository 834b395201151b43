"""The signed assertion a connector exchanges for a token.

Source: RFC 7523; observed Kibana behaviour for the claims.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial

import jwt
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from sandtable_connector.errors import KeyUnusable

LIFETIME = 3600
"""Seconds from ``iat`` to ``exp``."""

SMALLEST_KEY = 2048
"""Bits an RSA key must have at least for RS256."""

_NOT_ASYMMETRIC = "secretOrPrivateKey must be an asymmetric key when using RS256"
_NOT_KEY_MATERIAL = "secretOrPrivateKey is not valid key material"
_NO_INVERSE = "error:0180006C:bignum routines::no inverse"
_TOO_SMALL = f"secretOrPrivateKey has a minimum key size of {SMALLEST_KEY} bits for RS256"


@dataclass(frozen=True, slots=True)
class SigningKey:
    """A private key as PEM text, with its passphrase or None; both are hidden from repr."""

    pem: str = field(repr=False)
    passphrase: str | None = field(default=None, repr=False)

    def load(self) -> rsa.RSAPrivateKey:
        """Return the key; KeyUnusable has Node's words for why it cannot sign."""
        try:
            key = self._load(self.passphrase)
        except (ValueError, TypeError, UnsupportedAlgorithm):
            # With a passphrase Node has no other way left to read the text; without one it is taken for a shared
            # secret.
            raise KeyUnusable(_words(_NOT_KEY_MATERIAL if self.passphrase else _NOT_ASYMMETRIC)) from None
        if isinstance(key, ec.EllipticCurvePrivateKey):
            raise KeyUnusable(_words('"alg" parameter for "ec" key type must be one of: ES256, ES384, ES512.'))
        if not isinstance(key, rsa.RSAPrivateKey):
            raise KeyUnusable(_words(_NOT_ASYMMETRIC))
        if key.key_size < SMALLEST_KEY:
            raise KeyUnusable(_words(_TOO_SMALL))
        return key

    def _load(self, passphrase: str | None) -> object:
        text = self.pem.encode("utf-8", "replace")
        # Node signs with numbers that do not fit each other as well; whether they do takes longer than all the rest.
        load = partial(load_pem_private_key, text, unsafe_skip_rsa_key_validation=True)
        if not passphrase:
            return load(None)
        try:
            return load(passphrase.encode("utf-8", "replace"))
        except TypeError:
            # A passphrase for a key that has none is no mistake to Node.
            return load(None)


def _words(problem: str) -> str:
    return f"Unable to generate JWT token. Error: Error: {problem}"


@dataclass(frozen=True, slots=True)
class Assertion:
    """Who asserts what about whom: the client, the user, the key's ID, and a jti or None."""

    client_id: str
    subject: str
    key_id: str
    jti: str | None = None

    def claims(self, now: float) -> dict[str, str | int]:
        """Return the claims as of a Unix time."""
        issued = int(now)
        claims: dict[str, str | int] = {
            "sub": self.subject,
            "aud": self.client_id,
            "iss": self.client_id,
            "iat": issued,
            "exp": issued + LIFETIME,
        }
        if self.jti is not None:
            claims["jti"] = self.jti
        return claims

    def signed(self, key: SigningKey, now: float) -> str:
        """Return the compact RS256 JWT; KeyUnusable when the key cannot sign."""
        claims, headers = self.claims(now), {"typ": "JWT", "kid": self.key_id}
        try:
            return jwt.encode(claims, key.load(), algorithm="RS256", headers=headers)
        except ValueError:
            raise KeyUnusable(_words(_NO_INVERSE)) from None
