"""The platform gives up a transaction that takes too long."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import ClassVar

from sandtable.faults.forms import entry
from sandtable.faults.wire import JSON, Exchange, Proceed, Reply

MESSAGE = "Transaction cancelled: maximum execution time exceeded"


@dataclass(frozen=True, slots=True)
class TransactionCancelled:
    """The transaction exceeds its quota: before output began 500, afterwards 200 and an error behind part of the list.

    Recorded behaviour: a write may have happened either way, and here it has.
    """

    kind: ClassVar[str] = "transaction-cancelled"
    output: str = entry(
        "before", "whether the platform gives up before or after output has begun", one_of=("before", "after")
    )

    def __call__(self, exchange: Exchange, proceed: Proceed) -> Reply:
        answer = proceed().plain()
        error = {"detail": f"{MESSAGE}. Check logs for error trace.", "message": MESSAGE}
        failure = {"error": error, "status": "failure"}
        document = _document(answer) if self.output == "after" else None
        if document is not None:
            rows = document["result"]
            return answer.with_body(_text({**document, "result": rows[: (len(rows) + 1) // 2], **failure}))
        return replace(answer.with_body(_text(failure), JSON), status=500)


def _document(answer: Reply) -> dict[str, list[object]] | None:
    try:
        document = json.loads(answer.body)
    except ValueError:
        return None
    is_list = isinstance(document, dict) and isinstance(document.get("result"), list)
    return document if is_list and answer.status < 300 else None


def _text(document: object) -> bytes:
    return json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()
