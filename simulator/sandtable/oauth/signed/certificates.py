"""X.509 certificates (`sys_certificate`): read from PEM, checked when stored, and made into keys that verify."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sandtable.core.values.texts import whole_number
from sandtable.oauth.records import moment, moment_text

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric import ec, rsa

    from sandtable.core.platform.contracts import Instance
    from sandtable.core.platform.record import Record

    PublicKey = rsa.RSAPublicKey | ec.EllipticCurvePublicKey

# cryptography is imported where it is used: an instance starts without it.
TABLE = "sys_certificate"
LONGEST_LINE = 64
_LINE = re.compile(r"-----(BEGIN|END) ([A-Z0-9 ]{1,64})-----")


class BadCertificate(ValueError):
    """A text that is no certificate the instance can use; the text says what is wrong and what to do."""


@dataclass(frozen=True, slots=True)
class Certificate:
    """What the instance reads off a certificate; times are as the platform stores them."""

    key: PublicKey
    subject: str
    issuer: str
    valid_from: str
    expires: str


def read_pem(text: str, *, strict_lines: bool = True, smallest_rsa: int = 2048) -> Certificate:
    """Return what a PEM text with one X.509 certificate says. Raises BadCertificate.

    `strict_lines` refuses lines of more than 64 characters, as was recorded of the product.
    """
    from cryptography import x509
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.asymmetric import ec, rsa

    kinds = _blocks(text)
    if not kinds:
        raise BadCertificate("it is no PEM text: the lines BEGIN CERTIFICATE and END CERTIFICATE are missing")
    secret = next((kind for kind in kinds if "PRIVATE KEY" in kind), None)
    if secret:
        raise BadCertificate("it holds a private key; paste the certificate, and keep the key to yourself")
    if kinds != ["CERTIFICATE"]:
        raise BadCertificate(
            f"it must hold one certificate, not {len(kinds)} blocks"
            if len(kinds) > 1
            else f"it holds a {kinds[0].lower()}; a certificate is made by: openssl req -new -x509"
        )
    if strict_lines and any(len(line.strip()) > LONGEST_LINE for line in text.splitlines()):
        raise BadCertificate(f"it has lines of more than {LONGEST_LINE} characters; wrap the base64 text at 64")
    try:
        parsed = x509.load_pem_x509_certificate(text.strip().encode("ascii"))
        key = parsed.public_key()
        subject, issuer = parsed.subject.rfc4514_string(), parsed.issuer.rfc4514_string()
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise BadCertificate(f"it cannot be read: {str(error)[:200]}") from None
    if isinstance(key, rsa.RSAPublicKey):
        if key.key_size < smallest_rsa:
            raise BadCertificate(f"its RSA key has {key.key_size} bits; {smallest_rsa} or more are needed")
    elif not isinstance(key, ec.EllipticCurvePublicKey):
        raise BadCertificate("its key is neither RSA nor EC")
    return Certificate(
        key,
        subject,
        issuer,
        moment_text(parsed.not_valid_before_utc.timestamp()),
        moment_text(parsed.not_valid_after_utc.timestamp()),
    )


def _blocks(text: str) -> list[str]:
    """Return the kinds of the blocks in a PEM text, in order; a block ends with the line that names its kind."""
    kinds: list[str] = []
    begun = ""
    for found in _LINE.finditer(text):
        word, kind = found.groups()
        if word == "BEGIN":
            begun = begun or kind
        elif kind == begun:
            kinds.append(kind)
            begun = ""
    return kinds


def first_of_chain(text: str) -> str:
    """Return the first certificate of a PEM text with several, each of which can be read. Raises BadCertificate."""
    from cryptography import x509

    try:
        parsed = x509.load_pem_x509_certificates(text.encode("ascii"))
    except ValueError as error:
        raise BadCertificate(f"it cannot be read: {str(error)[:200]}") from None
    if len(parsed) < 2:
        return text
    end = "-----END CERTIFICATE-----"
    return text[: text.index(end) + len(end)] + "\n"


def read_with_properties(instance: Instance, text: str) -> Certificate:
    """Return what a PEM text says, as strictly as the instance's properties ask. Raises BadCertificate."""
    return read_pem(
        text,
        strict_lines=instance.property_is_true("sandtable.certificate.strict_pem", True),
        smallest_rsa=whole_number(instance.property("sandtable.certificate.smallest_rsa_key", "2048"), 2048),
    )


def check_in_force(instance: Instance, record: Record, certificate: Certificate) -> None:
    """Raise BadCertificate for the certificate of a record that may not verify a signature now.

    It must be active and, by property `sandtable.oauth.check_certificate_dates`, within its dates.
    """
    name = repr(record["name"])
    if record["active"] != "true":
        raise BadCertificate(f"certificate {name} is inactive")
    if not instance.property_is_true("sandtable.oauth.check_certificate_dates", True):
        return
    now = instance.clock.timestamp()
    begin, end = moment(certificate.valid_from), moment(certificate.expires)
    if begin is not None and now < begin:
        raise BadCertificate(f"certificate {name} is not valid before {certificate.valid_from} UTC")
    if end is not None and now > end:
        raise BadCertificate(f"certificate {name} expired at {certificate.expires} UTC")
