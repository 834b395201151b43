"""The development certificate authority: made once for each user of a machine, and never anywhere else.

A folder holds `authority.pem` (private key and certificate, readable by its owner only) and `ca.crt` (the certificate
alone, to be given to clients). Keys are on curve P-256: made in a moment, and every TLS 1.2 client has it.
"""

from __future__ import annotations

import contextlib
import datetime
import ipaddress
import os
import secrets
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from sandtable.serving.tls.errors import AuthorityError

BUNDLE, CERTIFICATE = "authority.pem", "ca.crt"
ORGANISATION = "Sandtable development"
AUTHORITY_DAYS = 3650
LEAF_DAYS = 397  # the longest that browsers accept
BACKDATED = datetime.timedelta(hours=1)  # clocks of containers and their hosts differ a little


def default_folder(environ: Mapping[str, str] | None = None) -> Path:
    """Return the user's own folder for the authority: below XDG_DATA_HOME, else the usual place of the system."""
    environ = os.environ if environ is None else environ
    if environ.get("XDG_DATA_HOME"):
        return Path(environ["XDG_DATA_HOME"]) / "sandtable"
    if sys.platform == "win32" and environ.get("LOCALAPPDATA"):
        return Path(environ["LOCALAPPDATA"]) / "sandtable"
    try:
        return Path.home() / ".local" / "share" / "sandtable"
    except RuntimeError:
        raise AuthorityError("there is no home folder for the development CA; name a folder with --ca-folder") from None


class DevelopmentAuthority:
    """A certificate authority that signs server certificates; `certificate_path` is the file to give to clients."""

    def __init__(self, key: ec.EllipticCurvePrivateKey, certificate: x509.Certificate, certificate_path: Path) -> None:
        self._key = key
        self.certificate = certificate
        self.certificate_path = certificate_path

    def __repr__(self) -> str:
        return f"<DevelopmentAuthority {self.fingerprint[:23]} at {self.certificate_path}>"

    @property
    def certificate_pem(self) -> str:
        """The certificate of the authority, as PEM."""
        return self.certificate.public_bytes(serialization.Encoding.PEM).decode("ascii")

    @property
    def fingerprint(self) -> str:
        """The SHA-256 fingerprint of the certificate, as `AB:CD:...`."""
        return self.certificate.fingerprint(hashes.SHA256()).hex(":").upper()

    def issue(self, names: Iterable[str], *, days: int = LEAF_DAYS) -> str:
        """Return a new server certificate, the authority's, and the private key, as one PEM text.

        `names` are host names (one `*.` in front allowed) and IP addresses; the first is the subject. Raises ValueError
        without a name, or for one that a certificate cannot carry.
        """
        listed = list(dict.fromkeys(names))
        if not listed:
            raise ValueError("a server certificate needs at least one name")
        key = ec.generate_private_key(ec.SECP256R1())
        now = datetime.datetime.now(datetime.UTC)
        builder = (
            x509.CertificateBuilder()
            .subject_name(_subject(listed[0]))
            .issuer_name(self.certificate.subject)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - BACKDATED)
            .not_valid_after(min(now + datetime.timedelta(days=days), self.certificate.not_valid_after_utc))
            .add_extension(x509.SubjectAlternativeName([_general_name(name) for name in listed]), critical=False)
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(_usage(authority=False), critical=True)
            .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
            .add_extension(
                x509.AuthorityKeyIdentifier.from_issuer_public_key(self._key.public_key()),
                critical=False,
            )
        )
        leaf = builder.sign(self._key, hashes.SHA256())
        return leaf.public_bytes(serialization.Encoding.PEM).decode("ascii") + self.certificate_pem + _key_pem(key)


def open_authority(folder: Path | None = None, *, renew: bool = False) -> DevelopmentAuthority:
    """Return the authority of a folder (the user's own by default), made when there is none; `renew` makes a new one.

    Safe when several processes start at once: one makes it, all use it. Raises AuthorityError.
    """
    place = default_folder() if folder is None else folder
    bundle = place / BUNDLE
    try:
        place.mkdir(mode=0o700, parents=True, exist_ok=True)
        if renew or not bundle.exists():
            _make(bundle, replace=renew)
        text = bundle.read_bytes()
    except OSError as error:
        raise AuthorityError(
            f"the development CA in {place} cannot be used: {error.strerror or error}; "
            "name a folder that can be written with --ca-folder or SANDTABLE_CA_FOLDER"
        ) from None
    authority = _read(text, bundle)
    try:
        _publish(authority)
    except OSError as error:
        raise AuthorityError(f"{authority.certificate_path} cannot be written: {error.strerror or error}") from None
    return authority


def _read(text: bytes, bundle: Path) -> DevelopmentAuthority:
    fix = "move it away, or make a new one with: sandtable ca --renew"
    try:
        key = serialization.load_pem_private_key(text, password=None)
        certificate = x509.load_pem_x509_certificate(text)
    except (ValueError, TypeError):
        raise AuthorityError(f"{bundle} does not hold a private key and a certificate in PEM; {fix}") from None
    if not isinstance(key, ec.EllipticCurvePrivateKey) or certificate.public_key() != key.public_key():
        raise AuthorityError(f"key and certificate in {bundle} do not belong together; {fix}")
    if certificate.not_valid_after_utc <= datetime.datetime.now(datetime.UTC):
        raise AuthorityError(
            f"the development CA in {bundle} ended on {certificate.not_valid_after_utc:%Y-%m-%d}; {fix}"
        )
    return DevelopmentAuthority(key, certificate, bundle.with_name(CERTIFICATE))


def _make(bundle: Path, *, replace: bool) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    now = datetime.datetime.now(datetime.UTC)
    # The serial in the name keeps two authorities apart that somebody trusts one after the other.
    subject = _subject(f"Sandtable development CA {secrets.token_hex(4)}")
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - BACKDATED)
        .not_valid_after(now + datetime.timedelta(days=AUTHORITY_DAYS))
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(authority=True), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(key, hashes.SHA256())
    )
    text = _key_pem(key).encode("ascii") + certificate.public_bytes(serialization.Encoding.PEM)
    draft = bundle.with_name(f".{BUNDLE}.{os.getpid()}.{secrets.token_hex(4)}")
    try:
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as stream:
            stream.write(text)
        if replace:
            draft.replace(bundle)
        else:
            # Unlike a rename this fails when another process was faster, whose authority is then the one to use.
            with contextlib.suppress(FileExistsError):
                os.link(draft, bundle)
    finally:
        draft.unlink(missing_ok=True)


def _publish(authority: DevelopmentAuthority) -> None:
    path, text = authority.certificate_path, authority.certificate_pem
    if path.exists() and path.read_text(encoding="ascii", errors="replace") == text:
        return
    draft = path.with_name(f".{CERTIFICATE}.{os.getpid()}.{secrets.token_hex(4)}")
    try:
        draft.write_text(text, encoding="ascii")
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)


def _subject(common_name: str) -> x509.Name:
    return x509.Name(
        [
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, ORGANISATION),
            # A common name holds 64 characters; clients look at the alternative names only.
            x509.NameAttribute(NameOID.COMMON_NAME, common_name[:64]),
        ]
    )


def _general_name(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name.encode("idna").decode("ascii") if not name.isascii() else name)


def _usage(*, authority: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not authority,
        key_cert_sign=authority,
        crl_sign=authority,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


def _key_pem(key: ec.EllipticCurvePrivateKey) -> str:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode("ascii")
