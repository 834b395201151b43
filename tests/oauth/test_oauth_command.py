"""`sandtable oauth create-jwt-client`, against a live instance and a data file."""

from __future__ import annotations

import datetime as dt
import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import jwt
import pytest
import requests
from click.testing import CliRunner, Result
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID

from sandtable.cli import main
from sandtable.core.platform.instance import Instance
from sandtable.serving.assembly import create_instance
from sandtable.serving.server import Server
from sandtable.web.app import create_app
from sandtable.web.worlds.worlds import Worlds

pytestmark = pytest.mark.ours("one command registers a JWT client, whole or not at all")
TABLES = ("sys_certificate", "oauth_jwt", "jwt_verifier_map")


@pytest.fixture(scope="module")
def key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(65537, 2048)


@pytest.fixture
def certificate(key: rsa.RSAPrivateKey, tmp_path: Path) -> Path:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "test only")])
    now = dt.datetime.now(dt.UTC)
    built = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(7)
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=9))
        .sign(key, hashes.SHA256())
    )
    path = tmp_path / "cert.pem"
    path.write_bytes(built.public_bytes(serialization.Encoding.PEM))
    return path


@pytest.fixture
def url(instance: Instance) -> Iterator[str]:
    with Server(create_app(Worlds(instance))) as server:
        yield server.url


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Result]:
    for name in [name for name in os.environ if name.startswith("SANDTABLE_")]:
        monkeypatch.delenv(name)

    def invoke(*arguments: object, **env: str) -> Result:
        return CliRunner().invoke(main, ["oauth", "create-jwt-client", *map(str, arguments)], env=env)

    return invoke


def counts(instance: Instance) -> list[int]:
    return [instance.system().table(name).count() for name in TABLES]


def token_status(url: str, key: rsa.RSAPrivateKey, made: dict[str, Any], subject: str) -> int:
    import time

    now = int(time.time())
    claims = {"iss": made["client_id"], "aud": made["client_id"], "sub": subject, "iat": now, "exp": now + 60}
    form = {
        "grant_type": "urn:ietf:params:oauth:grant-type:jwt-bearer",
        "client_id": made["client_id"],
        "client_secret": made["client_secret"],
        "assertion": jwt.encode(claims, key, algorithm="RS256", headers={"kid": made["key_id"]}),
    }
    return requests.post(f"{url}/oauth_token.do", data=form, timeout=60).status_code


def test_a_client_of_a_running_instance(
    run: Callable[..., Result], url: str, certificate: Path, key: rsa.RSAPrivateKey
) -> None:
    done = run(certificate, "--url", url, "--password", "admin", "--json")
    assert done.exit_code == 0, done.output
    made = json.loads(done.stdout)
    assert all(len(made[name]) == 32 for name in ("client_id", "client_secret", "key_id"))
    assert token_status(url, key, made, "elastic.integration@example.com") == 200
    assert token_status(url, key, {**made, "client_secret": "x"}, "elastic.integration@example.com") == 401


def test_everything_can_be_chosen(
    run: Callable[..., Result], url: str, certificate: Path, key: rsa.RSAPrivateKey
) -> None:
    chosen = ("--client-id", "cid", "--client-secret", "s\u00e4cret", "--key-id", "kid", "--user-field", "user_name")
    done = run(certificate, "--url", f"{url}/", *chosen, SANDTABLE_OAUTH_PASSWORD="admin")
    assert done.exit_code == 0, done.output
    assert [line.split(":")[1].strip() for line in done.stdout.splitlines()] == [
        "cid",
        "s\u00e4cret",
        "kid",
        "user_name",
    ]
    made = {"client_id": "cid", "client_secret": "s\u00e4cret", "key_id": "kid"}
    assert token_status(url, key, made, "elastic.integration") == 200


def test_a_data_file(run: Callable[..., Result], certificate: Path, tmp_path: Path, key: rsa.RSAPrivateKey) -> None:
    data = tmp_path / "instance.db"
    create_instance(data=str(data)).close()
    done = run(certificate, "--data", data, "--json")
    assert done.exit_code == 0, done.output
    reopened = create_instance(data=str(data))
    with Server(create_app(Worlds(reopened))) as server:
        assert token_status(server.url, key, json.loads(done.stdout), "elastic.integration@example.com") == 200
    reopened.close()


@pytest.mark.parametrize(
    "content, reason",
    [
        (b"nonsense", "no PEM text"),
        (b"\xff\xfe", "no PEM text"),
        (b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", "cannot be read"),
        (b"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n", "private key"),
    ],
)
def test_no_certificate(run: Callable[..., Result], tmp_path: Path, content: bytes, reason: str) -> None:
    path = tmp_path / "bad.pem"
    path.write_bytes(content)
    done = run(path, "--url", "http://127.0.0.1:1")
    assert done.exit_code == 2
    assert reason in done.output


def test_wrong_use(run: Callable[..., Result], certificate: Path, tmp_path: Path) -> None:
    for arguments, reason in (
        ((certificate,), "either --url"),
        ((certificate, "--url", "http://x", "--data", "x"), "either --url"),
        ((certificate, "--url", "dev00000"), "is no URL"),
        ((certificate, "--data", tmp_path / "none.db"), "is no file"),
        ((tmp_path / "none.pem", "--url", "http://x"), "does not exist"),
    ):
        done = run(*arguments)
        assert done.exit_code == 2, done.output
        assert reason in done.output


def test_nobody_there(run: Callable[..., Result], certificate: Path) -> None:
    done = run(certificate, "--url", "http://127.0.0.1:1", "--password", "test-only")
    assert done.exit_code == 3
    assert "nobody answers at" in done.output
    assert "test-only" not in done.output


def test_refusals_leave_nothing(run: Callable[..., Result], url: str, certificate: Path, instance: Instance) -> None:
    before = counts(instance)
    done = run(certificate, "--url", url, "--password", "wrong")
    assert (done.exit_code, counts(instance)) == (1, before)
    assert "user or the password" in done.output
    done = run(certificate, "--url", url, "--user", "elastic.integration", "--password", "elastic-integration")
    assert (done.exit_code, counts(instance)) == (1, before)
    assert "403" in done.output
    instance.system().table("oauth_entity").insert({"name": "first", "client_id": "taken"})
    done = run(certificate, "--url", url, "--password", "admin", "--client-id", "taken")
    assert (done.exit_code, counts(instance)) == (1, before)
    assert "Duplicate entry 'taken'" in done.output


def test_a_data_file_that_is_none(run: Callable[..., Result], certificate: Path, tmp_path: Path) -> None:
    data = tmp_path / "no.db"
    data.write_bytes(b"this is no database" * 100)
    done = run(certificate, "--data", data)
    assert done.exit_code == 1
    assert "Traceback" not in done.output
