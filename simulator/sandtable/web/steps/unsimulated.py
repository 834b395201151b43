"""Our own answer headers: what the request used that is not simulated, and, when asked, why it went as it did."""

from __future__ import annotations

from flask import Response

from sandtable.web.transaction import Transaction
from sandtable.web.wire.answers import header_text
from sandtable.web.wire.parameters import is_true

# Request headers that change something in the product and nothing here.
_NOT_SIMULATED = ("X-WantSessionNotificationMessages", "X-MFA_TOKEN")
NOT_SIMULATED = tuple((name, f"HTTP_{name.upper().replace('-', '_')}") for name in _NOT_SIMULATED)


def note_headers(transaction: Transaction) -> Response | None:
    """Enter request headers that are not simulated in the ledger."""
    environ = transaction.environ
    for name, key in NOT_SIMULATED:
        if key in environ:
            transaction.instance.ledger.note("header", name)
    return None


def add_ledger_headers(transaction: Transaction, answer: Response) -> Response:
    """Name what was used and is not simulated, and explain the outcome when `X-Sandtable-Explain: true` asks."""
    if transaction.notes:
        names = dict.fromkeys(f"{note.kind}:{note.name}" for note in transaction.notes)
        answer.headers["X-Sandtable-Unsimulated"] = header_text(",".join(name.replace(",", " ") for name in names))
    if is_true(transaction.environ.get("HTTP_X_SANDTABLE_EXPLAIN")):
        noted = [f"not simulated: {note.kind} {note.name}{_because(note.detail)}" for note in transaction.notes]
        lines = dict.fromkeys([*transaction.explanations, *transaction.session.explanations, *noted])
        answer.headers["X-Sandtable-Explain"] = header_text(" | ".join(lines) or "nothing out of the ordinary")
    return answer


def _because(detail: str) -> str:
    return f" ({detail})" if detail else ""
