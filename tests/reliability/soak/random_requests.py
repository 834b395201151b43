"""Requests put together at random: none may be answered by a failure of the simulator itself, or by nothing."""

from __future__ import annotations

import http.client
import json
import random
from urllib.parse import quote, urlsplit

from tests.reliability.raw import BASIC
from tests.reliability.soak.served import Served

METHODS = ("GET", "GET", "GET", "POST", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "TRACE")
PATHS = (
    "/api/now/table/incident",
    "/api/now/table/sys_user",
    "/api/now/table/{word}",
    "/api/now/table/incident/{word}",
    "/api/now/v2/table/problem",
    "/api/now/stats/incident",
    "/api/now/import/x_elas2_inc_int_elastic_incident",
    "/api/now/attachment",
    "/api/now/attachment/file",
    "/api/now/attachment/upload",
    "/api/now/v1/batch",
    "/api/now/tinyurl",
    "/oauth_token.do",
    "/incident.do",
    "/incident_list.do",
    "/{word}.do",
    "/sys_import.do",
    "/nav_to.do",
    "/api/{word}/{word}",
    "/{word}",
)
PARAMETERS = (
    "sysparm_query",
    "sysparm_fields",
    "sysparm_limit",
    "sysparm_offset",
    "sysparm_display_value",
    "sysparm_view",
    "sysparm_count",
    "sysparm_group_by",
    "JSONv2",
    "SOAP",
    "CSV",
    "sysparm_action",
    "{word}",
)
WORDS = (
    "active",
    "true",
    "state",
    "number",
    "short_description",
    "caller_id.name",
    "=",
    "^",
    "^OR",
    "^NQ",
    "LIKE",
    "IN",
    "BETWEEN",
    "javascript:",
    "gs.getUserID()",
    "ORDERBY",
    "1",
    "-1",
    "999999999999999999999",
    "",
    "%00",
    "%",
    "\u00e9",
    "'",
    '"',
    "..",
    "a" * 300,
    "insert",
    "getRecords",
)
TYPES = (
    "application/json",
    "application/xml",
    "text/xml",
    "text/plain",
    "multipart/form-data; boundary=b",
    "application/x-www-form-urlencoded",
    "{word}",
)
TOLD = 5
PRINTABLE = "".join(map(chr, range(0x21, 0x7F)))


def ask_at_random(times: int, seed: int) -> tuple[str, bool]:
    """Return what came of that many requests made up by chance."""
    chance = random.Random(seed)
    bad: list[str] = []
    unanswered = 0
    with Served() as served:
        where = urlsplit(served.url)
        connection = http.client.HTTPConnection(where.hostname or "", where.port, timeout=60)
        for _ in range(times):
            method, target, headers, body = _made_up(chance)
            try:
                connection.request(method, target, body, headers)
                answer = connection.getresponse()
                data = answer.read()
            except (OSError, http.client.HTTPException):
                connection.close()
                # The server may end a connection; that it answers nothing at all is another matter.
                unanswered += served.process.poll() is not None
                continue
            # A fault of SOAP and a script that fails are the product's own 500; ours says so.
            if answer.getheader("X-Sandtable-Error") == "internal":
                bad.append(f"{method} {target[:200]} {body[:200]!r}: {data[:200]!r}")
        alive = served.process.poll() is None
    line = f"{times} requests at random: {len(bad)} failures of the simulator, server {'up' if alive else 'DOWN'}"
    return "\n      ".join([line, *bad[:TOLD]]), not bad and alive and not unanswered


def _made_up(chance: random.Random) -> tuple[str, str, dict[str, str], bytes]:
    path = chance.choice(PATHS)
    while "{word}" in path:
        path = path.replace("{word}", _quoted(chance), 1)
    pairs = [
        f"{chance.choice(PARAMETERS).replace('{word}', _quoted(chance))}={_text(chance)}"
        for _ in range(chance.choice((0, 0, 1, 2, 3)))
    ]
    target = path + (f"?{'&'.join(pairs)}" if pairs else "")
    headers = {"Accept": chance.choice(("*/*", "application/json", "application/xml", "image/png"))}
    if chance.random() < 0.9:
        name, _, value = BASIC.strip().partition(": ")
        headers[name] = value
    body = b""
    if chance.random() < 0.6:
        headers["Content-Type"] = chance.choice(TYPES).replace("{word}", "a/b")
        body = _body(chance)
    return chance.choice(METHODS), quote(target, safe=PRINTABLE), headers, body


def _quoted(chance: random.Random) -> str:
    return "".join(
        each if each.isalnum() or each in "_." else f"%{ord(each) % 256:02x}" for each in chance.choice(WORDS)
    )


def _text(chance: random.Random) -> str:
    words = "".join(chance.choice(WORDS) for _ in range(chance.randrange(5)))
    return words.replace("&", "%26").replace("#", "%23")


def _value(chance: random.Random, depth: int = 0) -> object:
    kind = chance.randrange(7 if depth < 4 else 4)
    if kind == 0:
        return chance.choice(WORDS)
    if kind == 1:
        return chance.choice((0, -1, 1.5, 10**30, True, False, None))
    if kind < 4:
        return "".join(chance.choice(WORDS) for _ in range(3))
    if kind == 4:
        return [_value(chance, depth + 1) for _ in range(chance.randrange(4))]
    return {chance.choice(WORDS): _value(chance, depth + 1) for _ in range(chance.randrange(4))}


def _body(chance: random.Random) -> bytes:
    data = bytearray(json.dumps(_value(chance)).encode())
    if chance.random() < 0.3:
        data = bytearray(b"<request><entry><a>1</a></entry></request>")
    for _ in range(chance.choice((0, 0, 0, 1, 3))):
        if data:
            data[chance.randrange(len(data))] = chance.randrange(256)
    return bytes(data)
