"""Make what the Kibana stack needs before it starts: the CA, the key pair of the OAuth client, Kibana's settings.

    python prepare.py TEMPLATE SHARED CA

SHARED gets `ca.crt`, `kibana.yml` and `oauth.json` (the records by which the instance knows Kibana), for all the
containers; CA keeps the authority for the simulator alone. Keys that were made before are kept, so that a second start
does not lock Kibana out of its own data; all the rest is made again, so that an edited TEMPLATE or another password
takes effect.
"""

from __future__ import annotations

import datetime
import json
import os
import secrets
import shutil
import sys
from pathlib import Path
from typing import Any

import yaml
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID

from sandtable.serving.tls.authority import open_authority

SIMULATOR = 65532  # the user of the image
JWT_CONNECTOR = "servicenow-jwt"
TABLES = ("sys_certificate", "oauth_jwt", "jwt_verifier_map")


def prepare(template: Path, shared: Path, ca: Path, elasticsearch_password: str) -> None:
    """Fill the two folders. Raises OSError, and KeyError for a template without the JWT connector."""
    authority = open_authority(ca)
    (shared / "ca.crt").write_text(authority.certificate_pem, encoding="ascii")
    document = yaml.safe_load(template.read_text(encoding="utf-8"))
    made = made_once(shared / "made.json")
    connector = document["xpack.actions.preconfigured"][JWT_CONNECTOR]
    connector["secrets"]["privateKey"] = made["private_key"]
    document["xpack.encryptedSavedObjects.encryptionKey"] = made["encryption_key"]
    document["elasticsearch.password"] = elasticsearch_password
    records = oauth_records(connector, made)
    (shared / "oauth.json").write_text(json.dumps(records, indent=1), encoding="utf-8")
    (shared / "kibana.yml").write_text(yaml.safe_dump(document, sort_keys=False), encoding="utf-8")


def made_once(place: Path) -> dict[str, str]:
    """Return the keys and ids of this installation, from the file that keeps them if it is there."""
    if place.exists():
        kept: dict[str, str] = json.loads(place.read_text(encoding="utf-8"))
        return kept
    private_key, certificate = key_pair()
    made = {"private_key": private_key, "certificate": certificate, "encryption_key": secrets.token_hex(16)}
    made |= {table: secrets.token_hex(16) for table in TABLES}
    place.touch(mode=0o600)
    place.write_text(json.dumps(made, indent=1), encoding="utf-8")
    return made


def oauth_records(connector: dict[str, Any], made: dict[str, str]) -> dict[str, list[dict[str, str]]]:
    """Return the certificate, the OAuth JWT endpoint and the verifier map of a connector, as records by table."""
    ids = {table: made[table] for table in TABLES}
    config = connector["config"]
    endpoint = {
        "user_field": "email",
        "client_id": config["clientId"],
        "client_secret": connector["secrets"]["clientSecret"],
    }
    verifier = {
        "kid": config["jwtKeyId"],
        "oauth_jwt": ids["oauth_jwt"],
        "sys_certificate": ids["sys_certificate"],
    }
    values = {
        "sys_certificate": {"pem_certificate": made["certificate"]},
        "oauth_jwt": endpoint,
        "jwt_verifier_map": verifier,
    }
    return {table: [{"sys_id": ids[table], "name": "Kibana", **values[table]}] for table in ids}


def key_pair() -> tuple[str, str]:
    """Return a new RSA key and a certificate of its own signing, as PEM texts."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Kibana of the Sandtable compose file, test only")])
    now = datetime.datetime.now(datetime.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(hours=1))
        .not_valid_after(now + datetime.timedelta(days=3650))
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return private.decode("ascii"), certificate.public_bytes(serialization.Encoding.PEM).decode("ascii")


if __name__ == "__main__":
    template, shared, ca = (Path(given) for given in sys.argv[1:4])
    prepare(template, shared, ca, os.environ["ELASTICSEARCH_PASSWORD"])
    if os.geteuid() == 0:
        for path in (ca, *ca.iterdir()):
            shutil.chown(path, SIMULATOR, SIMULATOR)
    print(f"prepared {shared} and {ca}")
