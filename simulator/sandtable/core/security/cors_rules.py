"""CORS rules: which origins' pages may read the answers of which API.

Rules never stop a request; they decide what the answer says to a browser. Source: ServiceNow documentation, CORS rules;
the comparison of origins is that of the Fetch standard.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sandtable.core.platform.contracts import Instance
    from sandtable.core.platform.record import Record

TABLE, DEFINITIONS = "sys_cors_rule", "sys_ws_definition"
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
DEFAULT_PORTS: Mapping[str, int] = MappingProxyType({"http": 80, "https": 443})
WILDCARD = "*."
LONGEST_ORIGIN = 512

_ORIGIN = re.compile(
    r"(?P<scheme>https?)://(?P<host>\[[0-9a-f:.]+\]|[a-z0-9](?:[a-z0-9._\-]*[a-z0-9])?)(?::(?P<port>\d{1,5}))?",
    re.IGNORECASE,
)
_LABEL = re.compile(r"[a-z0-9_](?:[a-z0-9_\-]{0,61}[a-z0-9_])?")
_TOKEN = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+")


class BadDomain(ValueError):
    """A domain that a CORS rule may not have; the text says what is wrong with it."""


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a page came from: scheme, host in lower case, port (the scheme's own when none was written)."""

    scheme: str
    host: str
    port: int


@dataclass(frozen=True, slots=True)
class Domain:
    """What a rule says of origins: one origin, or with `wildcard` every host below `host`."""

    scheme: str
    host: str
    port: int
    wildcard: bool = False

    def matches(self, origin: Origin) -> bool:
        """Tell whether an origin is meant; scheme and port must be equal, and `*.` stands for one label or more."""
        if (self.scheme, self.port) != (origin.scheme, origin.port):
            return False
        if not self.wildcard:
            return self.host == origin.host
        return origin.host.endswith(f".{self.host}") and not origin.host.startswith(".")

    @property
    def closeness(self) -> tuple[bool, int]:
        """What to compare rules by that match the same origin: an exact one first, then the longest suffix."""
        return (not self.wildcard, len(self.host))


@dataclass(frozen=True, slots=True)
class CorsRule:
    """One active record of sys_cors_rule; `api` is a path below /api such as `now/table`, or `resource_path` is set."""

    name: str
    domain: Domain
    api: str = ""
    resource_path: str = ""
    methods: tuple[str, ...] = ()
    allow_headers: tuple[str, ...] = ()
    exposed_headers: tuple[str, ...] = ()
    max_age: str = ""
    credentials: bool = False

    def permits(self, method: str) -> bool:
        """Tell whether a method is ticked; HEAD goes with GET."""
        return ("GET" if method == "HEAD" else method) in self.methods


def parse_origin(text: str) -> Origin | None:
    """Return the origin that an Origin header names, or None for what is not exactly one http or https origin."""
    found = _ORIGIN.fullmatch(text) if len(text) <= LONGEST_ORIGIN else None
    if found is None:
        return None
    scheme, host = found["scheme"].lower(), found["host"].lower()
    port = int(found["port"]) if found["port"] else DEFAULT_PORTS[scheme]
    if port > 65535 or ".." in host:
        return None
    return Origin(scheme, host, port)


def parse_domain(text: str) -> Domain:
    """Return what the domain column of a rule means. Raises BadDomain.

    Accepted are `http://` or `https://`, a host name or address, and a port; one `*.` may stand before a host name.
    """
    scheme, separator, rest = text.partition("://")
    if not separator or scheme.lower() not in DEFAULT_PORTS:
        raise BadDomain("it must begin with http:// or https://")
    scheme = scheme.lower()
    if any(mark in rest for mark in "/?#@"):
        raise BadDomain("behind host and port comes nothing more, no slash and no path")
    host, port = _split_port(rest.lower())
    wildcard = host.startswith(WILDCARD)
    host = host.removeprefix(WILDCARD)
    if "*" in host:
        raise BadDomain("one * may stand directly behind ://, followed by a dot, and nowhere else")
    if _is_address(host):
        if wildcard:
            raise BadDomain("an IP address takes no *")
    elif not all(_LABEL.fullmatch(label) for label in host.split(".")):
        raise BadDomain("behind :// comes a host name or an IP address, and a port if need be")
    elif wildcard and all(label.isdigit() for label in host.split(".")):
        raise BadDomain("an IP address takes no *")
    return Domain(scheme, host, DEFAULT_PORTS[scheme] if port is None else port, wildcard)


def _split_port(rest: str) -> tuple[str, int | None]:
    host, colon, digits = rest.rpartition(":")
    if not colon or rest.endswith("]"):
        return rest, None
    if not (digits.isascii() and digits.isdigit() and 0 < int(digits[:6]) <= 65535):
        raise BadDomain("the port must be a number from 1 to 65535")
    return host, int(digits)


def _is_address(host: str) -> bool:
    bare = host[1:-1] if host.startswith("[") and host.endswith("]") else host
    try:
        address = ipaddress.ip_address(bare)
    except ValueError:
        return False
    return (address.version == 6) == (bare != host)


def names_in(text: str) -> tuple[str, ...]:
    """Return the header names of a comma list, each once; what is no header name is left out."""
    parts = (part.strip() for part in text.split(","))
    return tuple(dict.fromkeys(part for part in parts if _TOKEN.fullmatch(part)))


def rules_of(instance: Instance) -> tuple[CorsRule, ...]:
    """Return the active rules of an instance, oldest first; remembered until a rule or an API definition changes."""
    dictionary = instance.dictionary
    if not (dictionary.has(TABLE) and dictionary.has(DEFINITIONS)):
        return ()
    roots = (dictionary.root(TABLE), dictionary.root(DEFINITIONS))
    return instance.cached(("cors rules",), roots, lambda: _read(instance))


def _read(instance: Instance) -> tuple[CorsRule, ...]:
    system = instance.system()
    apis = {record.sys_id: record["base_uri"].removeprefix("/api/") for record in system.table(DEFINITIONS).query()}
    rules = (_rule(record, apis) for record in system.table(TABLE).query("active=true"))
    return tuple(rule for rule in rules if rule is not None)


def _rule(record: Record, apis: Mapping[str, str]) -> CorsRule | None:
    try:
        domain = parse_domain(record["domain"])
    except BadDomain:
        return None
    by_path = record["use_resource_path"] == "true"
    max_age = record["max_age"]
    return CorsRule(
        name=record["name"],
        domain=domain,
        api="" if by_path else apis.get(record["rest_api"], ""),
        resource_path="/" + record["resource_path"].strip().lstrip("/") if by_path else "",
        methods=tuple(method for method in METHODS if record[method.lower()] == "true"),
        allow_headers=names_in(record["access_control_allow_headers"]),
        exposed_headers=names_in(record["exposed_headers"]),
        max_age=max_age if max_age.isascii() and max_age.isdigit() else "",
        # The platform does not take such a record; one that came another way must not open every host below a domain.
        credentials=record["access_control_allow_credentials"] == "true" and not domain.wildcard,
    )


def closest(rules: Iterable[CorsRule], origin: Origin) -> CorsRule | None:
    """Return the rule that decides for an origin: the exact one, else that of the longest suffix, else the oldest."""
    matching = [rule for rule in rules if rule.domain.matches(origin)]
    return max(matching, key=lambda rule: rule.domain.closeness, default=None)
