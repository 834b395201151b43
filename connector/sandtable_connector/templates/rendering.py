"""Rendering of action parameters: mustache as Kibana's actions use it for connectors that need no escaping.

A missing variable becomes "", an object its JSON, a list its parts joined by commas (`list.asJSON` its JSON); `{{ }}`
and `{{{ }}}` mean the same. A template that cannot be read is sent as a text that says so.
Source: Kibana docs, "Rule action variables"; mustache.js 4; observed Kibana behaviour.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from sandtable_connector.templates.dialect import KIBANA, Dialect
from sandtable_connector.templates.lambdas import lambdas_of
from sandtable_connector.templates.members import has_member, has_own, member
from sandtable_connector.templates.mustache import Token, parse
from sandtable_connector.templates.script_values import (
    TOO_DEEP,
    UNDEFINED,
    Bag,
    Function,
    Row,
    ScriptError,
    SectionFunction,
    characters,
    is_true,
    text_of,
    units,
)
from sandtable_connector.templates.variables import prepared
from sandtable_connector.values.schedule import iso


class TemplateError(ValueError):
    """A template cannot be rendered; the text is the one that mustache gives."""


def render(template: str, variables: Mapping[str, Any], *, dialect: Dialect = KIBANA) -> str:
    """Return a rendered template; raises TemplateError."""
    return Renderer(variables, dialect=dialect).text(template)


def render_params(params: Any, variables: Mapping[str, Any], *, dialect: Dialect = KIBANA) -> Any:
    """Return parameters with every string in them rendered; keys stay as they are; a bad template becomes its error."""
    return Renderer(variables, dialect=dialect).params(params)


class Renderer:
    """Renders templates with one set of variables, which are made ready once."""

    def __init__(self, variables: Mapping[str, Any], *, dialect: Dialect = KIBANA) -> None:
        self._root = prepared(variables)
        functions: dict[str, Any] = dict(lambdas_of(dialect))
        # A variable of a function's name wins, and the whole tells its variables only.
        view = _Variables({**functions, **self._root})
        view.variables = self._root
        view.speaks = self._root.speaks
        self._context = _Context(view, None)

    def text(self, template: str) -> str:
        """Return a rendered template; raises TemplateError."""
        if "{{" not in template:
            return template
        try:
            return characters(_render(units(template), self._context))
        except ScriptError as error:
            raise TemplateError(characters(str(error))) from None
        except RecursionError:
            raise TemplateError(TOO_DEEP) from None

    def params(self, params: Any) -> Any:
        """Return parameters with every string in them rendered; keys stay; a bad template becomes its error."""
        if isinstance(params, str):
            try:
                return self.text(params)
            except TemplateError as error:
                return f'error rendering mustache template "{params}": {error}'
        if isinstance(params, Mapping):
            return {key: self.params(value) for key, value in params.items()}
        if isinstance(params, list | tuple):
            return [self.params(item) for item in params]
        if isinstance(params, date):
            # YAML reads an unquoted date as one; JSON has none.
            return iso(params) if isinstance(params, datetime) else params.isoformat()
        return params


class _Variables(Bag):
    """The outermost view: variables and functions."""

    variables: Bag

    def told(self) -> Mapping[str, Any]:
        return self.variables


class _Context:
    """A view, and the views round it, in which a name is looked up from the inside out."""

    def __init__(self, view: Any, parent: _Context | None) -> None:
        self.view = view
        self.parent = parent
        self._without_memory = False

    def lookup(self, name: str) -> Any:
        """Return what a name means here; a function is called at once, on the view that it is used in."""
        if self._without_memory:
            raise ScriptError("cache.hasOwnProperty is not a function")
        value = self.view if name == "." else self._found(name)
        # Mustache keeps what it found in an object, which this name takes its methods from.
        self._without_memory = name == "__proto__" and value is None
        return value.call(self.view) if isinstance(value, Function) else value

    def _found(self, name: str) -> Any:
        path = name.split(".") if name.find(".") > 0 else None
        context: _Context | None = self
        while context is not None:
            if path is None:
                value = member(context.view, name)
                hit = has_member(context.view, name)
            else:
                value, hit = _at_path(context.view, path)
            if hit:
                return value
            context = context.parent
        return UNDEFINED


def _at_path(value: Any, path: list[str]) -> tuple[Any, bool]:
    hit = False
    for number, name in enumerate(path):
        if value is None or value is UNDEFINED:
            return value, False
        if number == len(path) - 1:
            hit = has_member(value, name) or has_own(value, name)
        value = member(value, name)
    return value, hit


def _render(template: str, context: _Context) -> str:
    return _rendered(parse(template), context, template)


def _rendered(tokens: list[Token], context: _Context, template: str) -> str:
    pieces: list[str] = []
    for token in tokens:
        if token.kind == "text":
            pieces.append(token.value)
        elif token.kind in ("name", "&"):
            value = context.lookup(token.value)
            if value is not None and value is not UNDEFINED:
                pieces.append(text_of(value))
        elif token.kind == "#":
            pieces.append(_section(token, context, template))
        elif token.kind == "^":
            value = context.lookup(token.value)
            if not is_true(value) or value == []:
                pieces.append(_rendered(token.inside, context, template))
    return "".join(pieces)


def _section(token: Token, context: _Context, template: str) -> str:
    value = context.lookup(token.value)
    if not is_true(value):
        return ""
    if isinstance(value, Row):
        return "".join(_rendered(token.inside, _Context(item, context), template) for item in value)
    if isinstance(value, Function):
        if isinstance(value, SectionFunction):
            return value.apply(context.view, template[token.end : token.closes], lambda text: _render(text, context))
        result = value.call(context.view)
        return "" if result is None or result is UNDEFINED else text_of(result)
    if value is True:
        return _rendered(token.inside, context, template)
    return _rendered(token.inside, _Context(value, context), template)
