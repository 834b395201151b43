"""Scripted REST resources: the endpoints that installed applications bring along."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache, wraps
from typing import TYPE_CHECKING, Any

from sandtable.core.values.errors import ScopeAccessNotGranted, TableScopeRefused

if TYPE_CHECKING:
    from sandtable.core.platform.contracts import Instance, Session

_PLACEHOLDER = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True, slots=True)
class ScriptRequest:
    """What a resource's script sees of a request; `body` is the parsed JSON or XML, None without one.

    `session` acts in the scope of the resource's application. Header names are lower case.
    """

    session: Session
    path_parameters: Mapping[str, str] = field(default_factory=dict)
    query: Mapping[str, str] = field(default_factory=dict)
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)
    raw: RawRequest | None = None


@dataclass(frozen=True, slots=True)
class RawRequest:
    """The same request before anybody has read it, for resources that are records.

    `query` has all values of each parameter, `headers` the names as they were sent; `path` and `url` have no host and a
    host. `read` parses the body as JSON or XML and raises as the wire does.
    """

    url: str
    path: str
    query_string: str
    query: Mapping[str, list[str]]
    headers: Mapping[str, str]
    body: bytes
    content_type: str
    accepted: tuple[str, ...]
    read: Callable[[], Any]


@dataclass(frozen=True, slots=True)
class ScriptResponse:
    """What a script answers. The body is wrapped as `{"result": body}` unless `raw`; a raw text is sent as it is."""

    status: int = 200
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)
    raw: bool = False


Handler = Callable[[ScriptRequest], "ScriptResponse | dict[str, Any] | list[Any]"]


@dataclass(frozen=True, slots=True)
class Resource:
    """One endpoint: method, path such as `/api/x_app/service/incident/{id}/notes`, and the script.

    `roles`: any one is enough, none means that everybody who logged in may call. `service` is the API's display name
    followed by its base path, `Elastic ITSM API [x_elas2_inc_int/elastic_api]`. A version segment after the namespace
    (`/api/x_app/v1/service/...`) is accepted. `reads_raw`: the body is left to the script, and so is what it accepts.
    `admits` may turn a caller away who has passed everything else.
    """

    method: str
    path: str
    handler: Handler
    requires_authentication: bool = True
    roles: tuple[str, ...] = ()
    scope: str = "global"
    service: str = ""
    reads_raw: bool = False
    admits: Callable[[Session], bool] | None = None


@lru_cache(maxsize=1024)
def _pattern(path: str) -> re.Pattern[str]:
    """Compile a path of an application; a pure function, so remembering its results shares no state."""
    _, api, namespace, *rest = path.split("/")
    tail = "".join(f"/{_segment(part)}" for part in rest)
    return re.compile(rf"/{re.escape(api)}/{re.escape(namespace)}(?:/v\d+)?{tail}/?")


def _segment(part: str) -> str:
    found = _PLACEHOLDER.fullmatch(part)
    return f"(?P<{found[1]}>[^/]+)" if found else re.escape(part)


def matching(resources: Iterable[Resource], method: str, path: str) -> tuple[Resource, dict[str, str]] | None:
    """Return the first resource for a method and path with the path's parameters, or None."""
    for resource in resources:
        if resource.method == method:
            found = _pattern(resource.path).fullmatch(path)
            if found:
                return resource, found.groupdict()
    return None


@dataclass(frozen=True, slots=True)
class ResourcesOfRecords:
    """Where resources that are records are asked for, by instance, method and path; as a part of an instance."""

    match: Callable[[Instance, str, str], tuple[Resource, dict[str, str]] | None] = lambda instance, method, path: None


def answering_refusals(handler: Handler) -> Handler:
    """Return a handler that answers a cross-scope refusal as the platform does: status 500 and the exception's text.

    The refusal is an answer and not an exception, so that the privilege it requested stays written.
    """

    @wraps(handler)
    def answer(request: ScriptRequest) -> ScriptResponse | dict[str, Any] | list[Any]:
        try:
            return handler(request)
        except (ScopeAccessNotGranted, TableScopeRefused) as refusal:
            return failure(500, refusal.message, refusal.detail)

    return answer


def failure(status: int, message: str, detail: str | None = None) -> ScriptResponse:
    """Return the platform's error envelope as a script's answer."""
    return ScriptResponse(status, {"error": {"message": message, "detail": detail}, "status": "failure"}, raw=True)
