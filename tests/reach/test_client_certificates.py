"""A client's certificate signs in the user that the instance maps it to, and only while the records say so."""

from __future__ import annotations

import base64
import datetime
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from sandtable.core.platform.instance import Instance
from sandtable.serving.assembly import client_authorities, create_instance
from sandtable.serving.reach import Reach
from sandtable.settings.settings import Settings
from sandtable.web.app import create_app
from sandtable.web.worlds.worlds import Worlds

pytestmark = [
    pytest.mark.documented("ServiceNow documentation, Certificate-based authentication; KB0993615"),
    pytest.mark.reads_clock,
]

ENABLED = "glide.authenticate.mutual.enabled"


class Issued:
    """A certificate with its key, signed by another or by itself."""

    def __init__(self, name: str, by: Issued | None = None, *, authority: bool = False, days: int = 30) -> None:
        self.name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        self.key = ec.generate_private_key(ec.SECP256R1())
        now = datetime.datetime.now(datetime.UTC)
        signer = by or self
        self.certificate = (
            x509.CertificateBuilder()
            .subject_name(self.name)
            .issuer_name(signer.name)
            .public_key(self.key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - datetime.timedelta(days=60))
            .not_valid_after(now + datetime.timedelta(days=days))
            .add_extension(x509.BasicConstraints(ca=authority, path_length=None), critical=True)
            .sign(signer.key, hashes.SHA256())
        )
        self.pem = self.certificate.public_bytes(serialization.Encoding.PEM).decode()

    def file(self, folder: Path, *chain: Issued) -> str:
        secret = self.key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        ).decode()
        path = folder / f"{self.certificate.serial_number:x}.pem"
        path.write_text(self.pem + "".join(each.pem for each in chain) + secret)
        return str(path)


@pytest.fixture(scope="module")
def root() -> Issued:
    return Issued("Root of the integrations", authority=True)


@pytest.fixture(scope="module")
def client(root: Issued) -> Issued:
    return Issued("integration", root)


@pytest.fixture
def instance() -> Instance:
    return create_instance(random_seed=5)


@pytest.fixture
def reach(instance: Instance, ca_folder: Path) -> Iterator[Reach]:
    worlds = Worlds(instance)
    settings = Settings(port=0, tls=True, ca_folder=str(ca_folder))
    running = Reach(create_app(worlds, settings), settings, lambda: client_authorities(worlds)).start()
    yield running
    running.stop()


def add(instance: Instance, table: str, **values: str) -> str:
    return instance.system().table(table).insert(values).sys_id


def map_to(instance: Instance, user_name: str, certificate: Issued, **values: str) -> str:
    user = instance.system().table("sys_user").first(filters={"user_name": user_name})
    assert user is not None
    known = {"name": user_name, "user": user.sys_id, "pem_certificate": certificate.pem}
    return add(instance, "sys_user_certificate", **(known | values))


def ask(reach: Reach, cert: str | None, path: str = "", **more: object) -> requests.Response:
    assert reach.authority is not None
    with requests.Session() as session:
        session.trust_env = False
        url = reach.server.url + (path or "/api/now/ui/user/current_user")
        return session.get(url, cert=cert, verify=str(reach.authority.certificate_path), **more)  # type: ignore[arg-type]


def test_the_mapped_user_has_the_session(
    instance: Instance, reach: Reach, root: Issued, client: Issued, tmp_path: Path
) -> None:
    certificate = client.file(tmp_path)
    assert ask(reach, certificate).status_code == 401  # nobody was asked for one
    authority = add(instance, "sys_ca_certificate", name="Root", pem_certificate=root.pem)
    mapping = map_to(instance, "elastic.integration", client)
    answer = ask(reach, certificate)
    assert (answer.status_code, answer.json()["result"]["user_name"]) == (200, "elastic.integration")
    assert answer.headers["X-Is-Logged-In"] == "true"
    # Other credentials go first, and a client without a certificate is asked as before.
    assert ask(reach, certificate, auth=("admin", "admin")).json()["result"]["user_name"] == "admin"
    assert ask(reach, None, auth=("admin", "admin")).status_code == 200
    assert ask(reach, None).status_code == 401
    # What the records say now counts, also over connections to come only after the authority has gone.
    system = instance.system()
    system.table("sys_user_certificate").update(mapping, {"active": "false"})
    assert ask(reach, certificate).status_code == 401
    system.table("sys_user_certificate").update(mapping, {"active": "true"})
    assert ask(reach, certificate).status_code == 200
    system.table("sys_ca_certificate").update(authority, {"active": "false"})
    assert ask(reach, certificate).status_code == 401


@pytest.mark.parametrize(
    "case, told",
    [
        ("not mapped", "no active sys_user_certificate record has the client's certificate"),
        ("user is not active", "may not sign in"),
        ("switched off", f"{ENABLED} is false"),
        ("expired by the instance's clock", "expired at"),
        ("mapping without user", "names no user"),
    ],
)
def test_a_certificate_that_opens_nothing_is_a_401_and_told(
    instance: Instance, reach: Reach, root: Issued, client: Issued, tmp_path: Path, case: str, told: str
) -> None:
    add(instance, "sys_ca_certificate", name="Root", pem_certificate=root.pem)
    other = Issued("somebody else", root)
    mapping = map_to(instance, "elastic.integration", other if case == "not mapped" else client)
    system = instance.system()
    if case == "user is not active":
        user = system.table("sys_user").first(filters={"user_name": "elastic.integration"})
        assert user is not None
        system.table("sys_user").update(user.sys_id, {"active": "false"})
    elif case == "mapping without user":
        system.table("sys_user_certificate").update(mapping, {"user": ""})
    elif case == "expired by the instance's clock":
        instance.clock.advance(90 * 86_400)
    certificate = client.file(tmp_path)
    if case == "switched off":
        assert ask(reach, certificate).status_code == 200
        switch = system.table("sys_properties").first(filters={"name": ENABLED})
        assert switch is not None
        with requests.Session() as session:
            session.trust_env = False
            assert reach.authority is not None
            session.verify, session.cert = str(reach.authority.certificate_path), certificate
            url = reach.server.url + "/api/now/ui/user/current_user"
            assert session.get(url).status_code == 200
            system.table("sys_properties").update(switch.sys_id, {"value": "false"})
            session.cookies.clear()
            answer = session.get(url)  # over the connection whose certificate was asked for before
    else:
        answer = ask(reach, certificate)
    assert answer.status_code == 401
    assert answer.json()["error"]["message"] == "User is not authenticated"
    explained = ask(reach, None, "/_sandtable/requests").json()["requests"][-1]
    assert told in str(explained)


def test_a_stranger_gets_no_connection_and_a_chain_is_followed(
    instance: Instance, reach: Reach, root: Issued, tmp_path: Path
) -> None:
    middle = Issued("Issuer", root, authority=True)
    client = Issued("by the issuer", middle)
    add(instance, "sys_ca_certificate", name="Chain", pem_certificate=root.pem + middle.pem)
    stored = instance.system().table("sys_ca_certificate").first("")
    assert stored is not None
    assert (stored["type"], stored["subject"]) == ("ca_cert", "CN=Root of the integrations")
    map_to(instance, "elastic.integration", client)
    assert ask(reach, client.file(tmp_path)).status_code == 200
    stranger = Issued("stranger", Issued("unknown root", authority=True))
    map_to(instance, "admin", stranger)  # mapped, and still not trusted
    with pytest.raises(requests.exceptions.ConnectionError):
        ask(reach, stranger.file(tmp_path))
    own = Issued("signs itself")
    map_to(instance, "admin", own)
    with pytest.raises(requests.exceptions.ConnectionError):
        ask(reach, own.file(tmp_path))
    logged = [each["message"] for each in instance.system().table("syslog").query("source=Certificate")]
    assert ["no active sys_ca_certificate" in logged[0], "signs itself" in logged[1]] == [True, True]


def test_the_certificate_may_be_uploaded_to_the_record(
    instance: Instance, reach: Reach, root: Issued, client: Issued, tmp_path: Path
) -> None:
    authority = add(instance, "sys_ca_certificate", name="Root")
    user = instance.system().table("sys_user").first(filters={"user_name": "elastic.integration"})
    assert user is not None
    mapping = add(instance, "sys_user_certificate", name="integration", user=user.sys_id)
    assert reach.authority is not None
    for table, sys_id, pem in (
        ("sys_ca_certificate", authority, root.pem),
        ("sys_user_certificate", mapping, client.pem),
    ):
        answer = requests.post(
            f"{reach.server.url}/api/now/attachment/file",
            params={"table_name": table, "table_sys_id": sys_id, "file_name": "certificate.pem"},
            headers={"Content-Type": "application/x-pem-file", "Authorization": "Basic " + _basic("admin", "admin")},
            data=pem,
            verify=str(reach.authority.certificate_path),
        )
        assert answer.status_code == 201
    stored = instance.system().table("sys_user_certificate").get(mapping)
    assert (stored["subject"], stored["issuer"], stored["type"]) == (
        "CN=integration",
        "CN=Root of the integrations",
        "client_cert",
    )
    assert ask(reach, client.file(tmp_path)).status_code == 200


def _basic(name: str, password: str) -> str:
    return base64.b64encode(f"{name}:{password}".encode()).decode()
