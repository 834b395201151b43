"""A request as faults look at it, before any credentials are checked."""

from __future__ import annotations

import base64
import binascii
import io
from collections.abc import Mapping
from functools import cached_property
from http.cookies import CookieError, SimpleCookie
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

from sandtable.core.values.errors import PlatformError
from sandtable.oauth import tokens
from sandtable.web.environ import decoded_path, request_headers
from sandtable.web.wire.api_identity import RestApi, api_of
from sandtable.web.worlds.sessions import COOKIE

if TYPE_CHECKING:
    from sandtable.core.platform.record import Record
    from sandtable.web.worlds.worlds import World

LARGEST_REPLAYED = 32 * 1024 * 1024


class WireRequest:
    """One request, read off its WSGI environment as far as somebody asks; see `sandtable.faults.wire.Request`."""

    def __init__(self, environ: dict[str, Any], world: World) -> None:
        self._environ = environ
        self._world = world
        self.method: str = environ.get("REQUEST_METHOD", "GET")
        self.path = decoded_path(environ)

    @cached_property
    def query(self) -> Mapping[str, str]:
        return dict(parse_qsl(self._environ.get("QUERY_STRING", ""), keep_blank_values=True))

    @cached_property
    def headers(self) -> Mapping[str, str]:
        return request_headers(self._environ)

    @cached_property
    def body_bytes(self) -> bytes:
        """The whole body, which stays readable for the application; empty when it is too large to be kept."""
        environ = self._environ
        length = environ.get("CONTENT_LENGTH") or ""
        stream = environ.get("wsgi.input")
        if stream is None or (not length and not _ends_by_itself(environ)):
            return b""
        if length and (not length.isdigit() or int(length) > LARGEST_REPLAYED):
            return b""
        try:
            data: bytes = stream.read(int(length)) if length else stream.read()
        except (PlatformError, ValueError, OSError):
            # Cut off, or broken chunks: the application finds the same when it reads on, and says so.
            return b""
        environ["wsgi.input"] = io.BytesIO(data)
        environ["CONTENT_LENGTH"] = str(len(data))
        environ["wsgi.input_terminated"] = True
        environ.pop("HTTP_TRANSFER_ENCODING", None)
        return data

    @property
    def body(self) -> str:
        return self.body_bytes.decode("utf-8", "replace")

    @cached_property
    def _api(self) -> RestApi | None:
        instance = self._world.instance
        with instance.lock:
            return api_of(instance, self.method, self.path)

    @property
    def table(self) -> str:
        return self._api.table if self._api is not None else ""

    @property
    def api(self) -> str:
        return self._api.name if self._api is not None else ""

    @cached_property
    def user(self) -> str:
        """Who the credentials say they are, whether or not they are good."""
        word, _, credentials = self.headers.get("authorization", "").strip().partition(" ")
        if word.lower() == "basic":
            return _basic_user(credentials.strip())
        instance = self._world.instance
        with instance.lock:
            if word.lower() == "bearer":
                token = tokens.find(instance, credentials.strip(), tokens.ACCESS)
                return _name_of(instance.system().table("sys_user").find(token["user"]) if token else None)
            live = self._world.sessions.peek(_cookie(self.headers.get("cookie", "")))
            return _name_of(instance.system().table("sys_user").find(live.user_sys_id) if live else None)


def _ends_by_itself(environ: Mapping[str, Any]) -> bool:
    return bool(environ.get("wsgi.input_terminated")) or "chunked" in environ.get("HTTP_TRANSFER_ENCODING", "").lower()


def _basic_user(credentials: str) -> str:
    try:
        return base64.b64decode(credentials, validate=True).partition(b":")[0].decode("utf-8", "replace")
    except (binascii.Error, ValueError):
        return ""


def _cookie(header: str) -> str:
    try:
        found = SimpleCookie(header).get(COOKIE)
    except CookieError:
        return ""
    return found.value if found is not None else ""


def _name_of(user: Record | None) -> str:
    return user["user_name"] if user is not None else ""
