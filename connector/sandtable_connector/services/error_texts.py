"""How a failed step is worded (source: observed Kibana behaviour, by release; see `Behaviour.error_texts`)."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from sandtable_connector.errors import ABSENT, ConnectorError, Redactor
from sandtable_connector.values.javascript_text import counts_as_true, printed

PREFIX = "[Action][ServiceNow]: "


@dataclass(frozen=True, slots=True)
class Step:
    """One step of an action: what could not be done, and the kind of request it makes, for the bracketed texts.

    ``endpoint`` is health, import_set, table or other; ``bracketed`` is false for a step whose text never has brackets.
    """

    what: str
    method: str
    endpoint: str
    bracketed: bool = True


def compose(step: Step, error: ConnectorError, *, bracketed: bool, redact: Redactor) -> str:
    """Return the text of an error as the failure of a step; texts nest, and each level repeats the reason."""
    if bracketed:
        return _bracketed(step, error, redact)
    return f"{PREFIX}{step.what}. Error: {error.message} Reason: {redact(_reason(error.answer))}"


def _reason(answer: Any) -> str:
    if answer is ABSENT or answer is None:
        return "unknown: errorResponse was null"
    problem = answer.get("error") if isinstance(answer, dict) else None
    if problem is None:
        return "unknown: no error in error response"
    parts = problem if isinstance(problem, dict) else {}
    return f"{printed(parts.get('message', ABSENT))}: {printed(parts.get('detail', ABSENT))}"


def _bracketed(step: Step, error: ConnectorError, redact: Redactor) -> str:
    message, reason = error.message, _short_reason(error.answer)
    if reason is None:
        message, reason = _taken_apart(error.message)
    status = error.status if error.status is not None else error.code or "none"
    because = f" Reason: {redact(reason)}" if reason is not None else ""
    where = f" [status={status}] [method={step.method}] [endpoint={step.endpoint}]" if step.bracketed else ""
    return f"{PREFIX}{step.what}. Error: {message}{because}{where}"


def _short_reason(answer: Any) -> str | None:
    if not counts_as_true(answer):
        return None
    problem = answer.get("error") if isinstance(answer, dict) else None
    if not isinstance(problem, dict) or not counts_as_true(problem.get("message")):
        return "unknown: no error in error response"
    detail = problem.get("detail")
    message = printed(problem["message"])
    return f"{message}: {printed(detail)}" if counts_as_true(detail) else message


def _taken_apart(message: str) -> tuple[str, str | None]:
    """Return an OAuth error's code and description when the message is the token endpoint's JSON."""
    try:
        parsed = json.loads(message)
    except (ValueError, RecursionError):
        return message, None
    if not isinstance(parsed, dict) or not isinstance(parsed.get("error"), str):
        return message, None
    description = parsed.get("error_description")
    return parsed["error"], description if isinstance(description, str) else None
