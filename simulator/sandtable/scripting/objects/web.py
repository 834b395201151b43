"""What the request of a scripted REST resource and the call of a client script ask for while they are answered."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from sandtable.core.values.errors import PlatformError

if TYPE_CHECKING:
    from sandtable.scripting.run import Run


def request_body(run: Run) -> Any:
    """Return the parsed body of the request."""
    if run.web is None or run.web.read_data is None:
        return None
    try:
        return run.web.read_data()
    except PlatformError as refusal:
        raise run.refuse(refusal) from None


def request_text(run: Run) -> str:
    """Return the body of the request as text."""
    return run.web.text if run.web is not None else ""


def ajax_parameter(run: Run, name: str) -> str | None:
    """Return a parameter of a call from a client script."""
    return run.ajax.parameters.get(name) if run.ajax is not None else None


def ajax_parameters(run: Run) -> dict[str, str]:
    """Return all parameters of a call from a client script."""
    return dict(run.ajax.parameters) if run.ajax is not None else {}


def ajax_set(run: Run, name: str, value: str) -> None:
    """Change a parameter of the call."""
    if run.ajax is not None:
        run.ajax.parameters[name] = value


def ajax_answer(run: Run, answer: str) -> None:
    """Keep the answer for the client script."""
    if run.ajax is not None:
        run.ajax.answer = answer


def ajax_error(run: Run, text: str) -> None:
    """Keep an error for the client script."""
    if run.ajax is not None:
        run.ajax.error = text


def ajax_item(run: Run, name: str) -> int:
    """Add an element to the answer for the client script and return its number; an empty name is the root."""
    if run.ajax is None:
        return 0
    run.ajax.items.append((name, {}))
    return len(run.ajax.items) - 1


def ajax_attribute(run: Run, number: int, name: str, value: str) -> None:
    """Set an attribute of an element of the answer."""
    if run.ajax is not None and 0 <= number < len(run.ajax.items):
        run.ajax.items[int(number)][1][name] = value


OPERATIONS: dict[str, Callable[..., Any]] = {
    each.__name__: each
    for each in (
        request_body, request_text, ajax_parameter, ajax_parameters, ajax_set, ajax_answer, ajax_error, ajax_item,
        ajax_attribute,
    )
}  # fmt: skip
