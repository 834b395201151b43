"""The test plane described as OpenAPI, made from the same table that routes it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import fields
from http import HTTPStatus
from typing import Any

from sandtable.faults.catalogue import CATALOGUE
from sandtable.faults.forms import schema
from sandtable.faults.plan import PASS, Rule
from sandtable.web.plane.operations import Operation

VERSION = "3.1.0"
REFUSALS = {
    400: "The body cannot be read.",
    404: "There is no such thing.",
    422: "A field is no good.",
    401: "The token is missing or wrong.",
    403: "The host is no name of this server, or a page of another site asks.",
}


def document(operations: Iterable[Operation], prefix: str) -> dict[str, Any]:
    """Return the OpenAPI document of operations below a prefix."""
    paths: dict[str, dict[str, Any]] = {}
    for operation in operations:
        paths.setdefault(operation.path, {})[operation.method.lower()] = _operation(operation)
    for path, summary in (("/health/live", "Whether the server is up."), ("/health/ready", "Whether it can answer.")):
        ok = {"200": {"description": "Yes.", "content": {"application/json": {"schema": {"type": "object"}}}}}
        paths[path] = {"get": {"tags": ["Health"], "summary": summary, "responses": ok, "security": []}}
    return {
        "openapi": VERSION,
        "info": {
            "title": "Sandtable test plane",
            "version": "1",
            "description": "What a test may do to a simulated instance and ask about it.",
        },
        "servers": [{"url": prefix}, {"url": f"/_worlds/{{world}}{prefix}", "variables": {"world": {"default": "a"}}}],
        "security": [{}, {"token": []}],
        "paths": paths,
        "components": {
            "securitySchemes": {"token": {"type": "apiKey", "in": "header", "name": "X-Sandtable-Token"}},
            "schemas": {"Refusal": _refusal(), "Fault": fault_schema()},
        },
    }


def fault_schema() -> dict[str, Any]:
    """Return the JSON Schema of a planned fault as it is sent."""
    rule = schema(Rule)["properties"]
    parameters = {"oneOf": [{"title": kind.kind, **schema(kind)} for kind in CATALOGUE]}
    names = {"type": "string", "enum": [kind.kind for kind in CATALOGUE]}
    one = {"type": "object", "properties": {"fault": names, "with": {"type": "object"}}, "required": ["fault"]}
    step = {"anyOf": [{"type": "string", "enum": [*names["enum"], PASS]}, one]}
    return {
        "type": "object",
        "properties": {
            "name": {"type": "string"},
            "fault": names,
            "with": {"type": "object", "description": "the parameters of the fault", **parameters},
            "script": {"type": "array", "minItems": 1, "items": step, "description": "faults that take turns"},
            **rule,
        },
        "oneOf": [{"required": ["fault"]}, {"required": ["script"]}],
        "additionalProperties": False,
        "examples": [{"fault": "rate-limited", "with": {"retry_after": 30}, "when": {"method": "POST"}, "times": 3}],
    }


def _operation(operation: Operation) -> dict[str, Any]:
    parameters: list[dict[str, Any]] = [
        {"name": name, "in": "path", "required": True, "schema": {"type": "string"}} for name in operation.placeholders
    ]
    if operation.query is not None:
        described = schema(operation.query)["properties"]
        for item in fields(operation.query):
            found = dict(described[item.name])
            meaning = found.pop("description")
            parameters.append({"name": item.name, "in": "query", "description": meaning, "schema": found})
    answers: dict[str, Any] = {str(operation.status): _answer(operation)}
    refusal = {"application/json": {"schema": {"$ref": "#/components/schemas/Refusal"}}}
    answers |= {str(status): {"description": text, "content": refusal} for status, text in REFUSALS.items()}
    shown: dict[str, Any] = {
        "tags": [operation.topic],
        "operationId": operation.name,
        "summary": operation.summary,
        "responses": answers,
    }
    if parameters:
        shown["parameters"] = parameters
    body = _body(operation)
    if body:
        shown["requestBody"] = body
    return shown


def _answer(operation: Operation) -> dict[str, Any]:
    if operation.status == HTTPStatus.NO_CONTENT:
        return {"description": "Done."}
    kind = {"type": "object"} if operation.answer_type == "application/json" else {"type": "string", "format": "binary"}
    return {"description": operation.answer, "content": {operation.answer_type: {"schema": kind}}}


def _body(operation: Operation) -> dict[str, Any] | None:
    if operation.method in ("GET", "DELETE"):
        return None
    if operation.body is not None:
        return {"content": {"application/json": {"schema": schema(operation.body)}}}
    if operation.path.startswith("/faults"):
        return {"required": True, "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Fault"}}}}
    if operation.media_types == ("application/json",):
        return {"content": {"application/json": {"schema": {"type": "object"}}}} if operation.path != "/reset" else None
    return {"required": True, "content": {kind: {"schema": {}} for kind in operation.media_types}}


def _refusal() -> dict[str, Any]:
    texts = {"field": "which field", "problem": "what is wrong with it", "fix": "what to do"}
    properties = {name: {"type": "string", "description": text} for name, text in texts.items()}
    error = {"type": "object", "properties": properties, "required": list(properties)}
    return {"type": "object", "properties": {"error": error}, "required": ["error"]}
