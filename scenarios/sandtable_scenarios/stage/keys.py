"""RSA keys and certificates for stories, made when first asked for. They protect nothing: test only."""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from functools import cache

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID

EARLIEST, LATEST = (
    datetime.datetime(2001, 1, 1, tzinfo=datetime.UTC),
    datetime.datetime(2099, 1, 1, tzinfo=datetime.UTC),
)
PASSPHRASE = "open sesame, for tests only"


@dataclass(frozen=True, slots=True)
class Pair:
    """A private key as PEM text, and a self-signed certificate of its public half."""

    private: str
    certificate: str


@cache
def private_key(name: str) -> rsa.RSAPrivateKey:
    """Return the private key of the pair of this name; to read it from its text costs as much as a story."""
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


@cache
def pair(name: str, *, locked: bool = False, outdated: bool = False) -> Pair:
    """Return the pair of this name: the same one all through a run.

    ``locked`` protects the private key with PASSPHRASE; ``outdated`` makes a certificate that has expired.
    """
    key = private_key(name)
    protection: serialization.KeySerializationEncryption = (
        serialization.BestAvailableEncryption(PASSPHRASE.encode()) if locked else serialization.NoEncryption()
    )
    private = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, protection)
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"sandtable test {name}")])
    until = EARLIEST + datetime.timedelta(days=1) if outdated else LATEST
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(EARLIEST)
        .not_valid_after(until)
        .sign(key, hashes.SHA256())
    )
    return Pair(private.decode("ascii"), certificate.public_bytes(serialization.Encoding.PEM).decode("ascii"))
