"""What reached the instance, as lines for a shell that can be copied and run."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from sandtable_scenarios.targets.table_api import ONLOOKER

HERE = "http://127.0.0.1:8080"
"""Where `sandtable serve` listens: an instance in this process has no address that a shell could reach."""

KEPT = {"accept", "content-type", "origin", "access-control-request-method", "access-control-request-headers"}
UNREACHABLE = re.compile(r"^https://dev\d+\.service-now\.com$")
PREAMBLE = (
    "INSTANCE={base}",
    "CONNECTOR=elastic.integration:elastic-integration ADMIN=admin:admin   # as a fresh simulator has them",
)


def preamble(base_url: str) -> tuple[str, ...]:
    """Return the lines that curl lines need before them: where the instance is, and who calls."""
    base = HERE if UNREACHABLE.match(base_url) else base_url
    return tuple(line.format(base=base) for line in PREAMBLE)


def curl_lines(exchanges: Iterable[Mapping[str, Any]], base_url: str = "") -> Iterator[str]:
    """Yield one curl line for each journalled request; who calls is a shell variable, and no secret is shown.

    What the scenarios only looked at is left out; what a person changed in the story stays.
    """
    for exchange in exchanges:
        headers = exchange.get("request_headers") or {}
        pairs = {name.lower(): value for name, value in (headers.items() if isinstance(headers, Mapping) else headers)}
        ours = pairs.get("user-agent") == ONLOOKER
        method = str(exchange.get("method", "GET"))
        if method == "GET" and ours:
            continue
        parts = ["curl", "-sS", *(("-X", method) if method not in ("GET", "POST") else ())]
        parts += _credentials(pairs, ours=ours)
        for name, value in pairs.items():
            if name in KEPT:
                parts += ["-H", shlex.quote(f"{name}: {value}")]
        body = exchange.get("request_body")
        if body:
            parts += ["--data-binary", shlex.quote(str(body))]
        elif method == "POST":
            parts += ["-X", "POST"]
        query = exchange.get("query") or ""
        target = str(exchange.get("path", "/")) + (f"?{query}" if query else "")
        parts.append(f'"$INSTANCE"{shlex.quote(target)}')
        status = exchange.get("status")
        yield " ".join(parts) + (f"   # {status}" if status else "")


def _credentials(headers: Mapping[str, str], *, ours: bool) -> list[str]:
    given = headers.get("authorization", "")
    if given.lower().startswith("bearer"):
        return ["-H", '"Authorization: Bearer $TOKEN"']
    if given:
        return ["-u", '"$ADMIN"' if ours else '"$CONNECTOR"']
    if "x-sn-apikey" in headers:
        return ["-H", '"x-sn-apikey: $API_KEY"']
    return []
