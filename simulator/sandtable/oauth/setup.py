"""A JWT client in one go: certificate, JWT API endpoint and verifier map, which an administrator makes one by one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sandtable.oauth.registered.clients import JWT_ENTITY
from sandtable.oauth.signed.certificates import TABLE as CERTIFICATE

if TYPE_CHECKING:
    from sandtable.core.platform.contracts import Instance, Session

VERIFIER_MAP = "jwt_verifier_map"


@dataclass(frozen=True, slots=True)
class JwtClient:
    """What a client needs to ask for tokens, and the sys_ids of the three records behind it."""

    client_id: str
    client_secret: str
    key_id: str
    user_field: str
    oauth_jwt: str
    jwt_verifier_map: str
    sys_certificate: str


def create_jwt_client(
    instance: Instance,
    pem: str,
    *,
    name: str,
    user_field: str = "email",
    client_id: str = "",
    client_secret: str = "",
    key_id: str = "",
    public: bool = False,
    session: Session | None = None,
) -> JwtClient:
    """Create the three records from a PEM certificate and return what the client needs; all of them, or none.

    Empty IDs and secrets are generated. It is done by `session`, which is the system's when left out. Raises
    PlatformError as any write does: Aborted for a PEM text that is no usable certificate.
    """
    writer = session or instance.system()
    with instance.transaction():
        certificate = writer.table(CERTIFICATE).insert({"name": name, "pem_certificate": pem})
        values = {"name": name, "user_field": user_field, "public_client": public}
        values |= {"client_id": client_id, "client_secret": client_secret}
        client = writer.table(JWT_ENTITY).insert({key: value for key, value in values.items() if value != ""})
        row = writer.table(VERIFIER_MAP).insert(
            {
                "name": name,
                "oauth_jwt": client.sys_id,
                "sys_certificate": certificate.sys_id,
                **({"kid": key_id} if key_id else {}),
            }
        )
    return JwtClient(
        client_id=client["client_id"],
        client_secret=client["client_secret"],
        key_id=row["kid"],
        user_field=client["user_field"],
        oauth_jwt=client.sys_id,
        jwt_verifier_map=row.sys_id,
        sys_certificate=certificate.sys_id,
    )
