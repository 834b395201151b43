"""Flask's request cycle, without the parts of it that nothing here uses.

Flask routes, and gives views and error handlers `request` and `g`. What a plain `Flask` does for each request beside
that is left out: its session (the product's cookies are ours to make), signals, hooks of blueprints, and the search
through the URL map for an address that was routed before. A bare route costs a quarter of Flask's own time.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from copy import copy
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

from flask import Flask, Request, Response
from flask.ctx import AppContext, RequestContext
from flask.globals import _cv_app, _cv_request
from werkzeug.datastructures import EnvironHeaders, ImmutableMultiDict
from werkzeug.exceptions import HTTPException
from werkzeug.utils import cached_property
from werkzeug.wsgi import get_host

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

ROUTES_KEPT = 4_096


class _NoArguments(ImmutableMultiDict[str, str]):
    def get(self, key: str, default: Any = None, type: Any = None) -> Any:  # type: ignore[override]  # noqa: A002
        """Return the default, without what werkzeug does to tell that there is nothing."""
        return default


NO_ARGUMENTS = _NoArguments()
# An address that werkzeug would write as it is: its host in lower case, and nothing that needs to be quoted.
_LENGTHS = frozenset(map(len, ("Location", "Content-Location")))
_PLAIN_ADDRESS = re.compile(r"https?://[a-z0-9.\-]+(?::[1-9]\d{0,3}|:[1-5]\d{4})?/[a-z0-9/_]*")


class LeanRequest(Request):
    """A request that is read off its environment as far as somebody asks."""

    def __init__(self, environ: WSGIEnvironment) -> None:  # noqa: D107 - the same as its parent's, and not more
        self.environ = environ
        self.shallow = False
        self.method = environ["REQUEST_METHOD"]
        self.scheme = environ["wsgi.url_scheme"]
        self.path = "/" + environ["PATH_INFO"].encode("latin-1").decode("utf-8", "replace").lstrip("/")
        self.query_string = environ["QUERY_STRING"].encode("latin-1")
        self.headers = EnvironHeaders(environ)
        self.remote_addr = environ.get("REMOTE_ADDR")

    @cached_property
    def server(self) -> tuple[str, int | None] | None:
        name = self.environ.get("SERVER_NAME")
        return (name, int(self.environ.get("SERVER_PORT") or 0) or None) if name is not None else None

    @cached_property
    def root_path(self) -> str:
        return str(self.environ.get("SCRIPT_NAME", "")).encode("latin-1").decode("utf-8", "replace").rstrip("/")

    @cached_property
    def args(self) -> Any:
        if not self.query_string:
            return NO_ARGUMENTS
        try:
            return super().args
        except UnicodeDecodeError:  # bytes that are no UTF-8, sent as they are
            text = self.query_string.decode("utf-8", "replace")
            return self.parameter_storage_class(parse_qsl(text, keep_blank_values=True))


class _Context(RequestContext):
    """What `request` and `g` find while one request is answered."""

    def __init__(self, app: Application, asked: LeanRequest) -> None:
        self.app = app
        self.request = asked
        self.url_adapter = None
        self.flashes = None
        self._session = None
        self._after_request_functions = []
        self._cv_tokens = []


class _AppContext(AppContext):
    def __init__(self, app: Application) -> None:
        self.app = app
        self.url_adapter = None
        self.g = app.app_ctx_globals_class()
        self._cv_tokens = []


class Application(Flask):
    """A Flask application with one function before, one after and one at the end of every request."""

    request_class = LeanRequest

    def __init__(self, name: str) -> None:
        super().__init__(name, static_folder=None)
        self._begin: Callable[[], Response | None] = lambda: None
        self._finish: Callable[[Response], Response] = lambda answer: answer
        self._end: Callable[[], None] = lambda: None
        self._routes: dict[tuple[str, str, str], tuple[Any, Mapping[str, Any]]] = {}

    def serving(
        self,
        *,
        begin: Callable[[], Response | None],
        finish: Callable[[Response], Response],
        end: Callable[[], None],
    ) -> Application:
        """Return an application with the same routes, views and error handlers, and functions of its own.

        `begin()` runs first and may answer; `finish(answer)` returns what is sent; `end()` runs last.
        """
        twin = copy(self)
        twin.extensions = dict(self.extensions)
        twin._begin, twin._finish, twin._end = begin, finish, end
        return twin

    def answer(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer one request."""
        asked = LeanRequest(environ)
        app_token = _cv_app.set(_AppContext(self))
        token = _cv_request.set(_Context(self, asked))
        try:
            self._route(asked)
            answer = self._answered(asked)
            try:
                answer = self._finish(answer)
            except Exception as error:
                # Something went wrong with an answer that was made; the answer that says so goes the same way.
                answer = self._finish(self.make_response(self.handle_user_exception(error)))
            return sent(answer, environ, start_response)
        finally:
            try:
                self._end()
                if "files" in asked.__dict__:
                    asked.close()
            finally:
                _cv_request.reset(token)
                _cv_app.reset(app_token)

    def _answered(self, asked: LeanRequest) -> Response:
        try:
            answer = self._begin()
            if answer is not None:
                return answer
            if asked.routing_exception is not None:
                raise asked.routing_exception
            made: Any = self.view_functions[asked.url_rule.endpoint](**asked.view_args)  # type: ignore[union-attr, arg-type]
        except Exception as error:
            made = self.handle_user_exception(error)
        return made if isinstance(made, Response) else self.make_response(made)

    def _route(self, asked: LeanRequest) -> None:
        environ = asked.environ
        key = (asked.method, asked.path, environ.get("HTTP_HOST", ""))
        found = self._routes.get(key)
        if found is None:
            try:
                get_host(environ)  # refuses what is no host
                found = self.url_map.bind_to_environ(environ).match(return_rule=True)
            except HTTPException as error:
                asked.routing_exception = error
                return
            if len(self._routes) >= ROUTES_KEPT:
                self._routes.clear()
            self._routes[key] = found
        asked.url_rule = found[0]
        asked.view_args = dict(found[1])


def _is_plain(name: str, value: str) -> bool:
    """Tell whether a header is none that werkzeug would write in another way."""
    lowered = name.lower()
    return lowered != "content-location" and (lowered != "location" or _PLAIN_ADDRESS.fullmatch(value) is not None)


def sent(answer: Response, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
    """Begin an answer and return its body: a list where it is whole, and werkzeug's own way for all others."""
    body = answer.response
    status = answer.status_code
    plain = type(body) is list and not answer.automatically_set_content_length and not answer._on_close  # noqa: SLF001
    if plain and status >= 200 and status != 304:
        headers = answer.headers.to_wsgi_list()
        if all(_is_plain(name, value) for name, value in headers if len(name) in _LENGTHS):
            start_response(answer.status, headers)
            empty = environ["REQUEST_METHOD"] == "HEAD" or status == 204
            return [] if empty else [each.encode() if isinstance(each, str) else each for each in body]
    return answer(environ, start_response)
