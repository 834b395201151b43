"""Faults to switch on and off, by the forms that the faults themselves declare."""

from __future__ import annotations

import dataclasses
import json
from typing import TYPE_CHECKING, Any

from flask import request

from sandtable.faults.catalogue import CATALOGUE
from sandtable.faults.forms import REQUIRED, BadForm

if TYPE_CHECKING:
    from sandtable.web.console.visitor import Visitor
    from sandtable.web.transaction import Transaction

DEFAULT_PATH = "/api/*"


def content(transaction: Transaction, visitor: Visitor) -> dict[str, Any]:
    """Return the planned faults, and the faults there are with their parameters."""
    planned = [
        {**each.shown(), "json": json.dumps(each.shown(), indent=1, ensure_ascii=False)}
        for each in transaction.world.faults
    ]
    kinds = [
        {
            "kind": kind.kind,
            "summary": (kind.__doc__ or "").partition("\n\n")[0],
            "parameters": [_parameter(item) for item in _declared(kind) if item.metadata.get("meaning")],
        }
        for kind in CATALOGUE
    ]
    return {"planned": planned, "kinds": kinds, "default_path": DEFAULT_PATH}


def _declared(kind: Any) -> tuple[dataclasses.Field[Any], ...]:
    """Return the fields of a fault, each of which is a frozen dataclass."""
    return dataclasses.fields(kind)


def _parameter(item: Any) -> dict[str, Any]:
    default = item.default if item.default not in (dataclasses.MISSING, REQUIRED) else ""
    return {
        "name": item.name,
        "meaning": item.metadata["meaning"],
        "required": item.metadata.get("required", False),
        "choices": item.metadata.get("one_of", ()),
        "text": "" if default in ("", None) else json.dumps(default) if not isinstance(default, str) else default,
    }


def act(transaction: Transaction, visitor: Visitor) -> str:
    """Plan a fault, take one back, or all. Raises BadForm."""
    form, faults = request.form, transaction.world.faults
    if "clear" in form:
        faults.clear()
        return "No fault is planned any more."
    if "remove" in form:
        faults.remove(form["remove"])
        return "The fault was taken back."
    kind = next((each for each in CATALOGUE if each.kind == form.get("fault")), None)
    if kind is None:
        raise BadForm("fault", f"there is no fault {form.get('fault', '')!r}", "choose one of the list")
    given: dict[str, Any] = {"fault": kind.kind}
    parameters = {
        item.name: _value(form[f"with:{item.name}"])
        for item in _declared(kind)
        if form.get(f"with:{item.name}", "").strip()
    }
    if parameters:
        given["with"] = parameters
    pattern = {
        name: form[f"when:{name}"].strip() for name in ("method", "path", "table", "user") if form.get(f"when:{name}")
    }
    if pattern:
        given["when"] = pattern
    if form.get("times", "").strip():
        given["times"] = _value(form["times"])
    planned = faults.add(given)
    return f"{kind.kind} is planned as {planned.id}."


def _value(text: str) -> Any:
    """Return what a text stands for: a number, true, false, a JSON value, else the text itself."""
    try:
        return json.loads(text)
    except ValueError:
        return text.strip()
