"""What reached the instance, as lines for a shell."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from sandtable_scenarios.targets.table_api import ONLOOKER

SECRET_HEADERS = {
    "authorization": "$SANDTABLE_AUTHORIZATION",
    "x-sn-apikey": "$SANDTABLE_API_KEY",
    "cookie": "$SANDTABLE_COOKIE",
}
NOISE = {"host", "content-length", "connection", "accept-encoding", "user-agent", "transfer-encoding"}


def curl_lines(exchanges: Iterable[Mapping[str, Any]], base_url: str) -> Iterator[str]:
    """Yield one curl line for each journalled request; secrets become shell variables.

    What the scenarios only looked at is left out; what a person changed in the story stays.
    """
    for exchange in exchanges:
        headers = exchange.get("request_headers") or {}
        pairs = list(headers.items() if isinstance(headers, Mapping) else headers)
        if exchange.get("method") == "GET" and any(value == ONLOOKER for _, value in pairs):
            continue
        parts = ["curl", "-sS", "-X", str(exchange.get("method", "GET"))]
        for name, value in pairs:
            if name.lower() in NOISE:
                continue
            shown = (
                f'"{name}: {SECRET_HEADERS[name.lower()]}"'
                if name.lower() in SECRET_HEADERS
                else shlex.quote(f"{name}: {value}")
            )
            parts += ["-H", shown]
        body = exchange.get("request_body")
        if body:
            parts += ["--data-binary", shlex.quote(str(body))]
        query = exchange.get("query") or ""
        target = base_url + str(exchange.get("path", "/")) + (f"?{query}" if query else "")
        parts.append(shlex.quote(target))
        status = exchange.get("status")
        yield " ".join(parts) + (f"   # {status}" if status else "")
