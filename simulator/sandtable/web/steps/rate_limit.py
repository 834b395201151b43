"""Rate limit rules: requests per user and hour, by API, version, table and method."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from flask import Response, request

from sandtable.core.values.errors import RateLimited
from sandtable.core.values.texts import whole_number
from sandtable.web.transaction import Transaction
from sandtable.web.wire.api_identity import RestApi, api_of

if TYPE_CHECKING:
    from sandtable.core.platform.contracts import Session
    from sandtable.core.platform.instance import Instance
    from sandtable.core.platform.record import Record

RULES, COUNTS, VIOLATIONS = "sys_rate_limit_rules", "sys_rate_limit_count", "sys_rate_limit_violations"
HOUR = 3600
# A rule for one user beats one for a role, which beats one for everybody.
PRECEDENCE = ("user", "role", "all")


def limit_rate(transaction: Transaction) -> Response | None:
    """Count the request against the rule that applies to it; raises RateLimited beyond the rule's limit."""
    instance = transaction.instance
    rules = active_rules(instance)
    if not rules:
        return None
    with instance.transaction():
        api = api_of(instance, request.method, request.path)
        if api is None:
            return None
        rule = rule_for(rules, api, request.method, transaction.session, request.path)
        if rule is None:
            return None
        now = instance.clock.timestamp()
        start = math.floor(now / HOUR) * HOUR
        limit = _limit(rule)
        count = _counted(instance, rule, transaction.session, start)
        transaction.response_headers += [
            ("X-RateLimit-Limit", str(limit)),
            ("X-RateLimit-Reset", str(start + HOUR)),
            ("X-RateLimit-Rule", rule.sys_id),
        ]
        if count <= limit:
            return None
        _note_violation(instance, rule, transaction.session, start)
    transaction.session.explain(f"rate limit rule {rule['name'] or rule.sys_id}: request {count} of {limit} this hour")
    raise RateLimited(rule.sys_id, limit, api.name, start + HOUR, max(1, math.ceil(start + HOUR - now)))


def active_rules(instance: Instance) -> tuple[Record, ...]:
    """Return the active rules that have a limit; remembered until one changes."""
    root = instance.dictionary.root(RULES)
    return instance.cached(
        "rate limit rules", (root,), lambda: tuple(instance.system().table(RULES).query("active=true^limitISNOTEMPTY"))
    )


def rule_for(rules: tuple[Record, ...], api: RestApi, method: str, session: Session, path: str) -> Record | None:
    """Return the rule that counts for a request: the most personal kind, and of that the lowest limit."""
    matching = [rule for rule in rules if _is_about(rule, api, method, path) and _is_for(rule, session)]
    for kind in PRECEDENCE:
        candidates = [rule for rule in matching if rule["type"] == kind]
        if candidates:
            return min(candidates, key=_limit)
    return None


def _is_about(rule: Record, api: RestApi, method: str, path: str) -> bool:
    names = ("", api.name, api.path, api.label)
    methods = ("", method, "GET" if method == "HEAD" else method)
    return (
        rule["rest_api"] in names
        and rule["api_version"].lower() in ("", api.version.lower())
        and rule["table"] in ("", api.table)
        and rule["http_method"].upper() in methods
        and rule["api_resource"].strip("/") in ("", path.strip("/"))
    )


def _is_for(rule: Record, session: Session) -> bool:
    if rule["type"] == "user":
        return rule["user"] == session.user_sys_id
    if rule["type"] == "role":
        role = session.instance.system().table("sys_user_role").find(rule["role"])
        return role is not None and role["name"] in session.roles
    return rule["type"] == "all"


def _limit(rule: Record) -> int:
    return whole_number(rule["limit"], 0)


def _counted(instance: Instance, rule: Record, session: Session, start: int) -> int:
    """Count one more request of the user in this hour, and return how many there were."""
    table = instance.system().table(COUNTS)
    window = _time(instance, start)
    mine = {"rule": rule.sys_id, "user": session.user_sys_id}
    found = table.first(filters=mine)
    if found is None:
        table.insert({**mine, "count": 1, "window_start": window})
        return 1
    count = int(found["count"] or "0") + 1 if found["window_start"] == window else 1
    table.update(found.sys_id, {"count": count, "window_start": window})
    return count


def _note_violation(instance: Instance, rule: Record, session: Session, start: int) -> None:
    table = instance.system().table(VIOLATIONS)
    window = _time(instance, start)
    mine = {"rule": rule.sys_id, "user": session.user_sys_id, "window_start": window}
    found = table.first(filters=mine)
    if found is not None:
        table.update(found.sys_id, {"count": int(found["count"] or "0") + 1})
    else:
        table.insert({**mine, "url": request.path, "method": request.method, "count": 1})


def _time(instance: Instance, timestamp: int) -> str:
    return type(instance.clock)(lambda: timestamp).text()
