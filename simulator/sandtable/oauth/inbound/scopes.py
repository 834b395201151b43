"""Scopes: what a token's `scope` says, and which APIs the auth scopes of a client open.

Documented: `useraccount` is everything the user may do; an API that is bound to an auth scope (`sys_api_access_scope`)
refuses a token whose client has not got that scope; the client's scopes are read at each call. Source: ServiceNow
documentation, REST API auth scopes.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING

from sandtable.oauth.errors import InvalidScope
from sandtable.oauth.records import matching

if TYPE_CHECKING:
    from sandtable.core.platform.contracts import Instance
    from sandtable.core.platform.record import Record

USER_ACCOUNT = "useraccount"
MAPPING, AUTH_SCOPE, BINDING = "oauth_entity_auth_scope_mapping", "sys_auth_scope", "sys_api_access_scope"
CLIENT = "oauth_entity"
ENTITY_SCOPE = "oauth_entity_scope"
CHECKED = "com.glide.rest.api.auth.scope.check.enable"
_WITH_TABLE = frozenset({"now/table", "now/import", "now/stats"})
_PLATFORM: Mapping[str, str] = MappingProxyType(
    {
        "now/table": "Table API",
        "now/import": "Import Set API",
        "now/stats": "Aggregate API",
        "now/attachment": "Attachment API",
        "now/batch": "Batch API",
    }
)
_VERSION = re.compile(r"v\d+")
_SCOPE = re.compile(r"[\x21\x23-\x5B\x5D-\x7E]+(?: [\x21\x23-\x5B\x5D-\x7E]+)*")
ACCOUNT = "useraccount"


@dataclass(frozen=True, slots=True)
class Call:
    """The REST call that a token is used for: its API, method, version (`v2` or empty), what lies below, and table."""

    path: str
    label: str
    method: str
    version: str = ""
    resource: str = ""
    table: str = ""


def call_of(path: str, method: str) -> Call:
    """Return the REST call that a request path means; one that the platform does not ship is called by its path."""
    parts = [part for part in path.split("/") if part]
    if len(parts) < 3 or parts[0] != "api":
        return Call("", "", method.upper())
    version = parts.pop(2) if len(parts) > 3 and _VERSION.fullmatch(parts[2]) else ""
    below = f"{parts[1]}/{parts[2]}"
    table = parts[3] if below in _WITH_TABLE and len(parts) > 3 else ""
    label = f"{_PLATFORM.get(below, below)} [{below}]"
    return Call(below, label, method.upper(), version, "/".join(parts[3:]), table)


def auth_scopes(instance: Instance, client: Record) -> tuple[str, ...]:
    """Return the names of the auth scopes that a client has, in the order they were given."""
    names = []
    for row in matching(instance, MAPPING, oauth_entity=client.sys_id):
        scope = instance.system().table(AUTH_SCOPE).find(row["auth_scope"]) if row["auth_scope"] else None
        if scope is not None:
            names.append(scope["name"])
    return tuple(dict.fromkeys(names))


def granted(instance: Instance, client: Record, asked: str) -> str:
    """Return the scope of a token for a client that asks for some, or (empty) for none in particular.

    Raises InvalidScope for a malformed one and for one that the client may not have.
    """
    own = auth_scopes(instance, client) or (USER_ACCOUNT,)
    if not asked:
        return " ".join(own)
    if not _SCOPE.fullmatch(asked):
        raise InvalidScope("scope is malformed; it is a list of names with single blanks between them")
    rows = matching(instance, ENTITY_SCOPE, oauth_entity=client.sys_id)
    allowed = {*own, *(row["oauth_entity_scope"] or row["name"] for row in rows)}
    wanted = tuple(dict.fromkeys(asked.split(" ")))
    missing = [name for name in wanted if name not in allowed]
    if missing:
        raise InvalidScope(
            f"client {client['client_id']!r} may not have the scope {missing[0][:60]!r};"
            f" it has {', '.join(sorted(allowed))}"
        )
    return " ".join(wanted)


@dataclass(frozen=True, slots=True)
class Refused:
    """Why a token does not open an API: `scope` is the name it lacks, empty when the API is bound to none."""

    scope: str


def refused(instance: Instance, client: Record, call: Call) -> Refused | None:
    """Return why a client's tokens do not open an API, or None when they do."""
    if not instance.property_is_true(CHECKED, True):
        return None
    bindings = [row for row in _bindings(instance) if covers(row, call)]
    restricted = client["scope_restriction_status"] == "restricted"
    if not bindings and not restricted:
        return None
    if client["scope_restriction_status"] == ACCOUNT:
        return None  # as wide as the scope of the user account
    own = auth_scopes(instance, client)
    if not bindings:
        return None if USER_ACCOUNT in own else Refused("")
    if USER_ACCOUNT in own:
        return None
    names = [_scope_name(instance, row) for row in bindings]
    return None if any(name in own for name in names) else Refused(names[0])


def may_refuse(instance: Instance) -> bool:
    """Tell whether there is anything that some client's tokens do not open: an API bound to a scope, a held client."""

    def find() -> bool:
        restricted = matching(instance, CLIENT, scope_restriction_status="restricted")
        return bool(_bindings(instance) or restricted)

    tables = (BINDING, CLIENT, "sys_properties")
    return instance.property_is_true(CHECKED, True) and instance.cached(("scopes may refuse",), tables, find)


def covers(row: Record, call: Call) -> bool:
    """Return whether a record that names an API by `api`, `api_path` and the `apply_all_...` columns means a call."""
    if not _is_api(row, call):
        return False
    if row["apply_all"] == "true":
        return True
    if row["apply_all_methods"] != "true" and row["http_method"].upper() != call.method:
        return False
    if row["apply_all_versions"] != "true" and row["version"] != call.version:
        return False
    return row["apply_all_resources"] == "true" or row["api_resource"].strip("/") == call.resource.strip("/")


def _is_api(row: Record, call: Call) -> bool:
    named = row["api_path"].strip("/") or row["api"]
    return named in (call.path, call.label, call.label.partition(" [")[0]) or row["api"] == call.label


def _bindings(instance: Instance) -> tuple[Record, ...]:
    root = instance.dictionary.root(BINDING)
    return instance.cached(
        "api access scopes", (root,), lambda: tuple(instance.system().table(BINDING).query("active=true"))
    )


def _scope_name(instance: Instance, row: Record) -> str:
    scope = instance.system().table(AUTH_SCOPE).find(row["auth_scope"]) if row["auth_scope"] else None
    return scope["name"] if scope is not None else row["name"]
