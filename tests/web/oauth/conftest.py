"""A registered JWT client, the keys of several clients and of an attacker, and a user whom assertions speak for.

All keys and secrets here are made for the tests, or are worth nothing outside them.
"""

from __future__ import annotations

import base64
import datetime as dt
import json
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import jwt
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.x509.oid import NameOID

from sandtable.core.platform.instance import Instance
from sandtable.oauth.setup import JwtClient, create_jwt_client

if TYPE_CHECKING:
    import requests
    from tests.web.conftest import Wire

BEARER = "urn:ietf:params:oauth:grant-type:jwt-bearer"
SECRET = "test-only-secret"
EMAIL = "jwt.user@example.com"
AD401 = {"error_description": "access_denied", "error": "server_error"}


@dataclass(frozen=True)
class Keys:
    """A private key and a self-signed certificate for it."""

    private: Any
    certificate: str

    @property
    def public_pem(self) -> bytes:
        return self.private.public_key().public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
        )


def certificate_of(key: Any, *, name: str = "test only", days: tuple[int, int] = (-1, 360), signer: Any = None) -> str:
    """Return a self-signed certificate in PEM, valid from and to so many days from now."""
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = dt.datetime.now(dt.UTC)
    signing = signer or key
    built = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now + dt.timedelta(days=days[0]))
        .not_valid_after(now + dt.timedelta(days=days[1]))
        .sign(signing, None if isinstance(signing, ed25519.Ed25519PrivateKey) else hashes.SHA256())
    )
    return built.public_bytes(serialization.Encoding.PEM).decode("ascii")


def segment(value: object) -> str:
    """Return one part of a compact JWT: bytes as they are, anything else as JSON."""
    data = value if isinstance(value, bytes) else json.dumps(value).encode()
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode("ascii")


@pytest.fixture(scope="session")
def key_ring() -> Mapping[str, Keys]:
    """Key pairs by name: own, other (a second client's or an attacker's), small, p256, p384, ed25519."""
    private = {
        "own": rsa.generate_private_key(65537, 2048),
        "other": rsa.generate_private_key(65537, 2048),
        "small": rsa.generate_private_key(65537, 1024),  # too weak on purpose
        "p256": ec.generate_private_key(ec.SECP256R1()),
        "p384": ec.generate_private_key(ec.SECP384R1()),
        "p521": ec.generate_private_key(ec.SECP521R1()),
        "ed25519": ed25519.Ed25519PrivateKey.generate(),
    }
    return {name: Keys(key, certificate_of(key)) for name, key in private.items()}


@pytest.fixture
def oauth_user(instance: Instance) -> str:
    """The sys_id of the user whom assertions speak for."""
    users = instance.system().table("sys_user")
    return users.insert(
        {"user_name": "jwt.user", "email": EMAIL, "user_password": "p\u00e4ss:w\u00f6rd", "first_name": "Jay"}
    ).sys_id


class JwtSide:
    """What a client of the JWT bearer grant has and does: claims, a signature, a request."""

    def __init__(self, wire: Wire, instance: Instance, ring: Mapping[str, Keys], user: str) -> None:
        self.wire, self.instance, self.ring, self.user = wire, instance, ring, user
        self.registered: JwtClient = create_jwt_client(
            instance, ring["own"].certificate, name="Under test", client_secret=SECRET
        )

    @property
    def now(self) -> int:
        return int(self.instance.clock.timestamp())

    @property
    def client_id(self) -> str:
        return self.registered.client_id

    def claims(self, without: str = "", **changes: Any) -> dict[str, Any]:
        claims: dict[str, Any] = {
            "iss": self.client_id,
            "aud": self.client_id,
            "sub": EMAIL,
            "iat": self.now,
            "exp": self.now + 3600,
            "jti": str(uuid.uuid4()),
            **changes,
        }
        claims.pop(without, None)
        return claims

    def header(self, without: str = "", **changes: Any) -> dict[str, Any]:
        header = {"alg": "RS256", "typ": "JWT", "kid": self.registered.key_id, **changes}
        header.pop(without, None)
        return header

    def sign(
        self,
        claims: Any = None,
        header: Any = None,
        *,
        key: Any = None,
        alg: str = "RS256",
        payload: bytes | None = None,
    ) -> str:
        """Return a compact JWT whose header and payload may be anything, signed in earnest by `alg`."""
        head = self.header() if header is None else header
        body = payload if payload is not None else (self.claims() if claims is None else claims)
        signed = f"{segment(head)}.{segment(body)}"
        algorithm = jwt.algorithms.get_default_algorithms()[alg]
        signing = self.ring["own"].private if key is None else key
        return f"{signed}.{segment(algorithm.sign(signed.encode(), signing))}"

    def form(self, assertion: str | None = None, **changes: str) -> dict[str, str]:
        form = {
            "grant_type": BEARER,
            "assertion": self.sign() if assertion is None else assertion,
            "client_id": self.client_id,
            "client_secret": SECRET,
            **changes,
        }
        return {name: value for name, value in form.items() if value != "-"}

    def ask(self, form: Any = None, **options: Any) -> requests.Response:
        """Send a token request; by default a good one."""
        return self.wire.post("/oauth_token.do", auth=None, data=self.form() if form is None else form, **options)

    def change(self, table: str, sys_id: str, **values: str) -> None:
        self.instance.system().table(table).update(sys_id, values)

    def change_client(self, **values: str) -> None:
        self.change("oauth_jwt", self.registered.oauth_jwt, **values)

    def add_map(self, certificate: str, kid: str = "", **values: str) -> str:
        """Register one more certificate of the client and return its kid."""
        system = self.instance.system()
        stored = system.table("sys_certificate").insert({"name": "further", "pem_certificate": certificate})
        row = system.table("jwt_verifier_map").insert(
            {
                "name": "further",
                "oauth_jwt": self.registered.oauth_jwt,
                "sys_certificate": stored.sys_id,
                **({"kid": kid} if kid else {}),
                **values,
            }
        )
        return row["kid"]

    def reasons(self) -> list[str]:
        """Return what the log says of token requests, newest last."""
        rows = self.instance.system().table("syslog").query("source=OAuth")
        return [row["message"] for row in rows]


@pytest.fixture
def jwt_side(wire: Wire, instance: Instance, key_ring: Mapping[str, Keys], oauth_user: str) -> JwtSide:
    """A registered JWT client; the instance's clock stands still, so that boundaries are exact."""
    instance.clock.freeze()
    return JwtSide(wire, instance, key_ring, oauth_user)


@pytest.fixture
def outcome(instance: Instance) -> Callable[..., None]:
    """A check that an answer is what a profile makes of a code: (status, code) for rfc, one body for servicenow."""

    def check(answer: requests.Response, profile: str, status: int, code: str) -> None:
        assert answer.headers["Content-Type"].startswith("application/json")
        assert "X-Sandtable-Error" not in answer.headers
        if status == 200:
            document = answer.json()
            assert (answer.status_code, document["token_type"]) == (200, "Bearer")
            return
        if profile == "servicenow":
            assert (answer.status_code, answer.content) == (
                413 if status == 413 else 401,
                json.dumps(AD401, separators=(",", ":")).encode(),
            )
            return
        document = answer.json()
        assert (answer.status_code, document["error"]) == (status, code)
        description = document["error_description"]
        assert description.isascii()
        assert description.isprintable()
        assert not set('"\\') & set(description)
        assert "no-store" in answer.headers["Cache-Control"]

    return check


@pytest.fixture
def error_profile(instance: Instance, request: pytest.FixtureRequest) -> str:
    """The error profile in force; parametrize it indirectly with servicenow and rfc."""
    instance.set_property("sandtable.oauth.error_profile", request.param)
    return str(request.param)
