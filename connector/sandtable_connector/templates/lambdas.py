"""The functions that templates may call on a section: EvalMath, FormatDate, FormatNumber, ParseHjson, EncodeURI.

Each takes the rendered text of its section and returns text; one that fails leaves what the dialect says, by default a
text that tells why, because that is what the connector then sends.
Source: Kibana docs, "Rule action variables" (mustache lambdas); elastic/kibana#150572 and #176014.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from sandtable_connector.templates.dialect import Dialect
from sandtable_connector.templates.format_date import format_date
from sandtable_connector.templates.hjson import parse as parse_hjson
from sandtable_connector.templates.math import evaluate
from sandtable_connector.templates.mustache import trimmed
from sandtable_connector.templates.numbers import format_number
from sandtable_connector.templates.script_values import TOO_DEEP, Function, ScriptError, SectionFunction, text_of
from sandtable_connector.templates.uri import encode_uri, encode_uri_component
from sandtable_connector.values.javascript_json import json_text

Lambda = Callable[[Any, str], str]
"""What a function does: given the view it is used in and the rendered text of its section, it returns a text."""


def eval_math(view: Any, text: str) -> str:
    """Return the value of an expression of numbers, variables of the view and functions."""
    try:
        return text_of(evaluate(text, view))
    except (ScriptError, RecursionError) as error:
        reason = TOO_DEEP if isinstance(error, RecursionError) else error
        raise ScriptError(f'error evaluating tinymath expression "{text}": {reason}') from None


def hjson_as_json(_: Any, text: str) -> str:
    """Return an Hjson text as compact JSON."""
    try:
        return json_text(parse_hjson(text))
    except (ScriptError, RecursionError) as error:
        reason = TOO_DEEP if isinstance(error, RecursionError) else error
        raise ScriptError(f'error parsing Hjson "{text}": {reason}') from None


def _encoded(name: str, encode: Callable[[str], str]) -> Lambda:
    def encoded(_: Any, text: str) -> str:
        try:
            return encode(text)
        except ScriptError as error:
            raise ScriptError(f'error evaluating {name}("{text}"): {error}') from None

    return encoded


_TRIMMED: dict[str, Lambda] = {
    "EvalMath": eval_math,
    "ParseHjson": hjson_as_json,
    "FormatDate": lambda _, text: format_date(trimmed(text)),
    "FormatNumber": lambda _, text: format_number(trimmed(text)),
}
# These two keep the white space of their section.
_WHOLE: dict[str, Lambda] = {
    "EncodeURI": _encoded("encodeURI", encode_uri),
    "EncodeURIComponent": _encoded("encodeURIComponent", encode_uri_component),
}


def lambdas_of(dialect: Dialect) -> Mapping[str, Function]:
    """Return the functions that templates of a dialect may call, by name."""
    found = {name: _function(name, run, dialect, trim=True) for name, run in _TRIMMED.items()}
    if dialect.uri_functions:
        found |= {name: _function(name, run, dialect, trim=False) for name, run in _WHOLE.items()}
    return found


def _function(name: str, run: Lambda, dialect: Dialect, *, trim: bool) -> Function:
    def apply(view: Any, text: str, rendered: Callable[[str], str]) -> str:
        given = rendered(trimmed(text) if trim else text)
        try:
            return run(view, given)
        except ScriptError as error:
            if dialect.failed_functions == "abandoned":
                raise
            return str(error) if dialect.failed_functions == "told" else ""

    return Function(name, 0, lambda _: SectionFunction(apply))
