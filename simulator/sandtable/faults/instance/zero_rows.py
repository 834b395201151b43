"""A list without rows where there are some."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import ClassVar

from sandtable.faults.forms import entry
from sandtable.faults.wire import Exchange, Proceed, Reply, Request


@dataclass(frozen=True, slots=True)
class ZeroRows:
    """A list in the answer is empty, with status 200, as when access control hides every row.

    The platform counts before it hides, so X-Total-Count stays unless it is to say 0. An import answers without an
    outcome for its row, as it does to a caller who lacks a role on some releases; what was written stays written.
    """

    kind: ClassVar[str] = "zero-rows"
    total: str = entry("kept", "what X-Total-Count says: how many rows there really are, or 0", one_of=("kept", "zero"))

    def __call__(self, exchange: Exchange, proceed: Proceed) -> Reply:
        answer = proceed().plain()
        emptied = _without_rows(answer, exchange.request)
        if emptied is None:
            return answer
        answer = answer.with_body(emptied)
        if self.total == "zero" and answer.header("X-Total-Count"):
            answer = answer.with_header("X-Total-Count", "0")
        return answer


def _without_rows(answer: Reply, request: Request) -> bytes | None:
    """Return the body without the rows of its list; None for an answer that is no list."""
    if answer.status >= 300:
        return None
    if "xml" in answer.header("Content-Type"):
        # A list of one looks like a single record in XML; the path tells which it is.
        if not request.path.rstrip("/").endswith(f"/{request.table or '?'}"):
            return None
        text = answer.body.decode("utf-8", "replace")
        emptied, count = re.subn(r"(<response\b[^>]*)>.*</response>", r"\1/>", text, flags=re.DOTALL)
        return emptied.encode() if count else None
    try:
        document = json.loads(answer.body)
    except ValueError:
        return None
    if not isinstance(document, dict) or not isinstance(document.get("result"), list):
        return None
    return json.dumps({**document, "result": []}, ensure_ascii=False, separators=(",", ":")).encode()
