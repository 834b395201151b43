"""REST API access policies: which ways of authentication an API takes (`sys_api_access_policy`).

Documented: of the policies that cover a call the one that says most about it decides, and only the authentication
profiles that are mapped to it are accepted; a policy for an API beats a global one. Without any policy every way but
the API key is accepted. Recorded: a policy with a mapped API key profile keeps Basic out, unless the profile for it is
mapped too. Source: ServiceNow documentation, API access policy prioritization.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sandtable.core.values.texts import comma_list
from sandtable.oauth.errors import InvalidGrant
from sandtable.oauth.inbound.scopes import Call, call_of, covers
from sandtable.oauth.records import matching

if TYPE_CHECKING:
    from sandtable.core.platform.contracts import Instance
    from sandtable.core.platform.record import Record

POLICY, PROFILE_MAPPING = "sys_api_access_policy", "sys_auth_profile_mapping"
PROFILE, KEY_PROFILE, STANDARD_PROFILE = "inbound_auth_profile", "http_key_auth", "std_http_auth"
HMAC_PROFILE = "http_hmac_auth"
AUTH_PARAMETER = "sys_token_auth_parameter"
BASIC, BEARER, API_KEY, HMAC = "basic", "bearer", "api key", "hmac"
HEADER, QUERY = "auth_header", "query_param"
# What a policy names of a call, the first first; one for all of an API says nothing of the three.
RANKS = (
    "method resource version",
    "method resource",
    "resource version",
    "resource",
    "method version",
    "method",
    "version",
    "",
)
GLOBAL = len(RANKS)


@dataclass(frozen=True, slots=True)
class Way:
    """One way of authentication that a policy accepts: the scheme; for keys and signatures also where they must be."""

    scheme: str
    place: str = ""
    parameter: str = ""
    profile: Record | None = None


def ways(instance: Instance, call: Call) -> tuple[Way, ...] | None:
    """Return the ways of authentication that the policies accept for a call, the newest mapping last.

    None means that no policy covers the call. A policy without mapped profiles accepts nothing in particular, so it
    counts as none.
    """
    active = _policies(instance)
    if not active:
        return None
    by_rank: dict[int, list[Way]] = {}
    for policy in active:
        if covers_call(instance, policy, call):
            rank, found = _rank(policy), _ways_of(instance, policy)
            if rank >= GLOBAL:
                found = [way for way in found if way.scheme not in (API_KEY, HMAC)]
            by_rank.setdefault(rank, []).extend(found)
    return next((tuple(by_rank[rank]) for rank in sorted(by_rank) if by_rank[rank]), None)


def mapped(instance: Instance, path: str, method: str, *, scheme: str, place: str, what: str) -> list[Way]:
    """Return the ways of a scheme and place that policies accept for a call. Raises InvalidGrant, naming `what`."""
    call = call_of(path, method)
    found = [way for way in ways(instance, call) or () if way.scheme == scheme and way.place == place]
    if not found:
        raise InvalidGrant(
            f"no active REST API access policy for {call.label or path[:80]!r} maps an {what} profile"
            f" whose parameter is {'a header' if place == HEADER else 'in the query string'}"
        )
    return found


def are_there(instance: Instance) -> bool:
    """Tell whether any access policy is active."""
    return bool(_policies(instance))


def key_parameters(instance: Instance) -> frozenset[str]:
    """Return the names, in lower case, that administrators chose for headers and query parameters with API keys."""

    def compute() -> frozenset[str]:
        records = instance.system().table(AUTH_PARAMETER).query()
        return frozenset(record["parameter_name"].strip().lower() for record in records)

    return instance.cached("key parameters", (instance.dictionary.root(AUTH_PARAMETER),), compute)


def _policies(instance: Instance) -> tuple[Record, ...]:
    root = instance.dictionary.root(POLICY)
    return instance.cached(
        "api access policies", (root,), lambda: tuple(instance.system().table(POLICY).query("active=true"))
    )


def _rank(policy: Record) -> int:
    """Return the place of a policy among those that cover a call: the lowest decides, the global ones come last."""
    every_method = policy["apply_all_methods"] == "true"
    if policy["apply_global"] == "true":
        return GLOBAL + every_method
    if policy["apply_all"] == "true":
        return RANKS.index("")
    named = {"method": not every_method}
    named |= {part: policy[f"apply_all_{part}s"] != "true" for part in ("resource", "version")}
    return RANKS.index(" ".join(part for part in ("method", "resource", "version") if named[part]))


def covers_call(instance: Instance, policy: Record, call: Call) -> bool:
    """Tell whether a policy, active or not, means a call and the table in it."""
    if policy["apply_global"] == "true":
        return policy["apply_all_methods"] == "true" or policy["http_method"].upper() == call.method
    return covers(policy, call) and _covers_table(instance, policy, call.table)


def _covers_table(instance: Instance, policy: Record, table: str) -> bool:
    if not table or policy["apply_all_tables"] == "true" or policy["apply_all"] == "true":
        return True
    listed = set(comma_list(policy["api_tablename"]))
    if table in listed:
        return True
    found = matching(instance, "sys_db_object", name=table)
    return any(record.sys_id in listed for record in found)


def _ways_of(instance: Instance, policy: Record) -> list[Way]:
    system = instance.system()
    found = []
    for mapping in matching(instance, PROFILE_MAPPING, api_access_policy=policy.sys_id):
        profile = (
            system.table(PROFILE).find(mapping["inbound_auth_profile"]) if mapping["inbound_auth_profile"] else None
        )
        if profile is None or profile["active"] != "true":
            continue
        if profile.table in (KEY_PROFILE, HMAC_PROFILE):
            parameter = (
                system.table(AUTH_PARAMETER).find(profile["auth_parameter"]) if profile["auth_parameter"] else None
            )
            if parameter is not None:
                scheme = API_KEY if profile.table == KEY_PROFILE else HMAC
                found.append(Way(scheme, parameter["type"], parameter["parameter_name"], profile))
        elif profile.table == STANDARD_PROFILE:
            found.append(Way(BEARER if profile["type"] == "oauth" else BASIC))
    return found
