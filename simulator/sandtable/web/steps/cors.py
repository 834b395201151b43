"""CORS on the wire: preflights are answered before credentials are asked for, answers get their headers at the end."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from flask import Response, request

from sandtable.core.security.cors_rules import DEFAULT_PORTS, CorsRule, closest, names_in, parse_origin, rules_of
from sandtable.web.wire.api_identity import api_of

if TYPE_CHECKING:
    from sandtable.core.platform.instance import Instance
    from sandtable.web.transaction import Transaction

KILL_SWITCH = "glide.rest.cors.enabled"
TOKEN_PATH = "/oauth_token.do"
TOKEN_ORIGIN = "glide.oauth.cors.allowed.origin"
UNMATCHED_STATUS = "sandtable.cors.unmatched_preflight_status"
PRIVATE_NETWORK = "sandtable.cors.allow_private_network"
# Of the names that a preflight lists, so many come back; a browser sends a handful.
MOST_NAMES = 64


@dataclass(frozen=True, slots=True)
class Decision:
    """Whether the pages of an origin may read an answer, by which rule, and why.

    `allowed_origin` is the value of Access-Control-Allow-Origin, empty when there is none. A rule can match and not
    permit the method. `rule` is None at the token endpoint, which no rule covers.
    """

    why: str
    allowed_origin: str = ""
    rule: CorsRule | None = None
    methods: tuple[str, ...] = ()
    permits: bool = False


def decide(instance: Instance, origin: str, method: str, path: str) -> Decision:
    """Return what the instance says to a page of `origin` that sends `method` to `path`; nothing is written."""
    if path == TOKEN_PATH:
        return _token_endpoint(instance, origin, method)
    if not instance.property_is_true(KILL_SWITCH, True):
        return Decision(f"{KILL_SWITCH} is false, so no CORS rule is looked at")
    parsed = parse_origin(origin)
    if parsed is None:
        return Decision(f"Origin {origin!r} is not one http or https origin, so no CORS rule can match")
    api = api_of(instance, "GET" if method == "HEAD" else method, path)
    candidates = [
        rule
        for rule in rules_of(instance)
        if (rule.resource_path == path if rule.resource_path else api is not None and rule.api == api.path)
    ]
    target = api.label if api is not None else path
    rule = closest(candidates, parsed)
    if rule is None:
        others = ", ".join(sorted({_shown(each) for each in candidates})) or "none"
        return Decision(f"no active CORS rule for {target} has a domain that matches {origin}; domains there: {others}")
    permits = rule.permits(method)
    why = f"CORS rule {rule.name!r} matches {origin} for {target}"
    if not permits:
        why += f" and decides alone, but {method} is not ticked in it"
    return Decision(why, origin, rule, rule.methods, permits)


def _shown(rule: CorsRule) -> str:
    domain = rule.domain
    port = "" if domain.port == DEFAULT_PORTS[domain.scheme] else f":{domain.port}"
    return f"{domain.scheme}://{'*.' if domain.wildcard else ''}{domain.host}{port}"


def _token_endpoint(instance: Instance, origin: str, method: str) -> Decision:
    allowed = instance.property(TOKEN_ORIGIN).strip()
    parsed, permits = parse_origin(origin), method == "POST"
    if parsed is None or not allowed:
        return Decision(f"{TOKEN_ORIGIN} is {allowed!r}, which does not let {origin!r} in")
    if allowed == "*":
        return Decision(f"{TOKEN_ORIGIN} lets every origin in", "*", None, ("POST",), permits)
    # The property takes a host; with a scheme it is compared whole.
    wanted = parse_origin(allowed if "://" in allowed else f"{parsed.scheme}://{allowed}")
    if wanted != parsed:
        return Decision(f"{TOKEN_ORIGIN} is {allowed!r}, which does not let {origin!r} in")
    return Decision(f"{TOKEN_ORIGIN} lets {origin} in", origin, None, ("POST",), permits)


def answer_preflight(transaction: Transaction) -> Response | None:
    """Answer a preflight without credentials; None for every other request.

    A preflight is an OPTIONS with Origin and Access-Control-Request-Method, to an API, to the token endpoint, or to a
    resource that some rule names.
    """
    if transaction.environ["REQUEST_METHOD"] != "OPTIONS":
        return None
    origin, method = request.headers.get("Origin"), request.headers.get("Access-Control-Request-Method")
    if not origin or not method:
        return None
    path = request.path
    instance = transaction.instance
    with instance.transaction():
        covered = path.startswith("/api/") or path == TOKEN_PATH
        if not covered and not any(rule.resource_path == path for rule in rules_of(instance)):
            return None
        decision = decide(instance, origin, method, path)
        status = instance.property(UNMATCHED_STATUS, "200")
        private = instance.property_is_true(PRIVATE_NETWORK, False)
    transaction.explanations.append(decision.why)
    if not decision.allowed_origin:
        return Response(status=int(status) if status.isascii() and status.isdigit() and len(status) == 3 else 200)
    answer = Response(status=200)
    answer.headers["Access-Control-Allow-Methods"] = ",".join(decision.methods)
    allowed = _allowed_headers(decision.rule)
    if allowed:
        answer.headers["Access-Control-Allow-Headers"] = ",".join(allowed)
    if decision.rule is not None and decision.rule.max_age:
        answer.headers["Access-Control-Max-Age"] = decision.rule.max_age
    if private and request.headers.get("Access-Control-Request-Private-Network", "").lower() == "true":
        answer.headers["Access-Control-Allow-Private-Network"] = "true"
    _allow_origin(answer, decision)
    answer.vary.update(("Access-Control-Request-Method", "Access-Control-Request-Headers"))
    return answer


def _allowed_headers(rule: CorsRule | None) -> tuple[str, ...]:
    """Return the names for Access-Control-Allow-Headers.

    A `*` does not cover Authorization in a browser, and an empty list would shut out every client with credentials; in
    both cases the names asked for are allowed, one by one.
    """
    if rule is not None and rule.allow_headers and "*" not in rule.allow_headers:
        return rule.allow_headers
    return names_in(request.headers.get("Access-Control-Request-Headers", ""))[:MOST_NAMES]


def add_cors_headers(transaction: Transaction, answer: Response) -> Response:
    """Add the CORS headers to an answer, an error too, when a rule matches the request's origin and has its method."""
    origin = transaction.environ.get("HTTP_ORIGIN")
    if not origin or request.method == "OPTIONS":
        return answer
    instance = transaction.instance
    with instance.transaction():
        decision = decide(instance, origin, request.method, request.path)
    transaction.explanations.append(decision.why)
    if decision.permits:
        _allow_origin(answer, decision)
        if decision.rule is not None and decision.rule.exposed_headers:
            answer.headers["Access-Control-Expose-Headers"] = ",".join(decision.rule.exposed_headers)
    return answer


def _allow_origin(answer: Response, decision: Decision) -> None:
    answer.headers["Access-Control-Allow-Origin"] = decision.allowed_origin
    answer.vary.add("Origin")
    if decision.rule is not None and decision.rule.credentials:
        answer.headers["Access-Control-Allow-Credentials"] = "true"
