"""Certificates: what may be stored, what is read off it, and how a refused one is told."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.x509.oid import NameOID

from sandtable.core.platform.instance import Instance
from sandtable.core.values.errors import Aborted
from sandtable.oauth.setup import create_jwt_client
from sandtable.oauth.signed.certificates import BadCertificate, read_pem

FROM, UNTIL = dt.datetime(2026, 1, 2, 3, 4, 5, tzinfo=dt.UTC), dt.datetime(2036, 6, 7, 8, 9, 10, tzinfo=dt.UTC)


def certificate_of(key: Any) -> str:
    name = x509.Name(
        [
            x509.NameAttribute(NameOID.COMMON_NAME, "test only"),
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, "\u00dcnit"),
        ]
    )
    built = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(7)
        .not_valid_before(FROM)
        .not_valid_after(UNTIL)
        .sign(key, None if isinstance(key, ed25519.Ed25519PrivateKey) else hashes.SHA256())
    )
    return built.public_bytes(serialization.Encoding.PEM).decode()


@pytest.fixture(scope="module")
def good() -> str:
    return certificate_of(rsa.generate_private_key(65537, 2048))


def private_pem() -> str:
    key = ec.generate_private_key(ec.SECP256R1())
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode()


def public_pem() -> str:
    key = ec.generate_private_key(ec.SECP256R1()).public_key()
    return key.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo).decode()


def one_line(pem: str) -> str:
    first, *middle, last = pem.strip().splitlines()
    return "\n".join([first, "".join(middle), last])


@pytest.mark.documented("the form shows issuer, subject and both dates of a certificate")
def test_what_is_read(good: str) -> None:
    for text in (
        good,
        good.replace("\n", "\r\n"),
        f"\n  {good}  \n",
        "".join(f"{line}\n" for line in good.splitlines()),
    ):
        certificate = read_pem(text)
        assert (certificate.valid_from, certificate.expires) == ("2026-01-02 03:04:05", "2036-06-07 08:09:10")
        assert certificate.subject == certificate.issuer
        assert "CN=test only" in certificate.subject
        assert "\u00dcnit" in certificate.subject


REFUSED = [
    ("empty", lambda good: " ", "no PEM text"),
    ("words", lambda good: "a certificate", "no PEM text"),
    ("no end", lambda good: good.partition("-----END")[0], "no PEM text"),
    ("key", lambda good: private_pem(), "private key"),
    ("key beside it", lambda good: good + private_pem(), "private key"),
    ("public key", lambda good: public_pem(), "it holds a public key"),
    ("two", lambda good: good + good, "must hold one certificate, not 2"),
    ("one line", one_line, "more than 64 characters"),
    ("broken base64", lambda good: good.replace("MII", "!!!", 1), "cannot be read"),
    ("other bytes", lambda good: "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", "cannot be read"),
    ("not ASCII", lambda good: good.replace("MII", "M\u00fcI", 1), "cannot be read"),
    ("small key", lambda good: certificate_of(rsa.generate_private_key(65537, 1024)), "1024 bits; 2048 or more"),
    ("Ed25519", lambda good: certificate_of(ed25519.Ed25519PrivateKey.generate()), "neither RSA nor EC"),
]


@pytest.mark.parametrize("make, reason", [row[1:] for row in REFUSED], ids=[row[0] for row in REFUSED])
@pytest.mark.assumed(
    "an upload must be an X.509 certificate with lines of 64 (recorded); which texts are refused is ours"
)
def test_refused_uploads(instance: Instance, good: str, make: Callable[[str], str], reason: str) -> None:  # J56
    with pytest.raises(BadCertificate, match=reason):
        read_pem(make(good))
    before = instance.system().table("sys_certificate").count()
    with pytest.raises(Aborted) as refused:
        instance.system().table("sys_certificate").insert({"name": "refused", "pem_certificate": make(good)})
    assert reason in refused.value.reason
    assert instance.system().table("sys_certificate").count() == before
    assert reason in instance.system().table("syslog").query("source=OAuth")[-1]["message"]


@pytest.mark.ours("both limits are properties")
def test_limits_are_properties(instance: Instance, good: str) -> None:
    instance.set_property("sandtable.certificate.strict_pem", "false")
    instance.set_property("sandtable.certificate.smallest_rsa_key", "1024")
    for text in (one_line(good), certificate_of(rsa.generate_private_key(65537, 1024))):
        record = instance.system().table("sys_certificate").insert({"name": "lenient", "pem_certificate": text})
        assert record["expires"] == "2036-06-07 08:09:10"


@pytest.mark.ours("an update cannot replace a certificate by something else")
def test_updates_are_checked(instance: Instance, good: str) -> None:
    table = instance.system().table("sys_certificate")
    record = table.insert({"name": "good", "pem_certificate": good})
    assert (record["format"], record["type"], record["active"]) == ("pem", "trust_store_cert", "true")
    with pytest.raises(Aborted):
        table.update(record.sys_id, {"pem_certificate": "nonsense"})
    assert table.get(record.sys_id)["pem_certificate"] == record["pem_certificate"]
    assert table.update(record.sys_id, {"name": "renamed"})["subject"] == record["subject"]


@pytest.mark.ours("a JWT client is created whole or not at all")
def test_setup_is_whole_or_nothing(instance: Instance, good: str) -> None:
    tables = ("sys_certificate", "oauth_jwt", "jwt_verifier_map")
    counts = [instance.system().table(name).count() for name in tables]
    with pytest.raises(Aborted):
        create_jwt_client(instance, "nonsense", name="refused")
    create_jwt_client(instance, good, name="first", client_id="taken")
    with pytest.raises(Exception, match="Duplicate entry 'taken'"):
        create_jwt_client(instance, good, name="second", client_id="taken")
    assert [instance.system().table(name).count() for name in tables] == [count + 1 for count in counts]


@pytest.mark.documented("client ID, client secret and key ID are generated where they are left empty")
def test_what_is_generated(instance: Instance, good: str) -> None:
    made = create_jwt_client(instance, good, name="generated")
    assert all(len(text) == 32 for text in (made.client_id, made.client_secret, made.key_id))
    assert made.user_field == "email"
    client = instance.system().table("oauth_jwt").get(made.oauth_jwt)
    assert (client["clock_skew"], client["enable_jti_verification"], client["inbound_grant_type"]) == (
        "300",
        "true",
        "jwt",
    )
    assert (client["access_token_lifespan"], client["refresh_token_lifespan"]) == ("1800", "8640000")
    given = create_jwt_client(
        instance, good, name="given", client_id="i", client_secret="s", key_id="k", user_field="user_name", public=True
    )
    assert (given.client_id, given.client_secret, given.key_id, given.user_field) == ("i", "s", "k", "user_name")
    assert instance.system().table("oauth_jwt").get(given.oauth_jwt)["public_client"] == "true"


@pytest.mark.ours("the stars that stand for a secret are not stored as one")
def test_stars_keep_the_secret(instance: Instance, good: str) -> None:
    made = create_jwt_client(instance, good, name="stars", client_secret="kept")
    table = instance.system().table("oauth_jwt")
    assert table.update(made.oauth_jwt, {"client_secret": "********", "name": "renamed"})["client_secret"] == "kept"
    assert table.update(made.oauth_jwt, {"client_secret": "new"})["client_secret"] == "new"
