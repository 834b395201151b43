"""Keys made with the OpenSSL command line, as an administrator makes them, with and without a password."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from sandtable.core.platform.instance import Instance
from sandtable.core.values.errors import Aborted
from sandtable.oauth.setup import create_jwt_client

OPENSSL = shutil.which("openssl")
PASSWORD = "test-only passphrase"
pytestmark = [
    pytest.mark.skipif(OPENSSL is None, reason="needs the openssl command"),
    pytest.mark.documented("the set-up guide: an RSA key by openssl, with or without password, and its certificate"),
]


def openssl(folder: Path, *arguments: str) -> None:
    done = subprocess.run([str(OPENSSL), *arguments], cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("bits, password", [(2048, ""), (2048, PASSWORD), (3072, ""), (4096, PASSWORD)])
def test_a_key_of_openssl(
    instance: Instance, ask: Callable[..., Any], tmp_path: Path, bits: int, password: str
) -> None:
    encryption = ["-passout", f"pass:{password}", "-aes256"] if password else []
    openssl(tmp_path, "genrsa", *encryption, "-out", "example-private-key.pem", str(bits))
    openssl(
        tmp_path,
        *("req", "-new", "-x509", "-key", "example-private-key.pem", "-out", "example-sn-cert.pem", "-days", "360"),
        *("-subj", "/CN=test only"),
        *(["-passin", f"pass:{password}"] if password else []),
    )
    user = {"user_name": "open.ssl", "email": "open.ssl@example.com"}
    instance.system().table("sys_user").insert(user)
    client = create_jwt_client(instance, (tmp_path / "example-sn-cert.pem").read_text(), name="OpenSSL")
    key = load_pem_private_key(
        (tmp_path / "example-private-key.pem").read_bytes(), password.encode() if password else None
    )
    now = int(instance.clock.timestamp())
    claims = {"iss": client.client_id, "aud": client.client_id, "sub": user["email"], "iat": now, "exp": now + 3600}
    form = {
        "grant_type": "urn:ietf:params:oauth:grant-type:jwt-bearer",
        "client_id": client.client_id,
        "client_secret": client.client_secret,
        "assertion": jwt.encode(claims, key, algorithm="RS256", headers={"kid": client.key_id}),  # type: ignore[arg-type]
    }
    answer, reason = ask(form)
    assert (answer.status, reason) == (200, "")
    certificate = instance.system().table("sys_certificate").get(client.sys_certificate)
    assert certificate["subject"] == "CN=test only"


def test_a_weak_key_is_refused(instance: Instance, tmp_path: Path) -> None:
    openssl(tmp_path, "genrsa", "-out", "key.pem", "1024")
    openssl(tmp_path, "req", "-new", "-x509", "-key", "key.pem", "-out", "cert.pem", "-subj", "/CN=weak")
    with pytest.raises(Aborted) as refused:
        create_jwt_client(instance, (tmp_path / "cert.pem").read_text(), name="weak")
    assert "1024 bits; 2048 or more are needed" in refused.value.reason


def test_a_curve_of_openssl(instance: Instance, ask: Callable[..., Any], tmp_path: Path) -> None:
    openssl(tmp_path, "ecparam", "-name", "secp384r1", "-genkey", "-noout", "-out", "key.pem")
    openssl(tmp_path, "req", "-new", "-x509", "-key", "key.pem", "-out", "cert.pem", "-subj", "/CN=curve")
    instance.system().table("sys_user").insert({"user_name": "curve", "email": "curve@example.com"})
    client = create_jwt_client(instance, (tmp_path / "cert.pem").read_text(), name="Curve")
    now = int(instance.clock.timestamp())
    claims = {"iss": client.client_id, "aud": client.client_id, "sub": "curve@example.com", "exp": now + 60}
    signed = jwt.encode(claims, (tmp_path / "key.pem").read_text(), algorithm="ES384", headers={"kid": client.key_id})
    answer, reason = ask(
        {
            "grant_type": "urn:ietf:params:oauth:grant-type:jwt-bearer",
            "client_id": client.client_id,
            "client_secret": client.client_secret,
            "assertion": signed,
        }
    )
    assert (answer.status, reason) == (200, "")
