"""Rendering of action parameters: mustache as Kibana's actions use it for connectors that need no escaping.

A missing variable becomes "", an object its JSON, a list its parts joined by commas (`list.asJSON` its JSON); `{{ }}`
and `{{{ }}}` mean the same. A template that cannot be read is sent as a text that says so.
Source: Kibana docs, "Rule action variables"; observed Kibana behaviour. The template language itself is pystache.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime
from functools import lru_cache, partial
from typing import Any

from pystache.context import ContextStack, KeyNotFoundError
from pystache.parser import parse
from pystache.renderengine import RenderEngine

from ..values.javascript_json import json_text, number_text
from ..values.schedule import iso
from .lambdas import LAMBDAS

# A tag, and what mustache says of one that is not closed. Delimiters can be changed, so only the default ones are
# checked.
_TAG = re.compile(r"\{\{\s*([#^/&!>=]|\{)?\s*(.*?)\s*(\}\}|$)", re.DOTALL)


class TemplateError(ValueError):
    """A template cannot be read; the text is the one mustache gives."""


def render(template: str, variables: Mapping[str, Any]) -> str:
    """Return a rendered template; raises TemplateError."""
    if "{{" not in template:
        return template
    _check(template)
    stack = ContextStack(dict(variables))
    text: str = _engine().render(template, stack)
    return text


def render_params(params: Any, variables: Mapping[str, Any]) -> Any:
    """Return parameters with every string in them rendered; keys stay as they are; a bad template becomes its error."""
    if isinstance(params, str):
        try:
            return render(params, variables)
        except TemplateError as error:
            return f'error rendering mustache template "{params}": {error}'
    if isinstance(params, Mapping):
        return {key: render_params(value, variables) for key, value in params.items()}
    if isinstance(params, list | tuple):
        return [render_params(item, variables) for item in params]
    if isinstance(params, date):
        # YAML reads an unquoted date as one; JSON has none.
        return iso(params) if isinstance(params, datetime) else params.isoformat()
    return params


@lru_cache(maxsize=1)
def _engine() -> RenderEngine:
    return RenderEngine(literal=str, escape=str, resolve_context=_resolve, resolve_partial=_no_partial, to_str=text_of)


def _no_partial(name: str) -> str:
    return ""


def _check(template: str) -> None:
    """Raise TemplateError for what pystache reads over: tags or sections left open, sections never opened."""
    if "{{=" in template:
        try:
            parse(template, raise_on_mismatch=True)
        except Exception as error:  # pystache raises bare Exceptions besides its own
            raise TemplateError(str(error)) from None
        return
    open_sections: list[str] = []
    for match in _TAG.finditer(template):
        kind, name, end = match[1], match[2], match[3]
        if not end:
            raise TemplateError(f"Unclosed tag at {len(template)}")
        if kind in ("#", "^"):
            open_sections.append(name)
        elif kind == "/":
            if not open_sections:
                raise TemplateError(f'Unopened section "{name}" at {match.start()}')
            if open_sections[-1] != name:
                raise TemplateError(f'Unclosed section "{open_sections[-1]}" at {match.start()}')
            open_sections.pop()
    if open_sections:
        raise TemplateError(f'Unclosed section "{open_sections[-1]}" at {len(template)}')


def _resolve(stack: ContextStack, name: str) -> Any:
    """Return the value of a variable; the name may end in `.asJSON` on a list; a lambda is bound to where it stands."""
    if name in LAMBDAS:
        return partial(_call, name, stack)
    try:
        return stack.get(name)
    except KeyNotFoundError:
        pass
    if name.endswith(".asJSON"):
        try:
            value = stack.get(name.removesuffix(".asJSON"))
        except KeyNotFoundError:
            return ""
        if isinstance(value, list):
            return json_text(value)
    return ""


def _call(name: str, stack: ContextStack, text: str) -> str:
    """Return a lambda's result. It is handed on as a template, so the braces in it are kept from being read again."""
    inner = _engine().render(text, stack)
    result = LAMBDAS[name](inner.strip(), partial(_lookup, stack))
    return result if "{{" not in result else "{{=\x01 \x02=}}" + result


def _lookup(stack: ContextStack, name: str) -> Any:
    try:
        return stack.get(name)
    except KeyNotFoundError:
        return None


def text_of(value: Any) -> str:
    """Return a value as JavaScript would print it in a template."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return number_text(value)
    if isinstance(value, Mapping):
        return json_text(value)
    if isinstance(value, list | tuple):
        return ",".join(text_of(item) for item in value)
    return str(value)
