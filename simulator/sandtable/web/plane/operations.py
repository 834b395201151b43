"""What the test plane offers, as data: the routes, the checks of what they are sent, and the OpenAPI document."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING, Any, TypeVar, get_type_hints

from flask import Response, request
from werkzeug.routing import Rule

from sandtable.faults.forms import BadForm, read
from sandtable.web.environ import PLANE_PREFIX
from sandtable.web.plane.plane_answers import as_json, refusal
from sandtable.web.transaction import current
from sandtable.web.worlds.worlds import WorldError

if TYPE_CHECKING:
    from sandtable.core.platform.instance import Instance
    from sandtable.web.worlds.worlds import World, Worlds

T = TypeVar("T")
JSON_TYPES = ("application/json",)
LARGEST_BODY = 1024 * 1024 * 1024
_PLACEHOLDER = re.compile(r"\{(\w+)\}")


class PlaneError(Exception):
    """A request to the plane that cannot be carried out: status, field, what is wrong, and what to do."""

    def __init__(self, status: int, field_name: str, problem: str, fix: str) -> None:
        self.status, self.field, self.problem, self.fix = status, field_name, problem, fix
        super().__init__(f"{field_name}: {problem}; {fix}")


def not_found(what: str, name: str, known: list[str]) -> PlaneError:
    """Return the refusal of a name that nothing has."""
    fix = f"there are {', '.join(known)}" if known else "there are none"
    return PlaneError(404, what, f"there is no {what} {name!r}", fix)


class Call:
    """One request to the plane as a view sees it."""

    def __init__(self) -> None:
        transaction = current()
        self.world: World = transaction.world
        self.worlds: Worlds = request.environ["sandtable.web.worlds.worlds"]
        self.settings = transaction.settings

    @property
    def instance(self) -> Instance:
        return self.world.instance

    @property
    def content_type(self) -> str:
        """The media type of the body, without parameters."""
        return (request.headers.get("Content-Type") or "").partition(";")[0].strip().lower()

    def data(self) -> bytes:
        """Return the bytes of the body."""
        return request.get_data(cache=False)

    def json(self) -> Any:
        """Return the body as JSON, an empty object without one. Raises PlaneError."""
        data = self.data()
        if not data:
            return {}
        try:
            return json.loads(data)
        except (ValueError, RecursionError) as error:
            raise PlaneError(400, "body", f"is not JSON: {error}", "send a JSON object") from None

    def form(self, kind: type[T]) -> T:
        """Return the body read into a form. Raises PlaneError and BadForm."""
        return read(kind, self.json())

    def query(self, kind: type[T]) -> T:
        """Return the query parameters read into a form. Raises BadForm."""
        hints = get_type_hints(kind)
        names = {item.name for item in fields(kind)}  # type: ignore[arg-type]
        given: dict[str, Any] = {}
        for name, texts in request.args.lists():
            if len(texts) > 1:
                raise BadForm(name, f"is given {len(texts)} times", "give it once")
            text = texts[0]
            given[name] = _from_text(hints[name], text) if name in names else text
        return read(kind, given)


def _from_text(kind: Any, text: str) -> Any:
    """Return a query parameter as the JSON value that its type asks for; what is none stays text and is refused."""
    kinds = str(kind)
    if "bool" in kinds:
        return {"true": True, "1": True, "false": False, "0": False}.get(text.lower(), text)
    if "int" in kinds:
        return int(text) if re.fullmatch(r"-?\d{1,18}", text, re.ASCII) else text
    return text


@dataclass(frozen=True, slots=True)
class Operation:
    """One thing the plane can do. A view gets the call and what stands in the path, and returns JSON or a Response.

    `body` and `query` are forms; a body that is something else is described by `media_types`.
    """

    method: str
    path: str
    view: Callable[..., Any]
    topic: str
    summary: str
    body: type | None = None
    query: type | None = None
    media_types: tuple[str, ...] = JSON_TYPES
    answer: str = "What was asked for."
    answer_type: str = "application/json"
    status: int = 200
    example: Any = field(default=None)

    @property
    def name(self) -> str:
        """A name that no other operation has."""
        words = re.sub(r"[^a-z0-9]+", "_", self.path.lower()).strip("_")
        return f"{self.method.lower()}_{words}"

    @property
    def placeholders(self) -> list[str]:
        """The names of what stands in the path."""
        return _PLACEHOLDER.findall(self.path)


def route(operation: Operation) -> Rule:
    """Return the routing rule of an operation, whose name is its endpoint."""
    path = PLANE_PREFIX + _PLACEHOLDER.sub(r"<\1>", operation.path)
    return Rule(path, endpoint=operation.name, methods=[operation.method])


def answer_by(operation: Operation, placeholders: Mapping[str, str]) -> Response:
    """Return the answer of an operation to the current request, a refusal of what it was sent included."""
    try:
        if operation.query is None and request.args:
            raise BadForm(next(iter(request.args)), "is no query parameter here", "leave it out")
        found = operation.view(Call(), **placeholders)
    except PlaneError as error:
        return refusal(error.status, error.field, error.problem, error.fix)
    except BadForm as error:
        return refusal(422, error.field, error.problem, error.fix)
    except WorldError as error:
        return refusal(422, "name", str(error), "GET /_sandtable/worlds lists the worlds there are")
    return found if isinstance(found, Response) else as_json(found, operation.status)
