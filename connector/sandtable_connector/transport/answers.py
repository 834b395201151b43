"""Bodies on the wire: JSON as axios writes it, and an answer's body as axios reads it.

Source: observed behaviour of axios 1.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from sandtable_connector.errors import ABSENT
from sandtable_connector.transport.messages import Response
from sandtable_connector.values.javascript_json import json_text


def json_body(value: Any) -> bytes:
    """Return compact JSON in UTF-8: null kept, keys whose value is ABSENT dropped, nothing escaped without need."""
    kept = {key: item for key, item in value.items() if item is not ABSENT} if isinstance(value, Mapping) else value
    text = json_text(kept)
    # Half of a surrogate pair has no UTF-8; JSON can still carry it escaped, as JSON.stringify does.
    return re.sub("[\ud800-\udfff]", lambda half: f"\\u{ord(half[0]):04x}", text).encode()


def parse_body(response: Response) -> Any:
    """Return the parsed JSON of a body, whatever its content type; text that is not JSON comes back as it is."""
    text = response.body.decode("utf-8", "replace").removeprefix("\ufeff")
    try:
        return json.loads(text, parse_constant=_not_json)
    except (ValueError, RecursionError):
        return text


def _not_json(text: str) -> Any:
    raise ValueError(text)


def result_of(body: Any) -> Any:
    """Return ``body.result``, or None when there is none."""
    return body.get("result") if isinstance(body, dict) else None
