"""Tokens (`oauth_credential`): issued, found again, returned while they live, revoked, and what a bearer opens."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sandtable.core.values.texts import comma_list
from sandtable.oauth import access_tokens
from sandtable.oauth.errors import InvalidGrant
from sandtable.oauth.records import matching, moment, moment_text, one
from sandtable.oauth.registered.clients import ENTITY, lifespan
from sandtable.oauth.secrets import digest, new_token, same
from sandtable.oauth.users import by_sys_id, session_of

if TYPE_CHECKING:
    from sandtable.core.platform.contracts import Instance, Session
    from sandtable.core.platform.record import Record

CREDENTIAL = "oauth_credential"
ACCESS, REFRESH, CODE = "access_token", "refresh_token", "authorization_code"
ACTIVE = "com.snc.platform.security.oauth.is.active"
DEFAULT_LIFESPAN = {ACCESS: 1800, REFRESH: 8_640_000}


@dataclass(frozen=True, slots=True)
class Issued:
    """What a grant issued: an access token, its refresh token if it has one, and the scope of both."""

    access: Record
    scope: str
    refresh: Record | None = None


def issue(
    instance: Instance,
    client: Record,
    user: Record,
    *,
    scope: str,
    grant_type: str,
    refresh: Record | None = None,
    code: Record | None = None,
) -> Record:
    """Store a new access token and return it; `refresh` and `code` are what it came from, and end it when revoked."""
    life = lifespan(client, "access_token_lifespan", DEFAULT_LIFESPAN[ACCESS])
    expires = instance.clock.timestamp() + life
    return _store(
        instance,
        access_tokens.make(instance, client, user, scope=scope, expires=expires),
        type=ACCESS,
        expires=moment_text(expires),
        user=user.sys_id,
        peer=client.sys_id,
        scopes=scope,
        grant_type=grant_type,
        refresh_token=refresh.sys_id if refresh is not None else "",
        authorization_code=code.sys_id if code is not None else "",
    )


def issue_refresh(
    instance: Instance, client: Record, user: Record, *, scope: str, grant_type: str, code: Record | None = None
) -> Record:
    """Store a new refresh token and return it."""
    life = lifespan(client, "refresh_token_lifespan", DEFAULT_LIFESPAN[REFRESH])
    return _store(
        instance,
        new_token(instance),
        type=REFRESH,
        expires=moment_text(instance.clock.timestamp() + life),
        user=user.sys_id,
        peer=client.sys_id,
        scopes=scope,
        grant_type=grant_type,
        authorization_code=code.sys_id if code is not None else "",
    )


def store_code(
    instance: Instance, client: Record, user: Record, *, scope: str, redirect_uri: str, challenge: str, seconds: int
) -> Record:
    """Store a new authorization code and return it; it can be redeemed once, within some seconds."""
    return _store(
        instance,
        new_token(instance)[:43],
        type=CODE,
        expires=moment_text(instance.clock.timestamp() + seconds),
        user=user.sys_id,
        peer=client.sys_id,
        scopes=scope,
        redirect_uri=redirect_uri,
        code_challenge=challenge,
    )


def find(instance: Instance, token: str, *kinds: str) -> Record | None:
    """Return the credential behind a token that a client presents, if it is one of these kinds."""
    if not token:
        return None
    name = digest(token)
    # Each call of an API asks for its token; the record is remembered until any credential changes.
    found = instance.cached(("credential", name), (CREDENTIAL,), lambda: one(instance, CREDENTIAL, token_digest=name))
    if found is None or not same(found["token"], token) or found["type"] not in kinds:
        return None
    return found


def seconds_left(instance: Instance, credential: Record) -> int:
    """Return the whole seconds until a token ends; 0 or less for one that has ended."""
    expires = moment(credential["expires"])
    return 0 if expires is None else math.floor(expires - instance.clock.timestamp())


def has_ended(instance: Instance, credential: Record) -> bool:
    """Return whether a token has expired or was revoked."""
    expires = moment(credential["expires"])
    return expires is None or instance.clock.timestamp() >= expires


def current(instance: Instance, client: Record, user: Record, *, scope: str, grant_type: str) -> Issued | None:
    """Return the tokens in force that a grant issued to this client and user, the newest; None when it must issue.

    Documented: within the life of a token, asking again returns the same one. Property `sandtable.oauth.reuse_tokens`
    lists the grants that do so. One whose refresh token has ended is not returned again.
    """
    if not _reuses(instance, grant_type):
        return None
    for access in _in_force(instance, peer=client.sys_id, user=user.sys_id, grant_type=grant_type, scopes=scope):
        if not access["refresh_token"]:
            return Issued(access, scope)
        refresh = _credential(instance, access["refresh_token"])
        if refresh is not None and not has_ended(instance, refresh):
            return Issued(access, scope, refresh)
    return None


def access_from(instance: Instance, client: Record, refresh: Record, *, scope: str, grant_type: str) -> Record | None:
    """Return the access token in force that came from a refresh token, the newest; None when one must be issued."""
    if not _reuses(instance, grant_type):
        return None
    return next(_in_force(instance, peer=client.sys_id, refresh_token=refresh.sys_id, scopes=scope), None)


def _reuses(instance: Instance, grant_type: str) -> bool:
    reusing = instance.property("sandtable.oauth.reuse_tokens", "password,refresh_token")
    return grant_type in set(comma_list(reusing))


def _in_force(instance: Instance, **values: str) -> Iterator[Record]:
    """Yield the access tokens that a client can still use for a second or more, the one that lasts longest first."""
    asked = f"expires>{instance.clock.text()}^ORDERBYDESCexpires"
    page = (
        instance.system()
        .table(CREDENTIAL)
        .page(asked, limit=50, offset=0, count=False, filters={**values, "type": ACCESS})
    )
    for access in page.records:
        if all(access[name] == value for name, value in values.items()) and seconds_left(instance, access) >= 1:
            yield access


def revoke(instance: Instance, credential: Record) -> None:
    """End a token now; with a refresh token or a code all access tokens that came from it (RFC 7009, 2.1)."""
    for each in (credential, *descendants(instance, credential)):
        if not has_ended(instance, each):
            _end(instance, each)


def descendants(instance: Instance, credential: Record) -> list[Record]:
    """Return the tokens that came from a refresh token or an authorization code, directly or not."""
    found: dict[str, Record] = {}
    waiting = [credential]
    while waiting:
        parent = waiting.pop()
        column = {REFRESH: "refresh_token", CODE: "authorization_code"}.get(parent["type"])
        children = matching(instance, CREDENTIAL, **{column: parent.sys_id}) if column else []
        waiting += [child for child in children if child.sys_id not in found]
        found |= {child.sys_id: child for child in children}
    return list(found.values())


def mark_used(instance: Instance, credential: Record, successor: Record | None = None) -> None:
    """Note that a code has been redeemed, or a refresh token replaced by its successor."""
    access = instance.system().table(CREDENTIAL)
    access.update(credential.sys_id, {"used": "true"})
    if successor is not None:
        access.update(successor.sys_id, {"refresh_token": credential.sys_id})


def session_for_bearer(instance: Instance, token: str, explain: Callable[[str], None] | None = None) -> Session | None:
    """Return a session of the user of an access token, or None for a token that opens nothing.

    Why it opens nothing goes to the log, and to `explain`. Only access tokens that this instance issued are accepted:
    never a refresh token, a code, or an assertion.
    """

    def find() -> Record:
        return by_sys_id(instance, check_bearer(instance, token)["user"])

    return session_of(instance, find, explain, what="Bearer token", topic="OAuth")


def check_bearer(instance: Instance, token: str) -> Record:
    """Return the credential of an access token that is in force. Raises InvalidGrant, which says why it is not."""
    if not instance.property_is_true(ACTIVE, True):
        raise InvalidGrant(f"OAuth is off: property {ACTIVE} is false")
    credential = find(instance, token, ACCESS)
    if credential is None:
        other = find(instance, token, REFRESH, CODE)
        if other is not None:
            raise InvalidGrant(f"it is {'a refresh token' if other['type'] == REFRESH else 'an authorization code'}")
        looks_signed = token.count(".") == 2
        raise InvalidGrant(
            "it is no token of this instance" + (", and tokens of others are not accepted" if looks_signed else "")
        )
    if has_ended(instance, credential):
        raise InvalidGrant(f"it ended at {credential['expires']} UTC")
    client = client_of(instance, credential)
    if client is None or client["active"] != "true":
        raise InvalidGrant("the client it was issued to is inactive or gone")
    return credential


def client_of(instance: Instance, credential: Record) -> Record | None:
    """Return the client that a credential was issued to."""
    return instance.system().table(ENTITY).find(credential["peer"]) if credential["peer"] else None


def _store(instance: Instance, token: str, **values: str) -> Record:
    return (
        instance.system()
        .table(CREDENTIAL)
        .insert(
            {
                **values,
                "token": token,
                "token_digest": digest(token),
                "token_received": instance.clock.text(),
            }
        )
    )


def _credential(instance: Instance, sys_id: str) -> Record | None:
    return instance.system().table(CREDENTIAL).find(sys_id) if sys_id else None


def _end(instance: Instance, credential: Record) -> None:
    instance.system().table(CREDENTIAL).update(credential.sys_id, {"expires": instance.clock.text()})
