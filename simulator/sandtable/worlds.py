"""Several instances behind one server, told apart by host name or by path."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from sandtable.web.sessions import LiveSessions

if TYPE_CHECKING:
    from sandtable.core.instance import Instance

PATH_PREFIX = "/_worlds/"
_NAME = re.compile(r"[a-z0-9][a-z0-9\-]{0,62}", re.IGNORECASE)


class WorldError(ValueError):
    """A world that cannot be made, forked or dropped; the text says why."""


class World:
    """One instance and what the web keeps beside it: its live sessions, and the slots of the test plane."""

    def __init__(self, name: str, instance: Instance) -> None:
        self.name = name
        self.instance = instance
        self.sessions = LiveSessions(instance)
        self.journal: Any = None
        self.faults: Any = None


class Worlds:
    """The default instance, and others by name.

    A request whose path begins with `/_worlds/<name>/`, or whose host name begins with `<name>.`, is for that world;
    every other one is for the default. `make(name, **options)` creates the instance of a new world.
    """

    def __init__(self, default: Instance, make: Callable[..., Instance] | None = None) -> None:
        self._default = World(default.name, default)
        self._make = make
        self._worlds: dict[str, World] = {}
        self._lock = threading.Lock()

    @property
    def default(self) -> Instance:
        """The instance of every request that names no world."""
        return self._default.instance

    def names(self) -> list[str]:
        """Return the names of all worlds, the default first."""
        with self._lock:
            return [self._default.name, *self._worlds]

    def world(self, name: str) -> World:
        """Return a world by name; raises WorldError when there is none."""
        if name == self._default.name:
            return self._default
        found = self._worlds.get(name.lower())
        if found is None:
            raise WorldError(f"no world is called {name!r}; there are {', '.join(self.names())}")
        return found

    def find(self, host: str, path: str) -> tuple[World, str]:
        """Return the world a request is for, and the path inside it."""
        if path.startswith(PATH_PREFIX):
            name, slash, rest = path[len(PATH_PREFIX) :].partition("/")
            if name == self._default.name:
                return self._default, slash + rest or "/"
            if name.lower() in self._worlds:
                return self._worlds[name.lower()], slash + rest or "/"
        elif self._worlds:
            found = self._worlds.get(host.partition(".")[0].lower())
            if found is not None:
                return found, path
        return self._default, path

    def resolve(self, host: str, path: str) -> tuple[Instance, str]:
        """Return the instance a request is for, and the path inside it."""
        world, inside = self.find(host, path)
        return world.instance, inside

    def create(self, name: str, **options: Any) -> Instance:
        """Make a new world; raises WorldError when the name is taken or is no host name label."""
        if self._make is None:
            raise WorldError("this server was started without the means to make worlds")
        return self._add(name, lambda: self._make(name, **options))  # type: ignore[misc]

    def fork(self, name: str, source: str) -> Instance:
        """Make a new world with a copy of another's records, clock and settings; raises WorldError as `create`."""
        original = self.world(source).instance
        return self._add(name, lambda: original.fork(name))

    def drop(self, name: str) -> None:
        """Forget a world; raises WorldError for the default one and for an unknown name."""
        if name == self._default.name:
            raise WorldError(f"{name} is the default world and stays")
        self.world(name)
        with self._lock:
            self._worlds.pop(name.lower(), None)

    def _add(self, name: str, make: Callable[[], Instance]) -> Instance:
        if not _NAME.fullmatch(name):
            raise WorldError(f"a world's name is letters, digits and hyphens, not {name!r}")
        key = name.lower()
        if key in self._worlds or key == self._default.name.lower():
            raise WorldError(f"there is a world called {name} already")
        world = World(name, make())
        with self._lock:
            if key in self._worlds:
                raise WorldError(f"there is a world called {name} already")
            self._worlds[key] = world
        return world.instance
