"""Assertions are good for one exchange: the JTIs that a client has used, as records of `oauth_jti`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandtable.oauth.errors import InvalidGrant
from sandtable.oauth.records import matching, moment_text
from sandtable.oauth.secrets import digest

if TYPE_CHECKING:
    from sandtable.core.platform.contracts import Instance
    from sandtable.core.platform.record import Record

TABLE = "oauth_jti"
PRUNED_AT_ONCE = 100


def use_jti(instance: Instance, client: Record, jti: str, expires: float) -> None:
    """Remember a JTI of a client until its assertion has expired. Raises InvalidGrant for one used before.

    To be called last and in the transaction that issues the token: a request that fails for another reason does not use
    up its JTI, and of two at the same moment one is refused.
    """
    used = instance.system().table(TABLE)
    now = instance.clock.text()
    for record in used.query(f"expires<{now}", limit=PRUNED_AT_ONCE):
        used.delete(record.sys_id)
    name = digest(jti)
    if matching(instance, TABLE, oauth_jwt=client.sys_id, digest=name):
        raise InvalidGrant("JTI already used")
    used.insert({"oauth_jwt": client.sys_id, "digest": name, "expires": moment_text(expires)})
