"""IP address access control: records of ip_access, by ranges of addresses.

Source: ServiceNow support articles KB0793431 and KB0754214: of several addresses in X-Forwarded-For one that is allowed
wins, then one that is denied; without either access is given.
"""

from __future__ import annotations

from collections.abc import Iterable
from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sandtable.core.platform.contracts import Instance

TABLE, ALLOW, OUTBOUND = "ip_access", "allow", "outbound"
Address = IPv4Address | IPv6Address
Rule = tuple[str, Address, Address]


def are_there(instance: Instance) -> bool:
    """Tell whether there is any rule at all."""
    return bool(_rules(instance))


def refuses_addresses(instance: Instance, addresses: Iterable[str]) -> bool:
    """Tell whether a caller that stands behind these addresses is kept out. What is no address matches no rule."""
    rules = _rules(instance)
    if not rules:
        return False
    found = {kind for text in addresses for kind in _matching(rules, text)}
    return bool(found) and ALLOW not in found


def _rules(instance: Instance) -> tuple[Rule, ...]:
    if not instance.dictionary.has(TABLE):
        return ()
    return instance.cached(("ip rules",), (TABLE,), lambda: _read(instance))


def _read(instance: Instance) -> tuple[Rule, ...]:
    rules = []
    for record in instance.system().table(TABLE).query("active=true"):
        start, end = _address(record["range_start"]), _address(record["range_end"] or record["range_start"])
        if record["direction"] != OUTBOUND and start is not None and end is not None:
            rules.append((record["type"], start, end))
    return tuple(rules)


def _matching(rules: Iterable[Rule], text: str) -> set[str]:
    address = _address(text)
    if address is None:
        return set()
    return {
        kind
        for kind, start, end in rules
        if start.version == end.version == address.version and int(start) <= int(address) <= int(end)
    }


def _address(text: str) -> Address | None:
    try:
        return ip_address(text.strip().strip("[]"))
    except ValueError:
        return None
