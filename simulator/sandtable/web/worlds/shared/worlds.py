"""The worlds of a database that several processes have in common: each of them answers for every world."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from sandtable.core.values.errors import DatabaseUnavailable
from sandtable.web.worlds.worlds import PATH_PREFIX, World, WorldError, Worlds

if TYPE_CHECKING:
    from sandtable.core.platform.instance import Instance


class SharedWorlds(Worlds):
    """The worlds in one database; one that another process has made is opened when somebody asks for it.

    `opened(name, **options)` returns the instance of a world, which is made where there is none.
    """

    def __init__(
        self, default: Instance, make: Callable[..., Instance], opened: Callable[..., Instance], store: Any
    ) -> None:
        super().__init__(default, make)
        self._opened = opened
        self._store = store

    def names(self) -> list[str]:
        """Return the names of all worlds, the default first."""
        return [self._default.name, *self._places()]

    def world(self, name: str) -> World:
        """Return a world by name; raises WorldError when there is none."""
        found = self._default if name == self._default.name else self._known(name)
        if found is None:
            raise WorldError(f"no world is called {name!r}; there are {', '.join(self.names())}")
        return found

    def all_facts(self) -> list[Any]:
        """Return what is told of each world, the default first."""
        return [self.world(name).facts() for name in self.names()]

    def find(self, host: str, path: str) -> tuple[World, str]:
        """Return the world a request is for, and the path inside it."""
        if path.startswith(PATH_PREFIX):
            name, slash, rest = path[len(PATH_PREFIX) :].partition("/")
            found = self._default if name == self._default.name else self._known(name)
            if found is not None:
                return found, slash + rest or "/"
        elif "." in host and not host[0].isdigit():
            label = host.partition(".")[0]
            found = self._known(label) if label.lower() != self._default.name.lower() else None
            if found is not None:
                return found, path
        return self._default, path

    def may_wait(self) -> bool:
        """Tell that any answer may take time: the database may, and another process may have planned a fault."""
        return True

    def free_name(self) -> str:
        """Return a name that no world has had so far."""
        return f"world-{self._default.instance.store.beside.next('world')}"

    def create(self, name: str, **options: Any) -> Instance:
        """Make a new world; raises WorldError when the name is taken, is no host name label, or for an option."""
        if options.get("random_seed") is not None:
            raise WorldError("several processes give out ids, which cannot be made repeatable; leave out random_seed")
        with self._alone(name):
            world = self._world(name, self._opened(name, **options))
        if options:
            world.keep_origin(world.instance.image())
        return self._add(world)

    @contextmanager
    def _alone(self, name: str) -> Iterator[None]:
        """Be the only one who makes a world of this name. Raises WorldError where there is one."""
        with self._default.instance.store.beside.turn(f"world {name.lower()}"):
            self._check(name)
            yield

    def _world(self, name: str, instance: Instance) -> World:
        return World(name, instance, remake=lambda: self._make_anew(name))

    def _make_anew(self, name: str) -> Instance:
        assert self._make is not None
        return self._make(name)

    def fork(self, name: str, source: str) -> Instance:
        """Make a new world with a copy of another's records, clock and settings; raises WorldError as `create`."""
        image = self.world(source).instance.image()
        with self._alone(name):
            instance = self._opened(name)
            instance.load_image(image)
        world = self._world(name, instance)
        world.keep_origin(image)
        return self._add(world)

    def drop(self, name: str) -> None:
        """Forget a world; raises WorldError for the default one and for an unknown name."""
        super().drop(name)
        self._store.drop(name.lower())

    def drop_all(self) -> None:
        """Forget all worlds but the default one, and the names that were given out."""
        for name in self._places():
            self.drop(name)
        self._default.instance.store.beside.begin_again("world")

    def _places(self) -> dict[str, str]:
        places: dict[str, str] = self._store.places()
        return places

    def _known(self, name: str) -> World | None:
        known = self._worlds.get(name.lower())
        try:
            place = self._store.place(name.lower())
        except DatabaseUnavailable:
            return known  # which says so itself
        if place is None:
            if known is not None:
                with self._lock:
                    self._worlds.pop(name.lower(), None)
                known.instance.visits.moved()
            return None
        if known is None or known.instance.store.place != place:
            world = self._world(name, self._opened(name.lower()))
            with self._lock:
                known = self._worlds[name.lower()] = world
            self._begin(world)
        return known

    def _add(self, world: World) -> Instance:
        with self._lock:
            self._worlds[world.name.lower()] = world
        self._begin(world)
        return world.instance

    def _begin(self, world: World) -> None:
        world.stubs.begin_with(self._stubs)
        if self._watching is not None:
            self._watching(world.instance)

    def _check(self, name: str) -> None:
        there = self._places()
        with self._lock:  # those that others have dropped, which nobody may have asked for here since
            for known in [
                each for each, world in self._worlds.items() if world.instance.store.place != there.get(each)
            ]:
                del self._worlds[known]
        super()._check(name)
        if name.lower() in there:
            raise WorldError(f"there is a world called {name} already")
