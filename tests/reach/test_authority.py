"""The development CA is made once, kept from others' eyes, and signs what clients accept."""

from __future__ import annotations

import datetime
import ipaddress
import os
import socket
import ssl
import stat
import subprocess
import sys
import warnings
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID

from sandtable.serving.tls import authority as module
from sandtable.serving.tls.authority import BUNDLE, CERTIFICATE, DevelopmentAuthority, default_folder, open_authority
from sandtable.serving.tls.contexts import HostCertificates, context_from_files, matches, names_of
from sandtable.serving.tls.errors import AuthorityError

pytestmark = [
    pytest.mark.ours("one development CA a user, made once, with its key for its owner only"),
    pytest.mark.reads_clock,
]


def test_it_is_made_once(tmp_path: Path) -> None:
    folder = tmp_path / "new" / "folder"
    first, second = open_authority(folder), open_authority(folder)
    assert first.fingerprint == second.fingerprint
    assert first.certificate_path == folder / CERTIFICATE
    assert first.certificate_path.read_text() == first.certificate_pem
    assert "PRIVATE" not in first.certificate_pem
    assert sorted(path.name for path in folder.iterdir()) == [BUNDLE, CERTIFICATE]


def test_many_starts_at_once_agree(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        made = list(pool.map(lambda _: open_authority(tmp_path).fingerprint, range(16)))
    assert len(set(made)) == 1


@pytest.mark.skipif(sys.platform == "win32", reason="file modes are those of POSIX")
def test_only_its_owner_may_read_the_key(tmp_path: Path) -> None:
    old = os.umask(0)
    try:
        open_authority(tmp_path / "ca")
    finally:
        os.umask(old)
    assert stat.S_IMODE((tmp_path / "ca").stat().st_mode) == 0o700
    assert stat.S_IMODE((tmp_path / "ca" / BUNDLE).stat().st_mode) == 0o600


def test_a_lost_certificate_file_comes_back(tmp_path: Path) -> None:
    made = open_authority(tmp_path)
    made.certificate_path.write_text("something else")
    assert open_authority(tmp_path).certificate_path.read_text() == made.certificate_pem


def test_renewal_makes_another(tmp_path: Path) -> None:
    first = open_authority(tmp_path)
    second = open_authority(tmp_path, renew=True)
    assert first.fingerprint != second.fingerprint
    assert first.certificate.subject != second.certificate.subject
    assert open_authority(tmp_path).fingerprint == second.fingerprint
    assert (tmp_path / CERTIFICATE).read_text() == second.certificate_pem


def test_an_unusable_bundle_names_file_and_fix(tmp_path: Path) -> None:
    made = open_authority(tmp_path / "a")
    other = (open_authority(tmp_path / "b").certificate_path).read_text()
    bundle = tmp_path / "a" / BUNDLE
    key = bundle.read_text().partition("-----BEGIN CERTIFICATE-----")[0]
    for text in ("", "nonsense", made.certificate_pem, key, key + other):
        bundle.write_text(text)
        with pytest.raises(AuthorityError, match=rf"{BUNDLE}.*--renew"):
            open_authority(tmp_path / "a")


def test_an_expired_authority_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "AUTHORITY_DAYS", 0)
    with pytest.raises(AuthorityError, match=r"ended on .*--renew"):
        open_authority(tmp_path)


def test_a_folder_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(AuthorityError, match="--ca-folder"):
        open_authority(tmp_path / "file" / "below")


@pytest.mark.skipif(sys.platform == "win32", reason="the base directory specification is for other systems")
def test_the_folder_is_the_users_own(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    assert default_folder({"XDG_DATA_HOME": "/data"}) == Path("/data/sandtable")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert default_folder({}) == tmp_path / ".local" / "share" / "sandtable"
    assert default_folder({"XDG_DATA_HOME": ""}) == tmp_path / ".local" / "share" / "sandtable"


def test_a_server_certificate_says_what_it_is_for(authority: DevelopmentAuthority) -> None:
    text = authority.issue(["localhost", "127.0.0.1", "::1", "*.example.com", "bücher.example"])
    leaf, issuer = x509.load_pem_x509_certificates(text.encode())
    assert issuer.fingerprint(
        leaf.signature_hash_algorithm or pytest.fail("no hash")
    ) == authority.certificate.fingerprint(leaf.signature_hash_algorithm)
    leaf.verify_directly_issued_by(issuer)
    names = leaf.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert names.get_values_for_type(x509.DNSName) == ["localhost", "*.example.com", "xn--bcher-kva.example"]
    addresses = names.get_values_for_type(x509.IPAddress)
    assert addresses == [ipaddress.ip_address("127.0.0.1"), ipaddress.ip_address("::1")]
    assert leaf.extensions.get_extension_for_class(x509.BasicConstraints).value.ca is False
    assert list(leaf.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value) == [
        ExtendedKeyUsageOID.SERVER_AUTH
    ]
    assert leaf.not_valid_after_utc - leaf.not_valid_before_utc <= datetime.timedelta(days=398)
    assert issuer.extensions.get_extension_for_class(x509.BasicConstraints).value == x509.BasicConstraints(True, 0)
    with pytest.raises(ValueError, match="at least one name"):
        authority.issue([])


def test_names_of_a_server() -> None:
    own = ("localhost", "127.0.0.1", "::1", "acme.service-now.com")
    assert names_of("acme", "127.0.0.1") == own
    assert names_of("ACME", "192.168.1.5", ["snow"]) == (*own, "192.168.1.5", "snow")
    everywhere = names_of("acme", "0.0.0.0")
    assert everywhere[:4] == own
    assert set(everywhere[4:]) <= {socket.gethostname()}


@pytest.mark.parametrize(
    "host, patterns, expected",
    [
        ("acme.service-now.com", ["*.service-now.com"], True),
        ("ACME.Service-Now.Com.", ["*.service-now.com"], True),
        ("a.b.service-now.com", ["*.service-now.com"], True),
        ("service-now.com", ["*.service-now.com"], False),
        ("evilservice-now.com", ["*.service-now.com"], False),
        ("acme.service-now.com.evil.io", ["*.service-now.com"], False),
        ("snow", ["*.service-now.com", "snow"], True),
        ("anything", ["*"], True),
        ("anything", [], False),
    ],
)
def test_host_patterns(host: str, patterns: list[str], expected: bool) -> None:
    assert matches(host, patterns) is expected


def handshake(server: ssl.SSLContext, client: ssl.SSLContext, name: str | None) -> ssl.SSLObject:
    """Shake hands in memory, and return the client's side. Raises ssl.SSLError."""
    to_server, to_client = ssl.MemoryBIO(), ssl.MemoryBIO()
    ours = server.wrap_bio(to_server, to_client, server_side=True)
    theirs = client.wrap_bio(to_client, to_server, server_hostname=name)
    done: set[str] = set()
    while len(done) < 2:
        for side, end in (("client", theirs), ("server", ours)):
            try:
                end.do_handshake()
                done.add(side)
            except ssl.SSLWantReadError:
                continue
    return theirs


def trusting(authority: DevelopmentAuthority) -> ssl.SSLContext:
    client = ssl.create_default_context(cadata=authority.certificate_pem)
    # The strictest that any supported Python does by default.
    client.verify_flags |= ssl.VERIFY_X509_STRICT
    return client


@pytest.mark.parametrize("name", ["localhost", "127.0.0.1", "::1", "acme.service-now.com", "other.service-now.com"])
def test_a_certificate_for_the_name_asked_for(authority: DevelopmentAuthority, name: str) -> None:
    made = HostCertificates(authority, names_of("acme", "127.0.0.1"), ["*.service-now.com"])
    seen = handshake(made.context, trusting(authority), name).getpeercert() or {}
    assert name.upper() in str(seen["subjectAltName"]).upper() or name == "::1"


@pytest.mark.parametrize("name", ["example.com", "service-now.com", "a..service-now.com"])
def test_no_certificate_for_other_names(authority: DevelopmentAuthority, name: str) -> None:
    made = HostCertificates(authority, ["localhost"], ["*.service-now.com"])
    with pytest.raises((ssl.SSLCertVerificationError, ValueError)):
        handshake(made.context, trusting(authority), name)


def test_certificates_are_made_once_and_not_kept_without_end(authority: DevelopmentAuthority) -> None:
    from sandtable.serving.tls import contexts

    made = HostCertificates(authority, ["localhost"], ["*.service-now.com"])
    serials = {
        (handshake(made.context, trusting(authority), "acme.service-now.com").getpeercert() or {})["serialNumber"]
        for _ in range(3)
    }
    assert len(serials) == 1
    for number in range(contexts.MOST_CERTIFICATES + 5):
        made._for_host(f"h{number}.service-now.com")
    assert len(made._made) == contexts.MOST_CERTIFICATES


@pytest.mark.documented("ServiceNow documentation: TLS 1.2 and newer")
@pytest.mark.parametrize(
    "version, accepted",
    [(ssl.TLSVersion.TLSv1_1, False), (ssl.TLSVersion.TLSv1_2, True), (ssl.TLSVersion.TLSv1_3, True)],
)
def test_versions(authority: DevelopmentAuthority, version: ssl.TLSVersion, accepted: bool) -> None:
    made = HostCertificates(authority, ["localhost"])
    client = trusting(authority)
    client.set_ciphers("ALL:@SECLEVEL=0")
    with warnings.catch_warnings():
        # Asking for an old version is deprecated in the standard library too, and is what this test is about.
        warnings.simplefilter("ignore", DeprecationWarning)
        client.minimum_version = ssl.TLSVersion.MINIMUM_SUPPORTED
        client.maximum_version = version
    if accepted:
        assert handshake(made.context, client, "localhost").version() == version.name.replace("v1_", "v1.")
    else:
        with pytest.raises(ssl.SSLError, match="(?i)version|protocol"):
            handshake(made.context, client, "localhost")


def test_an_encrypted_key_is_refused_without_a_question(authority: DevelopmentAuthority, tmp_path: Path) -> None:
    text = authority.issue(["localhost"])
    key = ec.generate_private_key(ec.SECP256R1()).private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.BestAvailableEncryption(b"test only"),
    )
    (tmp_path / "cert.pem").write_text(text)
    (tmp_path / "key.pem").write_bytes(key)
    with pytest.raises(ssl.SSLError):
        context_from_files(str(tmp_path / "cert.pem"), str(tmp_path / "key.pem"))
    assert context_from_files(str(tmp_path / "cert.pem"), str(tmp_path / "cert.pem")).minimum_version >= 0x303


def test_openssl_accepts_the_chain(authority: DevelopmentAuthority, tmp_path: Path) -> None:
    import shutil

    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("no openssl on this machine")
    (tmp_path / "leaf.pem").write_text(authority.issue(["acme.service-now.com"]))
    done = subprocess.run(
        [openssl, "verify", "-x509_strict", "-purpose", "sslserver", "-verify_hostname", "acme.service-now.com"]
        + ["-CAfile", str(authority.certificate_path), str(tmp_path / "leaf.pem")],
        capture_output=True,
        text=True,
    )
    assert done.stdout.strip().endswith("OK"), done.stderr
