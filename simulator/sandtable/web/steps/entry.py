"""What happens to a request before it is routed: which world it is for, and which method it really means."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sandtable.web.worlds.worlds import Worlds

OVERRIDABLE = frozenset({"GET", "POST", "PUT", "PATCH", "DELETE", "HEAD"})


def select_world(worlds: Worlds, environ: dict[str, Any]) -> None:
    """Note the world in the environment, and take its prefix off the path."""
    path = environ.get("PATH_INFO", "")
    world, inside = worlds.find(environ.get("HTTP_HOST", ""), path)
    environ["sandtable.world"], environ["sandtable.web.worlds.worlds"] = world, worlds
    if inside != path:
        environ["SCRIPT_NAME"] = environ.get("SCRIPT_NAME", "") + path[: len(path) - len(inside)]
        environ["PATH_INFO"] = inside


def override_method(worlds: Worlds, environ: dict[str, Any]) -> None:
    """Let `X-HTTP-Method-Override` on a POST say what is meant, before anything asks for the method."""
    meant = environ.get("HTTP_X_HTTP_METHOD_OVERRIDE", "").strip().upper()
    if environ.get("REQUEST_METHOD") == "POST" and meant in OVERRIDABLE:
        environ["REQUEST_METHOD"] = meant
