"""Tiny URLs: a long address kept under a short id, for lists whose query is too long for an address.

Seen in clients: `POST /api/now/tinyurl {"url": "..."}` answers with `LIST.do?sysparm_tiny=ID`, and a call with
`sysparm_tiny=ID` is then the call of the long address.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlencode

from flask import Blueprint, Response, request

from sandtable.core.values.errors import BadRequest, MethodNotSupported
from sandtable.web.environ import parts_of
from sandtable.web.transaction import current
from sandtable.web.wire.answers import document, refuse_unacceptable
from sandtable.web.wire.body import read_object

if TYPE_CHECKING:
    from sandtable.web.worlds.worlds import Worlds

blueprint = Blueprint("tiny_urls", __name__)
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
TABLE = "sys_tiny_url"
PARAMETER = "sysparm_tiny"
LONGEST = 1_000_000


@blueprint.route("/api/now/tinyurl", methods=METHODS)
@blueprint.route("/api/now/v<int:version>/tinyurl", methods=METHODS)
def tiny(version: int | None = None) -> Response:
    """Keep a long address and answer with a short one."""
    refuse_unacceptable()
    if request.method != "POST":
        raise MethodNotSupported
    transaction = current()
    url = read_object(request, transaction.instance).get("url")
    if not isinstance(url, str) or not url.strip() or len(url) > LONGEST:
        raise BadRequest("Invalid request body", 'The body must give the address: {"url":"https://..."}')
    parts = parts_of(url.strip())
    kept = transaction.instance.system().table(TABLE).insert({"url": parts.query, "path": parts.path})
    name = parts.path.rstrip("/").rpartition("/")[2].removesuffix(".do").removesuffix("_list") or "incident"
    return document(transaction, {"result": f"{name}_list.do?{PARAMETER}={kept.sys_id}"})


def expand_tiny_url(worlds: Worlds, environ: dict[str, Any]) -> None:
    """Put the parameters of the kept address in the place of `sysparm_tiny`; an unknown id is left as it is."""
    asked = environ.get("QUERY_STRING", "")
    if PARAMETER not in asked:
        return
    pairs = parse_qsl(asked, keep_blank_values=True)
    tiny_id = dict(pairs).get(PARAMETER, "")
    instance = environ["sandtable.world"].instance
    with instance.transaction():
        kept = instance.system().table(TABLE).find(tiny_id) if instance.dictionary.has(TABLE) else None
    if kept is None:
        return
    more = urlencode([(name, value) for name, value in pairs if name != PARAMETER])
    environ["QUERY_STRING"] = "&".join(part for part in (kept["url"], more) if part)
