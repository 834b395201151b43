"""Endpoints of one's own: scripted REST resources that a test declares, without an application that brings them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sandtable.core.applications.scripted_resources import Resource, ScriptRequest, ScriptResponse, matching
from sandtable.faults.forms import REQUIRED, BadForm, entry

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
# Scripted REST resources live below the namespace of a scope; these hold the platform's own APIs.
OF_THE_PLATFORM = frozenset({"now", "sn_sc", "sn_chg_rest", "global"})
Answering = Callable[[ScriptRequest], Any]
_PATH = re.compile(r"/api/(?P<namespace>\w+)(?:/(?:[\w.~-]+|\{[A-Za-z_]\w*\}))+")
_HEADER = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")


@dataclass(frozen=True, slots=True)
class Stub:
    """One endpoint and what it answers: `json`, or `text`, with a status and headers.

    The body is sent as it is given, not below `result`. It asks for credentials as the product does, unless
    `authentication` is false.
    """

    method: str = entry(REQUIRED, "the method", one_of=METHODS)
    path: str = entry(REQUIRED, "the path; {name} stands for a segment", example="/api/x_acme/thing/{id}")
    status: int = entry(200, "the status", least=200, most=599)
    json: Any = entry(None, "the body, as JSON")
    text: str = entry("", "the body, as text, in the place of json")
    headers: dict[str, str] = entry(dict, "headers of the answer")
    authentication: bool = entry(True, "false: who has not signed in may call as well")

    def __post_init__(self) -> None:
        """Raise BadForm, which names the field and the fix."""
        found = _PATH.fullmatch(self.path)
        if found is None:
            raise BadForm(
                "path", f"{self.path!r} is no path of a scripted REST resource", "such as /api/x_acme/thing/{id}"
            )
        if found["namespace"] in OF_THE_PLATFORM:
            raise BadForm(
                "path", f"/api/{found['namespace']} is the platform's own", "use a scope of yours, or a fault"
            )
        names = re.findall(r"\{(\w+)\}", self.path)
        if len(names) != len(set(names)):
            raise BadForm("path", "names a segment twice", "give each its own name")
        if self.json is not None and self.text:
            raise BadForm("text", "is given beside json", "give one of them")
        for name, value in self.headers.items():
            if not _HEADER.fullmatch(name) or not isinstance(value, str) or re.search(r"[\r\n\0]", value):
                raise BadForm("headers", f"{name!r} cannot be sent", "give names and values of HTTP headers, as text")

    def shown(self) -> dict[str, Any]:
        """Return the stub as the test plane shows it."""
        return {
            "method": self.method,
            "path": self.path,
            "status": self.status,
            "json": self.json,
            "text": self.text,
            "headers": dict(self.headers),
            "authentication": self.authentication,
        }


class Stubs:
    """The stubs of a world. One of the same method and path takes the place of an earlier one; the latest wins."""

    def __init__(self) -> None:
        self._resources: tuple[Resource, ...] = ()
        self._stubs: dict[tuple[str, str], Stub] = {}
        self._first: tuple[Stub, ...] = ()

    def begin_with(self, stubs: Iterable[Stub]) -> None:
        """Have these endpoints now, and after each reset."""
        self._first = tuple(stubs)
        self.reset()

    def reset(self) -> None:
        """Go back to the endpoints that there were at the beginning."""
        self.clear()
        for each in self._first:
            self.add(each)

    def add(self, stub: Stub, answering: Answering | None = None) -> None:
        """Add an endpoint, answered as the stub says or by a function, whose dict or list is sent as it is."""
        handler = _calling(answering) if answering is not None else _saying(stub)
        self.remove(stub.method, stub.path)
        resource = Resource(stub.method, stub.path, handler, requires_authentication=stub.authentication)
        self._resources = (resource, *self._resources)
        self._stubs[stub.method, stub.path] = stub

    def remove(self, method: str, path: str) -> bool:
        """Take an endpoint away; return whether it was there."""
        self._resources = tuple(each for each in self._resources if (each.method, each.path) != (method, path))
        return self._stubs.pop((method, path), None) is not None

    def clear(self) -> None:
        """Take all endpoints away."""
        self._resources = ()
        self._stubs.clear()

    def all(self) -> list[Stub]:
        """Return the stubs, in the order in which they were added."""
        return list(self._stubs.values())

    def matching(self, method: str, path: str) -> tuple[Resource, dict[str, str]] | None:
        """Return the stub for a method and path with the path's parameters, or None."""
        return matching(self._resources, method, path)


def _saying(stub: Stub) -> Callable[[ScriptRequest], ScriptResponse]:
    body = stub.json if stub.json is not None else stub.text or None
    headers: Mapping[str, str] = dict(stub.headers)
    return lambda request: ScriptResponse(stub.status, body, headers, raw=True)


def _calling(answering: Answering) -> Callable[[ScriptRequest], ScriptResponse]:
    def call(request: ScriptRequest) -> ScriptResponse:
        given = answering(request)
        return given if isinstance(given, ScriptResponse) else ScriptResponse(200, given, raw=True)

    return call
