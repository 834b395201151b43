"""Scripted REST APIs that are records: which resource an address means, who may call it, what its script answers."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from sandtable.core.applications.scripted_resources import Resource, ScriptRequest, ScriptResponse, failure
from sandtable.core.security.scope_privileges import GLOBAL
from sandtable.core.values.errors import PayloadTooLarge, ScopeAccessNotGranted, TableScopeRefused, UnsupportedMediaType
from sandtable.core.values.texts import comma_list, whole_number
from sandtable.scripting.engine.failures import ScriptCancelled, ScriptThrew
from sandtable.scripting.objects.files import stream_bytes
from sandtable.scripting.places.telling import scope_of, tell
from sandtable.scripting.run import WebRequest

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sandtable.core.platform.contracts import Instance, Session
    from sandtable.core.platform.record import Record
    from sandtable.scripting.pool import Pool
    from sandtable.scripting.run import Run

TABLES = ("sys_ws_operation", "sys_ws_definition", "sys_ws_version", "sys_package", "sys_properties")
COMPANY_CODE = "glide.appcreator.company.code"
MEGABYTE = 1024 * 1024
_PLACEHOLDER = re.compile(r"\{([\w.\-]+)\}")
INTERNAL_ROLE = "sandtable.script.rest_internal_role"
EMPTY_RESULT = "sandtable.script.rest_empty_result"


@dataclass(frozen=True, slots=True)
class _Route:
    """One address: literal segments go before parameters, so more of them count more."""

    method: str
    pattern: re.Pattern[str]
    names: tuple[str, ...]
    literal: tuple[bool, ...]
    resource: Resource


def find(pool: Pool, instance: Instance, method: str, path: str) -> tuple[Resource, dict[str, str]] | None:
    """Return the resource for a method and path with the path's parameters, or None."""
    routes = instance.cached(("scripted routes",), TABLES, lambda: _routes(pool, instance))
    for route in routes:
        if route.method == method:
            found = route.pattern.fullmatch(path)
            if found:
                return route.resource, dict(zip(route.names, found.groups(), strict=True))
    return None


def _routes(pool: Pool, instance: Instance) -> tuple[_Route, ...]:
    system = instance.system()
    definitions = {each.sys_id: each for each in system.table("sys_ws_definition").query("active=true")}
    versions: dict[str, Record] = {}
    if instance.dictionary.has("sys_ws_version"):
        versions = {each.sys_id: each for each in system.table("sys_ws_version").query()}
    found: list[_Route] = []
    for record in system.table("sys_ws_operation").query("active=true"):
        definition = definitions.get(record["web_service_definition"])
        if definition is None or not record["operation_script"].strip():
            continue
        version = versions.get(record["web_service_version"])
        if version is not None and version["active"] == "false":
            continue
        for base in _bases(instance, definition, version):
            found.append(_route(pool, instance, record, definition, base))
    return tuple(sorted(found, key=lambda route: [not each for each in route.literal]))


def namespace_of(instance: Instance, definition: Mapping[str, str]) -> str:
    """Return the namespace of an API: its own, its scope's name, or the company's code for a global one."""
    if definition["namespace"]:
        return definition["namespace"]
    scope = scope_of(instance, definition)
    return scope if scope != GLOBAL else instance.property(COMPANY_CODE, "snc")


def _bases(instance: Instance, definition: Mapping[str, str], version: Record | None) -> list[str]:
    namespace, identity = namespace_of(instance, definition), definition["service_id"]
    plain = f"/api/{namespace}/{identity}" if identity else definition["base_uri"].rstrip("/")
    if version is None:
        return [plain]
    number = version["version_id"] or f"v{version['version']}"
    versioned = f"/api/{namespace}/{number}/{identity}"
    return [versioned, plain] if version["is_default"] == "true" else [versioned]


def _route(pool: Pool, instance: Instance, record: Record, definition: Record, base: str) -> _Route:
    relative = record["relative_path"].strip("/")
    path = f"{base}/{relative}" if relative else base
    parts, names, literal = [], [], []
    for part in path.strip("/").split("/"):
        placeholder = _PLACEHOLDER.fullmatch(part)
        literal.append(placeholder is None)
        if placeholder:
            names.append(placeholder.group(1))
        parts.append("([^/]+)" if placeholder else re.escape(part))
    scope = scope_of(instance, record)
    scope = scope if scope != GLOBAL else scope_of(instance, definition)
    resource = Resource(
        (record["http_method"] or "GET").upper(),
        path,
        partial(_handle, pool, record, definition),
        requires_authentication=record["requires_authentication"] != "false",
        scope=scope,
        service=f"{definition['name']} [{base.removeprefix('/api/')}]",
        reads_raw=True,
        admits=partial(_admits, instance, record, definition),
    )
    return _Route(resource.method, re.compile(f"/{'/'.join(parts)}/?"), tuple(names), tuple(literal), resource)


def _admits(instance: Instance, record: Record, definition: Record, session: Session) -> bool:
    """Tell whether one of the access controls of the resource, or else of the API, lets a caller pass."""
    if record["requires_authentication"] == "false":
        return True
    internal = record["requires_snc_internal_role"] == "true"
    if internal and instance.property_is_true(INTERNAL_ROLE, False) and not session.has_role("snc_internal"):
        session.explain(f"{session.user_name} lacks snc_internal, which {record['name']} requires")
        return False
    if record["requires_acl_authorization"] == "false":
        return True
    listed = record["enforce_acl"] or definition["enforce_acl"]
    wanted = comma_list(listed)
    return not wanted or instance.access.passes_any(session, wanted)


# one request ----------------------------------------------------------------------------------


def _handle(pool: Pool, record: Record, definition: Record, request: ScriptRequest) -> ScriptResponse:
    session = request.session
    refused = _refused_media(record, definition, request)
    if refused is not None:
        return refused
    name = f"sys_ws_operation {definition['name']} {record['http_method']} {record['relative_path']}"
    instance = session.instance
    try:
        with instance.transaction():
            # What was written stays when the script fails, and is taken back when it was stopped.
            try:
                return _run(pool, record, name, request)
            except ScriptCancelled:
                raise
            except (ScopeAccessNotGranted, TableScopeRefused) as refusal:
                return failure(500, refusal.message, refusal.detail)
            except ScriptThrew as error:
                tell(session, error, f"scripted REST resource {definition['name']} {record['relative_path']}")
                return failure(500, error.message, "")
    except ScriptCancelled as stopped:
        session.explain(f"{name} was stopped: its {stopped.reason} is used up")
        return failure(500, stopped.message, stopped.detail)


def _refused_media(record: Record, definition: Record, request: ScriptRequest) -> ScriptResponse | None:
    raw = request.raw
    if raw is None or not raw.body or not raw.content_type:
        return None
    listed = (
        record["consumes"] if record["consumes_customized"] == "true" and record["consumes"] else definition["consumes"]
    )
    allowed = [each.strip().lower() for each in listed.split(",") if each.strip()]
    given = raw.content_type.partition(";")[0].strip().lower()
    standard = ("application/json", "application/xml", "text/xml")
    if given in (allowed or standard) or given == "application/x-www-form-urlencoded":
        return None
    if not allowed and given.startswith("application/") and given.endswith(("+json", "+xml")):
        return None
    if any(each in ("*/*", f"{given.partition('/')[0]}/*") for each in allowed):
        return None
    raise UnsupportedMediaType


def _run(pool: Pool, record: Record, name: str, request: ScriptRequest) -> ScriptResponse:
    session, raw = request.session, request.raw
    with pool.run(session) as run:
        pool.rearm(run)
        run.web = WebRequest(read_data=partial(_body, session.instance, request))
        if raw is not None:
            run.web.raw = raw.body
            run.web.text = raw.body.decode("utf-8", "replace")
        try:
            with run.in_scope(session.scope):
                given = {
                    "scope": session.scope,
                    "script": run.package(name, record["operation_script"]),
                    "request": _described(record, request),
                }
                answer = run.enter("operation", name, given)
            return _answered(run, session.instance, answer)
        finally:
            run.web = None


def _body(instance: Instance, request: ScriptRequest) -> Any:
    raw = request.raw
    if raw is None:
        return request.body
    limit = whole_number(instance.property("glide.rest.scripted.max_inbound_content_length_mb"), 10) * MEGABYTE
    if len(raw.body) > limit:
        raise PayloadTooLarge(len(raw.body), limit)
    return raw.read()


def _described(record: Record, request: ScriptRequest) -> dict[str, Any]:
    raw = request.raw
    described: dict[str, Any] = {"path_parameters": dict(request.path_parameters)}
    if raw is None:
        return described | {
            "query": {name: [value] for name, value in request.query.items()},
            "headers": dict(request.headers),
            "query_string": "",
            "path": "",
            "url": "",
            "accepted": [],
            "has_body": request.body is not None,
        }
    return described | {
        "query": {name: list(values) for name, values in raw.query.items()},
        "headers": dict(raw.headers),
        "query_string": raw.query_string,
        "path": raw.path,
        "url": raw.url,
        "accepted": list(raw.accepted),
        "has_body": record["http_method"].upper() in ("POST", "PUT", "PATCH", "DELETE") and bool(raw.body),
    }


def _answered(run: Run, instance: Instance, answer: Mapping[str, Any]) -> ScriptResponse:
    headers = {str(name): str(value) for name, value in answer["headers"].items()}
    if answer["error"] is not None:
        error = answer["error"]
        detail = error["detail"]
        if detail is None and instance.property("sandtable.script.rest_error_detail", "empty") == "empty":
            detail = ""
        told = failure(int(error["status"]), error["message"], detail)
        return ScriptResponse(told.status, told.body, headers, raw=True)
    status = 200 if answer["status"] is None else int(answer["status"])
    if answer["stream"] is not None:
        return _streamed(run, status, answer["type"], headers, answer["stream"])
    if (
        answer["type"]
        and "json" not in answer["type"]
        and "xml" not in answer["type"]
        and isinstance(answer.get("body"), str)
    ):
        return ScriptResponse(status, answer["body"], {**headers, "Content-Type": answer["type"]}, raw=True)
    if not answer["has_body"]:
        if status == 204 or instance.property(EMPTY_RESULT, "object") == "none":
            return ScriptResponse(status, None, headers)
        return ScriptResponse(status, {}, headers)
    body = answer.get("body")
    return ScriptResponse(status, {} if body is None else body, headers)


def _streamed(
    run: Run, status: int, kind: str | None, headers: dict[str, str], parts: Sequence[Sequence[str]]
) -> ScriptResponse:
    content = b"".join(text.encode() if form == "text" else stream_bytes(run, text) for form, text in parts)
    return ScriptResponse(status, content, {"Content-Type": kind or "application/json", **headers}, raw=True)
